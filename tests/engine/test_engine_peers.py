"""Defects of other DeepDreams, each with the test that ours does not have it.

Those that stand elsewhere: hooks that are never removed and weights with gradients (lucent, torch-dreams, neural-dream)
in test_engine_networks.py; normalisation applied twice (pytorch-deepdream) and octaves under 224 pixels that crash
(neural-dream, lucent) in test_engine_architectures.py; a guide whose memory grows with the fourth power of the side
(google/deepdream), grey pictures of a silent channel (lucid) in test_engine_objectives.py; a clamp that does nothing
(neural-dream) in test_engine_natural.py, and detail that is not carried (neural-dream, TensorFlow's tutorial) there and
in test_engine_classic.py; no
cancelling and seeds that do not cover the run (all) in test_engine_dreamer.py; no settings in the file (all) in
test_engine_cli_dream.py.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import Dreamer, Picture, Progress, Recipe
from engine.networks import network
from engine.objectives import Objective

QUICK = {"network": "lite0", "octaves": 2, "steps": 2, "jitter": 4}
ROOT = Path(__file__).parents[2]


def test_every_step_that_was_asked_for_is_taken_and_no_other(dreamer: Dreamer, small: Picture) -> None:
    # neural-dream takes one more in each octave, and listens once more for each octave before.
    taken: list[Progress] = []
    dreamer.dream(small, Recipe(**{**QUICK, "steps": 5}), on_step=taken.append)
    assert [(at.octave, at.step) for at in taken] == [(octave, step) for octave in (1, 2) for step in range(1, 6)]


def test_a_network_is_read_once_for_all_its_dreams(
    dreamer: Dreamer, small: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytorch-deepdream loads its network anew for each picture, and for each frame of a film.
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the weights are read again")

    monkeypatch.setattr(network, "load", refuse)
    monkeypatch.setattr(torch, "load", refuse)
    for of in ("dogs", "castle", "layer 2"):
        dreamer.dream(small, Recipe(**QUICK, of=of))


def test_every_pixel_gets_a_gradient_up_to_the_last_row_and_column(dreamer: Dreamer) -> None:
    # TensorFlow's tutorial leaves out the last row and column of tiles.
    photo = torch.rand(1, 3, 97, 131, generator=torch.Generator().manual_seed(0))
    recipe = Recipe(network="lite0")
    objective = Objective(recipe.terms(), {"lite0": dreamer._networks["lite0"].trunk(["blocks.4"])})
    objective.start(photo)
    gradient = objective.gradient(photo).abs().amax((0, 1))
    for edge in (gradient[0], gradient[-1], gradient[:, 0], gradient[:, -1]):
        assert float((edge > 0).float().mean()) > 0.95


def test_a_picture_too_small_for_its_octaves_is_dreamed_and_that_is_said(dreamer: Dreamer) -> None:
    # pytorch-deepdream answers with exit(0).
    dream = dreamer.dream(Picture(np.full((40, 40, 3), 99, np.uint8)), Recipe(**{**QUICK, "octaves": 12}))
    assert [str(note) for note in dream.picture.notes] == [
        "The picture is too small for 12 octaves: it was dreamed in 1."
    ]


@pytest.mark.parametrize("look", ["classic", "natural"])
@pytest.mark.parametrize("field", [{"balance": 0.5}, {"total_variation": 0.5}, {"zoom": 0.2}, {"rotation": 20.0}])
def test_every_knob_works_on_a_processor_without_gpu(
    dreamer: Dreamer, small: Picture, field: dict[str, float], look: str
) -> None:
    # neural-dream's -lap_scale and -use_fft do not.
    plain = Recipe(**{**QUICK, "zoom": 0.0, "rotation": 0.0, "look": look})
    turned = plain.model_copy(update=field)
    assert not np.array_equal(dreamer.dream(small, plain).picture.rgb, dreamer.dream(small, turned).picture.rgb)


def test_importing_reads_no_arguments_and_touches_no_device() -> None:
    # neural-dream parses the command line at import, lucent picks its device.
    code = (
        "import sys; sys.argv = ['x', '--nonsense']; import engine, engine.dreamer, torch; "
        "print(torch.cuda.is_initialized())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "False\n"
