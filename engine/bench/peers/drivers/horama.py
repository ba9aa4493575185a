"""Drive horama: ``accentuation``, its way to dream on a photo, with all its defaults (six crops of 224 pixels, NAdam).

What is maximised is its user's function, and how far the network runs in it is the user's affair: ours stops at the
layer and has its weights frozen, the least that a user can do. The crops have 1.15 times the pixels of the picture at
512 × 512, whatever its size. A step is a turn of its loop, timed from one step of its optimiser to the next.
"""

from __future__ import annotations

from typing import Any

import horama
from torch import nn

from engine.bench.peers.drivers.photo import photo_of
from engine.bench.peers.serving import Job, Turns, serve
from engine.bench.peers.weights import read_network


def load(job: Job) -> Any:
    """Load the network, and cut it after the layer."""
    names, parts = zip(*read_network(job.weights).named_children(), strict=True)
    return nn.Sequential(*parts[: names.index("inception4c") + 1]).requires_grad_(False)


def dream(network: Any, job: Job, turns: Turns) -> None:
    """Run it."""
    with turns.at_each_optimiser_step():
        horama.accentuation(
            lambda crops: network(crops).square().mean(),
            photo_of(job)[0],
            image_size=job.side,
            total_steps=job.steps,
            device="cpu",
        )


if __name__ == "__main__":
    serve(load, dream)
