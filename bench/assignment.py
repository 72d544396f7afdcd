"""Times NumPy and SciPy on the assignment of normal rows; prints one JSON object per size."""

import json
import sys
import time

import numpy
from scipy.optimize import linear_sum_assignment

for size, depth, repeats in json.loads(sys.argv[1]):
    generator = numpy.random.default_rng(0)
    data = generator.standard_normal((size, depth), dtype=numpy.float32)
    noise = generator.standard_normal((size, depth), dtype=numpy.float32)
    cost_ms, solve_ms = [], []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        squared = (data * data).sum(1)[:, None] + (noise * noise).sum(1)[None] - 2 * data @ noise.T
        cost = numpy.sqrt(numpy.maximum(squared, 0))
        middle = time.perf_counter()
        linear_sum_assignment(cost)
        cost_ms.append(1e3 * (middle - start))
        solve_ms.append(1e3 * (time.perf_counter() - middle))
    print(json.dumps({"cost": float(numpy.median(cost_ms[1:])), "solve": float(numpy.median(solve_ms[1:]))}), flush=True)
