"""Times a normal number of PyTorch and NumPy; prints nanoseconds as one JSON object."""

import json
import sys
import time

import numpy
import torch

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
generator = numpy.random.default_rng(0)
kinds = {
    "PyTorch randn": lambda: torch.randn(job["count"]),
    "NumPy standard_normal": lambda: generator.standard_normal(job["count"], dtype=numpy.float32),
}
found = {}
for name, act in kinds.items():
    times = []
    for _ in range(job["repeats"] + 1):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    found[name] = 1e9 * sorted(times[1:])[job["repeats"] // 2] / job["count"]
print(json.dumps(found))
