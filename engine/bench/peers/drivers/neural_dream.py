"""Drive neural-dream: its command line, with all its defaults but layer, network, size, octaves and steps.

Today's torchvision has a GoogLeNet that it cannot take apart (IndexError in ``build_googlenet_list``), so it gets its
own, the BVLC one of 2014, with random weights from the same source: the same convolutions with one of 5 × 5 where
torchvision has 3 × 3, local response normalisation, no batch norms.

It reads its network itself each time it is called, which is in the time of a picture (some tenths of a second) and in
none of a step. It takes one step more in each octave than it is asked for: it is asked for one less. A step is a turn
of its loop, timed from one step of its optimiser to the next.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from engine.bench.peers.serving import Job, Turns, serve
from engine.bench.peers.weights import written

FILE = "bvlc_googlenet.pth"  # it goes by the name


def load(job: Job) -> Any:
    """Import it, with the arguments that it reads then, and hold as many bytes as the network has."""
    from neural_dream.neural_dream_core.models import BVLC_GOOGLENET

    weights = written(Path(job.weights).with_name(FILE), BVLC_GOOGLENET)
    sys.argv += ["-content_image", job.photo, "-image_size", str(job.side), "-gpu", "c"]
    sys.argv += ["-model_file", str(weights), "-dream_layers", "inception_4c_output"]
    sys.argv += ["-num_octaves", str(job.octaves), "-octave_scale", str(1 / job.octave_scale)]
    sys.argv += ["-octave_iter", str(job.steps - 1), "-num_iterations", "1"]
    sys.argv += ["-output_image", str(Path(tempfile.gettempdir()) / f"neural-dream-{job.side}.png")]
    from neural_dream import neural_dream

    return neural_dream, torch.load(weights, weights_only=True)


def dream(loaded: Any, _: Job, turns: Turns) -> None:
    """Run it: it has its job already."""
    with turns.at_each_optimiser_step():
        loaded[0].main()
    Path(loaded[0].params.output_image).unlink(missing_ok=True)


if __name__ == "__main__":
    serve(load, dream)
