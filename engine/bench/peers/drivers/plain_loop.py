"""A plain loop that does what gordicaleksa's pytorch-deepdream does, written anew from a description of it.

A pyramid, the picture so far enlarged from level to level; in each step a roll of up to 32 pixels, the network to
inception4e whatever the layer, with frozen weights, the mean square of the layer, the gradient smoothed by three
Gaussians that grow with the step, brought to mean 0 and deviation 1, added and kept within black and white. The
original also reads its network anew for each picture; that is left out.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.bench.peers.drivers.photo import photo_of
from engine.bench.peers.serving import Job, Turns, serve
from engine.bench.peers.weights import read_network

ROLL = 32  # pixels
RATE = 0.09
KERNEL = 9  # pixels
LEAST_SIGMA, GROWTH = 0.5, 2.0
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
DARKEST, BRIGHTEST = -MEAN / STD, (1 - MEAN) / STD
LAST = "inception4e"


def load(job: Job) -> Any:
    """Load the network, as its parts by name up to the last."""
    parts = dict(read_network(job.weights).requires_grad_(False).named_children())
    names = list(parts)
    return {name: parts[name] for name in names[: names.index(LAST) + 1]}


def dream(parts: dict[str, Any], job: Job, turns: Turns) -> Tensor:
    """Return the picture (1, 3, side, side)."""
    picture = (photo_of(job) - MEAN) / STD
    for level in reversed(range(job.octaves)):
        side = round(job.side / job.octave_scale**level)
        picture = functional.interpolate(picture, (side, side), mode="bilinear", align_corners=False)
        for step in range(job.steps):
            picture = _stepped(parts, picture, LEAST_SIGMA + GROWTH * (step + 1) / job.steps)
            turns.stepped()
    return picture * STD + MEAN


def _stepped(parts: dict[str, Any], picture: Tensor, sigma: float) -> Tensor:
    down, right = torch.randint(-ROLL, ROLL + 1, (2,)).tolist()
    leaf = picture.roll((down, right), (2, 3)).requires_grad_()
    found, seen = leaf, leaf
    for name, part in parts.items():
        found = part(found)
        seen = found if name == "inception4c" else seen
    (raw,) = torch.autograd.grad(functional.mse_loss(seen, torch.zeros_like(seen)), leaf)
    gradient = sum((_blurred(raw, sigma * wide) for wide in (0.5, 1.0, 2.0)), torch.zeros_like(raw)) / 3
    gradient = (gradient - gradient.mean()) / gradient.std()
    made = torch.maximum(torch.minimum(leaf.detach() + RATE * gradient, BRIGHTEST), DARKEST)
    return made.roll((-down, -right), (2, 3))


def _blurred(gradient: Tensor, sigma: float) -> Tensor:
    offset = torch.arange(KERNEL) - KERNEL // 2
    line = torch.exp(-(offset**2) / (2 * sigma**2))
    kernel = torch.outer(line, line)
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)
    padded = functional.pad(gradient, [KERNEL // 2] * 4, mode="reflect")
    return functional.conv2d(padded, kernel, groups=3)


if __name__ == "__main__":
    serve(load, dream)
