"""Drive lucent: ``render_vis`` with all its defaults (Fourier image, five transforms, Adam), on one layer.

lucent has no objective for a whole layer, and takes a function: ours is the mean of the squares, as in lucid's
``deepdream``. A step is a turn of its loop, timed from one step of its optimiser to the next.
"""

from __future__ import annotations

from typing import Any

from lucent.optvis import param, render

from engine.bench.peers.serving import Job, Turns, serve
from engine.bench.peers.weights import read_network


def load(job: Job) -> Any:
    """Load the network."""
    return read_network(job.weights)


def dream(network: Any, job: Job, turns: Turns) -> None:
    """Run it."""
    with turns.at_each_optimiser_step():
        render.render_vis(
            network,
            lambda layer: -layer("inception4c").square().mean(),
            param_f=lambda: param.image(job.side),
            thresholds=(job.steps,),
            show_image=False,
        )


if __name__ == "__main__":
    serve(load, dream)
