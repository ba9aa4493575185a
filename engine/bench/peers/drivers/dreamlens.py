"""Drive dreamlens: ``FeatureVisualizer.visualize`` on one layer, with all its defaults but size and steps.

A step is a turn of its loop, timed from one step of its optimiser to the next.
"""

from __future__ import annotations

from typing import Any

import dreamlens

from engine.bench.peers.serving import Job, Turns, serve
from engine.bench.peers.weights import read_network


def load(job: Job) -> Any:
    """Load the network."""
    return dreamlens.FeatureVisualizer(read_network(job.weights))


def dream(visualizer: Any, job: Job, turns: Turns) -> None:
    """Run it."""
    with turns.at_each_optimiser_step():
        visualizer.visualize(
            dreamlens.FeatureTarget.for_layer("inception4c"),
            config=dreamlens.RenderConfig(width=job.side, height=job.side, steps=job.steps),
        )


if __name__ == "__main__":
    serve(load, dream)
