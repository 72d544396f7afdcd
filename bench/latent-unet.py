"""Stable Diffusion's U-Net in PyTorch: one training step, for bench/latent.ts. Prints an outcome as JSON."""

import json
import math
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class Resnet(nn.Module):
    def __init__(self, inputs, outputs, embedding):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(32, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time = nn.Linear(embedding, outputs)
        self.norm2, self.conv2 = nn.GroupNorm(32, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, features):
        hidden = self.conv1(functional.silu(self.norm1(x))) + self.time(features)[:, :, None, None]
        return self.shortcut(x) + self.conv2(functional.silu(self.norm2(hidden)))


class Attention(nn.Module):
    def __init__(self, channels, memory, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels, bias=False)
        self.key = nn.Linear(memory, channels, bias=False)
        self.value = nn.Linear(memory, channels, bias=False)
        self.output = nn.Linear(channels, channels)

    def forward(self, x, memory):
        batch, tokens, channels = x.shape
        split = lambda each: each.reshape(batch, -1, self.heads, channels // self.heads).transpose(1, 2)
        query, key, value = split(self.query(x)), split(self.key(memory)), split(self.value(memory))
        scores = torch.matmul(query * (channels // self.heads) ** -0.5, key.transpose(-1, -2))
        joined = torch.matmul(scores.softmax(-1), value).transpose(1, 2)
        return self.output(joined.reshape(batch, tokens, channels))


class Transformer(nn.Module):
    def __init__(self, channels, context, heads):
        super().__init__()
        self.norm, self.enter = nn.GroupNorm(32, channels, eps=1e-6), nn.Conv2d(channels, channels, 1)
        self.norm1, self.attn1 = nn.LayerNorm(channels), Attention(channels, channels, heads)
        self.norm2, self.attn2 = nn.LayerNorm(channels), Attention(channels, context, heads)
        self.norm3 = nn.LayerNorm(channels)
        self.widen, self.narrow = nn.Linear(channels, 8 * channels), nn.Linear(4 * channels, channels)
        self.leave = nn.Conv2d(channels, channels, 1)

    def forward(self, image, context):
        batch, channels, height, width = image.shape
        x = self.enter(self.norm(image)).flatten(2).transpose(1, 2)
        normal = self.norm1(x)
        x = x + self.attn1(normal, normal)
        x = x + self.attn2(self.norm2(x), context)
        values, gates = self.widen(self.norm3(x)).chunk(2, dim=-1)
        x = x + self.narrow(values * functional.gelu(gates))
        return image + self.leave(x.transpose(1, 2).reshape(batch, channels, height, width))


class Unet(nn.Module):
    def __init__(self, widths, layers, heads, context):
        super().__init__()
        embedding, last = 4 * widths[0], len(widths) - 1
        self.width = widths[0]
        self.enter = nn.Conv2d(4, widths[0], 3, padding=1)
        self.embed = nn.Sequential(nn.Linear(widths[0], embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        block = lambda inputs, width, attends: nn.ModuleList(
            [Resnet(inputs, width, embedding)] + ([Transformer(width, context, heads)] if attends else [])
        )
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level, width in enumerate(widths):
            blocks = [block(widths[max(0, level - 1)] if j == 0 else width, width, level < last) for j in range(layers)]
            resample = nn.ModuleList([nn.Conv2d(width, width, 3, 2, 1)] if level < last else [])
            self.down.append(nn.ModuleList([nn.ModuleList(blocks), resample]))
        self.middle = nn.ModuleList(
            [Resnet(widths[last], widths[last], embedding), Transformer(widths[last], context, heads)]
            + [Resnet(widths[last], widths[last], embedding)]
        )
        for level in range(last, -1, -1):
            width, below, above = widths[level], widths[min(last, level + 1)], widths[max(0, level - 1)]
            blocks = [
                block((below if j == 0 else width) + (above if j == layers else width), width, level < last)
                for j in range(layers + 1)
            ]
            resample = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1)] if level > 0 else [])
            self.up.append(nn.ModuleList([nn.ModuleList(blocks), resample]))
        self.norm, self.leave = nn.GroupNorm(32, widths[0]), nn.Conv2d(widths[0], 4, 3, padding=1)

    def forward(self, x, at, context):
        half = self.width // 2
        angles = at[:, None] * torch.exp(-math.log(10000) * torch.arange(half) / half)[None]
        features = functional.silu(self.embed(torch.cat([angles.cos(), angles.sin()], 1)))
        x = self.enter(x)
        skipped = [x]
        for blocks, resample in self.down:
            for each in blocks:
                x = each[0](x, features)
                if len(each) > 1:
                    x = each[1](x, context)
                skipped.append(x)
            for layer in resample:
                x = layer(x)
                skipped.append(x)
        x = self.middle[2](self.middle[1](self.middle[0](x, features), context), features)
        for blocks, resample in self.up:
            for each in blocks:
                x = each[0](torch.cat([x, skipped.pop()], 1), features)
                if len(each) > 1:
                    x = each[1](x, context)
            for layer in resample:
                x = layer(functional.interpolate(x, scale_factor=2.0, mode="nearest"))
        return self.leave(functional.silu(self.norm(x)))


def memory(key):
    """A figure of this process' memory in MiB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key)) / 1024


job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
network = Unet(**job["network"])
size = (job["batch"], 4, job["size"], job["size"])
data, noise = torch.randn(size), torch.randn(size)
context = torch.randn(job["batch"], job["tokens"], job["network"]["context"])
at = torch.full((job["batch"],), 500.0)
parameters = list(network.parameters())
average = [parameter.detach().clone() for parameter in parameters]
optimizer = torch.optim.AdamW(parameters, lr=1e-4)


def step():
    loss = functional.mse_loss(network(0.8 * data + 0.6 * noise, at, context), noise)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for kept, parameter in zip(average, parameters):
            kept.lerp_(parameter, 0.001)
    return loss.item()


for _ in range(job["warmUp"]):
    step()
before = memory("VmRSS")
times = []
for _ in range(job["repeats"]):
    start = time.perf_counter()
    assert math.isfinite(step())
    times.append(1e3 * (time.perf_counter() - start))
print(
    json.dumps(
        {
            "parameters": sum(parameter.numel() for parameter in parameters),
            "median": statistics.median(times),
            "growth": memory("VmRSS") - before,
            "peak": memory("VmHWM"),
        }
    )
)
