"""Drive torch-dreams: ``Dreamer.render`` with all its defaults (Fourier image, rotation, scale 0.5–1.2, AdamW).

Its scale is drawn anew in each step, and what the network sees has 0.72 of the picture's pixels in the mean. A step is
a turn of its loop, timed from one step of its optimiser to the next.
"""

from __future__ import annotations

from typing import Any

from torch_dreams import Dreamer

from engine.bench.peers.serving import Job, Turns, serve
from engine.bench.peers.weights import read_network


def load(job: Job) -> Any:
    """Load the network."""
    return Dreamer(read_network(job.weights), device="cpu")


def dream(dreamer: Any, job: Job, turns: Turns) -> None:
    """Run it."""
    with turns.at_each_optimiser_step():
        dreamer.render([dreamer.model.inception4c], width=job.side, height=job.side, iters=job.steps)


if __name__ == "__main__":
    serve(load, dream)
