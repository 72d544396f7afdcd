"""PyTorch's side of the temporal U-Net's figures: trains or plans as its argument says, prints one JSON object."""

import json
import math
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional


def conv_block(inputs, outputs, kernel):
    return nn.Sequential(nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2), nn.GroupNorm(8, outputs), nn.Mish())


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, features, kernel):
        super().__init__()
        self.first = conv_block(inputs, outputs, kernel)
        self.second = conv_block(outputs, outputs, kernel)
        self.encode = nn.Sequential(nn.Mish(), nn.Linear(features, 2 * outputs))
        self.shortcut = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, condition):
        scale, shift = self.encode(condition).unsqueeze(-1).chunk(2, dim=1)
        return self.second(scale * self.first(x) + shift) + self.shortcut(x)


class TemporalUnet(nn.Module):
    """The conditional temporal U-Net of Diffusion Policy (Chi et al. 2023), without local conditions."""

    def __init__(self, channels, condition, widths, embedding, kernel=5):
        super().__init__()
        self.embedding = embedding
        self.encode = nn.Sequential(
            nn.Linear(embedding, 4 * embedding), nn.Mish(), nn.Linear(4 * embedding, embedding)
        )

        def block(inputs, outputs):
            return ResidualBlock(inputs, outputs, embedding + condition, kernel)

        inputs = [channels, *widths[:-1]]
        self.down = nn.ModuleList(
            nn.ModuleList([block(i, o), block(o, o), nn.Conv1d(o, o, 3, 2, 1) if o != widths[-1] else nn.Identity()])
            for i, o in zip(inputs, widths)
        )
        self.middle = nn.ModuleList([block(widths[-1], widths[-1]) for _ in range(2)])
        self.up = nn.ModuleList(
            nn.ModuleList([block(2 * i, o), block(o, o), nn.ConvTranspose1d(o, o, 4, 2, 1)])
            for i, o in zip(widths[:0:-1], widths[-2::-1])
        )
        self.output = nn.Sequential(conv_block(widths[0], widths[0], kernel), nn.Conv1d(widths[0], channels, 1))

    def forward(self, sample, time, condition):
        half = self.embedding // 2
        frequencies = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
        angles = time[:, None] * frequencies[None]
        features = torch.cat([self.encode(torch.cat([angles.sin(), angles.cos()], 1)), condition], 1)
        x = sample.transpose(1, 2)
        skipped = []
        for first, second, resample in self.down:
            x = second(first(x, features), features)
            skipped.append(x)
            x = resample(x)
        for each in self.middle:
            x = each(x, features)
        for first, second, resample in self.up:
            x = resample(second(first(torch.cat([x, skipped.pop()], 1), features), features))
        return self.output(x).transpose(1, 2)


def trainer(network, job):
    """One step: forward, backward, AdamW and the moving average of the weights."""
    shape = job["network"]
    size = (job["batch"], shape["horizon"], shape["channels"])
    data, noise = torch.randn(size), torch.randn(size)
    condition, at = torch.randn(job["batch"], shape["condition"]), torch.randint(0, 100, (job["batch"],))
    alpha, sigma = (torch.full((job["batch"], 1, 1), value) for value in (0.8, 0.6))
    parameters = list(network.parameters())
    average = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4)

    def step():
        loss = functional.mse_loss(network(alpha * data + sigma * noise, at, condition), noise)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for kept, parameter in zip(average, parameters):
                kept.lerp_(parameter, 0.001)
        return loss.item()

    return step


def planner(network, job):
    """DDIM from noise to data in `steps` steps of the hundred of a squared cosine schedule, for one episode."""
    shape = job["network"]
    total, steps = 100, job["steps"]
    level = [math.cos((i / total + 0.008) / 1.008 * math.pi / 2) ** 2 for i in range(total + 1)]
    kept, product = [], 1.0
    for i in range(total):
        product *= 1 - min(1 - level[i + 1] / level[i], 0.999)
        kept.append(product)
    condition = torch.randn(1, shape["condition"])

    @torch.no_grad()
    def plan():
        x = torch.randn(1, shape["horizon"], shape["channels"])
        for i in reversed(range(steps)):
            at = i * (total // steps)
            now, then = kept[at], kept[at - total // steps] if i > 0 else 1.0
            noise = network(x, torch.full((1,), float(at)), condition)
            data = ((x - math.sqrt(1 - now) * noise) / math.sqrt(now)).clamp(-1, 1)
            x = math.sqrt(then) * data + math.sqrt(1 - then) * noise
        return x.sum().item()

    return plan


def memory(key):
    """A figure of this process' memory in MiB."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(key)) / 1024
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
shape = job["network"]
network = TemporalUnet(shape["channels"], shape["condition"], shape["widths"], shape["timeEmbedding"])
act = (trainer if job["task"] == "train" else planner)(network, job)
for _ in range(job["warmUp"]):
    act()
before = memory("VmRSS")
times = []
for _ in range(job["repeats"]):
    start = time.perf_counter()
    result = act()
    times.append(1e3 * (time.perf_counter() - start))
    assert math.isfinite(result)
print(
    json.dumps(
        {
            "parameters": sum(parameter.numel() for parameter in network.parameters()),
            "median": statistics.median(times),
            "growth": memory("VmRSS") - before,
            "peak": memory("VmHWM"),
        }
    )
)
