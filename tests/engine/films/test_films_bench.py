"""What films are measured with is right where the answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine import Dreamer, Recipe
from engine.bench.films.brightness import light
from engine.bench.films.clips import Known, moving, still
from engine.bench.films.flicker import measured
from engine.films.flow import Flow
from engine.films.reading import opened
from engine.films.settings import VideoFilm

RECIPE = Recipe(network="lite0", octaves=1, steps=1)


@pytest.fixture(scope="module")
def clip() -> Known:
    return moving("astronaut", "coffee", 96, 64, 3)


def test_the_motion_of_a_clip_is_known(clip: Known, dreamer: Dreamer) -> None:
    own = measured(dreamer, clip, RECIPE, clip.frames)
    unmoved = Known(clip.frames, [torch.zeros_like(back) for back in clip.back], clip.seen)
    assert own.flicker < 3 < measured(dreamer, unmoved, RECIPE, clip.frames).flicker
    assert own.energy == 0
    found = Flow().back(clip.frames[1], clip.frames[0])
    apart = (found.back - clip.back[0]).square().sum(1, keepdim=True).sqrt()[clip.seen[0]]
    assert float(apart.median()) < 0.5


def test_a_clip_is_read_as_it_was_written_to_the_bit(clip: Known, tmp_path: Path) -> None:
    taken = opened(clip.lossless(tmp_path / "clip.mkv"), VideoFilm(size=96))
    for shot, rgb in zip(taken.shots(96, 64), clip.frames, strict=True):
        np.testing.assert_array_equal(shot.rgb, rgb)


def test_flicker_and_energy_are_those_that_were_put_in(clip: Known, dreamer: Dreamer) -> None:
    frames = [
        np.clip(rgb.astype(int) + (10 if number % 2 else 0), 0, 255).astype(np.uint8)
        for number, rgb in enumerate(clip.frames)
    ]
    found = measured(dreamer, clip, RECIPE, frames)
    assert 8 < found.flicker < 12
    assert 40 < found.energy < 55


def test_light_is_that_which_was_put_in() -> None:
    clip = still("astronaut", 32, 32, 20)
    frames = [np.clip(rgb.astype(int) + number, 0, 255).astype(np.uint8) for number, rgb in enumerate(clip.frames)]
    assert light(clip, frames).drift == pytest.approx(10, abs=1)
