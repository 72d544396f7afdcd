"""PyTorch's side of the image U-Net's figures: trains as its argument says, prints one JSON object."""

import json
import math
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, features, scale):
        super().__init__()
        self.scale = scale
        self.first = nn.Sequential(nn.GroupNorm(32, inputs), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1))
        self.encode = nn.Sequential(nn.SiLU(), nn.Linear(features, 2 * outputs if scale else outputs))
        self.norm = nn.GroupNorm(32, outputs)
        self.second = nn.Sequential(nn.SiLU(), nn.Conv2d(outputs, outputs, 3, padding=1))
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, features):
        hidden, encoded = self.first(x), self.encode(features)[:, :, None, None]
        if self.scale:
            factor, shift = encoded.chunk(2, dim=1)
            hidden = self.norm(hidden) * (1 + factor) + shift
        else:
            hidden = self.norm(hidden + encoded)
        return self.shortcut(x) + self.second(hidden)


class Attention(nn.Module):
    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(32, channels)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.output = nn.Conv1d(channels, channels, 1)

    def forward(self, x, _):
        flat = x.flatten(2)
        width = x.shape[1] // self.heads
        q, k, v = self.qkv(self.norm(flat)).reshape(len(x) * self.heads, 3 * width, -1).split(width, dim=1)
        weights = torch.softmax(torch.einsum("bct,bcs->bts", q, k) / math.sqrt(width), dim=-1)
        joined = torch.einsum("bts,bcs->bct", weights, v).reshape(flat.shape)
        return (flat + self.output(joined)).reshape(x.shape)


class Plain(nn.Module):
    """A layer that is not told the time."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x, _):
        return self.layers(x)


class ImageUnet(nn.Module):
    """torchcfm's UNetModel."""

    def __init__(self, shape):
        super().__init__()
        base, self.base = shape["base"], shape["base"]
        widths = [base * multiple for multiple in shape["multiples"]]
        features, blocks, attention = 4 * base, shape["blocks"], shape["attention"]
        heads = lambda channels: channels // shape["headWidth"] if shape.get("headWidth") else shape.get("heads", 1)
        block = lambda i, o: ResidualBlock(i, o, features, shape.get("scale", False))
        attends = lambda level: shape["height"] // 2**level in attention
        self.encode = nn.Sequential(nn.Linear(base, features), nn.SiLU(), nn.Linear(features, features))
        down, up, skipped, channels = [[Plain(nn.Conv2d(shape["colors"], base, 3, padding=1))]], [], [base], base
        for level, width in enumerate(widths):
            for _ in range(blocks):
                down.append([block(channels, width)] + ([Attention(width, heads(width))] if attends(level) else []))
                skipped.append(width)
                channels = width
            if level < len(widths) - 1:
                down.append([Plain(nn.Conv2d(channels, channels, 3, 2, 1))])
                skipped.append(channels)
        middle = [block(channels, channels), Attention(channels, heads(channels)), block(channels, channels)]
        for level in reversed(range(len(widths))):
            for index in range(blocks + 1):
                layers = [block(channels + skipped.pop(), widths[level])]
                channels = widths[level]
                if attends(level):
                    layers.append(Attention(channels, heads(channels)))
                if level > 0 and index == blocks:
                    layers.append(Plain(nn.Upsample(scale_factor=2), nn.Conv2d(channels, channels, 3, padding=1)))
                up.append(layers)
        self.down, self.up = (nn.ModuleList(nn.ModuleList(each) for each in part) for part in (down, up))
        self.middle = nn.ModuleList(middle)
        self.output = nn.Sequential(
            nn.GroupNorm(32, channels), nn.SiLU(), nn.Conv2d(channels, shape["colors"], 3, padding=1)
        )

    def forward(self, x, at):
        half = self.base // 2
        angles = at[:, None] * torch.exp(-math.log(10000) * torch.arange(half) / half)[None]
        features = self.encode(torch.cat([angles.cos(), angles.sin()], 1))
        kept = []
        for layers in self.down:
            for layer in layers:
                x = layer(x, features)
            kept.append(x)
        for layer in self.middle:
            x = layer(x, features)
        for layers in self.up:
            x = torch.cat([x, kept.pop()], 1)
            for layer in layers:
                x = layer(x, features)
        return self.output(x)


def trainer(network, job):
    """One step: forward, backward, AdamW and the moving average of the weights."""
    shape = job["network"]
    size = (job["batch"], shape["colors"], shape["height"], shape["width"])
    data, noise, at = torch.randn(size), torch.randn(size), torch.rand(job["batch"])
    parameters = list(network.parameters())
    average = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4)

    def step():
        loss = functional.mse_loss(network(0.8 * data + 0.6 * noise, at), noise)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for kept, parameter in zip(average, parameters):
                kept.lerp_(parameter, 0.001)
        return loss.item()

    return step


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
network = ImageUnet(job["network"])
act = trainer(network, job)
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
