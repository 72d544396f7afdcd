"""Times PyTorch on the nearest of k candidates: randn, norm, argmin, gather. Prints one JSON object."""

import json
import sys
import time

import torch

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
batch, candidates, shape = job["batch"], job["candidates"], job["shape"]
data = torch.randn(batch, *shape)
times = []
for _ in range(job["repeats"] + 1):
    start = time.perf_counter()
    noise = torch.randn(batch, candidates, *shape)
    distance = (data[:, None] - noise).flatten(2).norm(dim=2)
    chosen = noise[torch.arange(batch), distance.argmin(dim=1)]
    assert chosen.shape == data.shape
    times.append(1e3 * (time.perf_counter() - start))
times = sorted(times[1:])
print(json.dumps({"median": times[len(times) // 2]}))
