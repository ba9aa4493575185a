"""Drive Oneiros: ``Dreamer.dream`` in the classic look, as a user of ours calls it.

A step is everything between two calls of ``on_step``: roll, gradient, balance over scales and colours, update, and the
looks whether all is still finite.
"""

from __future__ import annotations

from pathlib import Path

from engine.bench.peers.serving import Job, Turns, serve
from engine.dreamer import Dreamer
from engine.pictures import decode
from engine.recipe import Recipe

MOST_STEPS = 200  # of a recipe


def load(job: Job) -> Dreamer:
    """Load the network."""
    return Dreamer("googlenet", weights=Path(job.weights))


def dream(dreamer: Dreamer, job: Job, turns: Turns) -> None:
    """Run it."""
    recipe = Recipe(
        network="googlenet",
        of="layer inception4c",
        octaves=job.octaves,
        octave_scale=job.octave_scale,
        steps=min(job.steps, MOST_STEPS),
        jitter=32,
        size=job.side,
    )
    dreamer.dream(decode(Path(job.photo).read_bytes()), recipe, on_step=turns.stepped)


if __name__ == "__main__":
    serve(load, dream)
