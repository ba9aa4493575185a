"""The natural step: upwards, within bounds, the photo left intact; and what both looks promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from engine_gradients import given

from engine import Dreamer, EngineError, Picture, Recipe
from engine.looks import begin
from engine.looks.natural import LOWEST, Natural
from engine.looks.steps import BRIGHTEST, DARKEST
from engine.objectives import Objective

CPU = torch.device("cpu")
BOTH = pytest.mark.parametrize("look", ["classic", "natural"])
QUICK = {"network": "lite0", "octaves": 2, "steps": 2, "jitter": 4, "likeness": 0.0}


def _look(**fields: Any) -> Natural:
    still = {"look": "natural", "jitter": 0, "zoom": 0.0, "rotation": 0.0}
    return Natural(Recipe(**{**still, **fields}), torch.Generator().manual_seed(0), CPU)


_noise = given(torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(3)))


def test_no_gradient_is_no_step() -> None:
    photo = torch.full((1, 3, 33, 47), 0.5)
    look = _look()
    look.start(photo)
    look.step(torch.zeros_like)
    assert torch.allclose(look.picture, photo, atol=1e-6)


def test_a_step_moves_pixels_by_the_step_size_in_the_mean() -> None:
    photo = torch.full((1, 3, 48, 64), 0.5)
    look = _look(step_size=0.004)
    look.start(photo)
    look.step(_noise)
    assert float((look.picture - photo).abs().mean()) == pytest.approx(0.004, rel=0.02)


def test_large_shapes_stay_the_photos_own() -> None:
    look = _look()
    look.start(torch.full((1, 3, 48, 64), 0.5))
    for _ in range(5):
        look.step(_noise)
    change = (look.picture - 0.5).mean(1)[0]
    power = torch.fft.fft2(change).abs().square()
    frequency = (torch.fft.fftfreq(48)[:, None].square() + torch.fft.fftfreq(64)[None].square()).sqrt()
    assert float(power[frequency < LOWEST / 2].sum() / power.sum()) < 0.02
    assert float(power[frequency > 0.4].sum() / power.sum()) < 0.001  # and there is no grain


def test_detail_is_carried_to_the_next_octave() -> None:
    look = _look()
    look.start(torch.full((1, 3, 48, 64), 0.4))
    for _ in range(5):
        look.step(_noise)
    before = look.picture - 0.4
    look.start(torch.full((1, 3, 96, 128), 0.4))
    after = torch.nn.functional.avg_pool2d(look.picture - 0.4, 2)
    assert float(torch.cosine_similarity(before.flatten(), after.flatten(), dim=0)) > 0.9


@BOTH
def test_nothing_is_burnt_and_the_photos_own_black_and_white_stay(look: str) -> None:
    photo = torch.zeros(1, 3, 48, 64)
    photo[..., 32:] = 1.0
    recipe = Recipe(look=look, step_size=0.3, zoom=0.0, rotation=0.0)
    making = begin(recipe, torch.Generator().manual_seed(0), CPU)
    making.start(photo, None, 1.0, (1.0,))
    for _ in range(5):
        making.step(_noise)
    assert float(making.picture[..., :32].max()) <= BRIGHTEST + 1e-6
    assert float(making.picture[..., 32:].min()) >= DARKEST - 1e-6
    assert float(making.picture.min()) >= 0
    assert float(making.picture.max()) <= 1


@BOTH
def test_kept_colours_stay_and_the_light_changes(dreamer: Dreamer, small: Picture, look: str) -> None:
    dream = dreamer.dream(small, Recipe.checked(**QUICK, look=look, keep_colors=True))
    photo, dreamed = small.rgb.astype(int), dream.picture.rgb.astype(int)
    # The differences between red, green and blue are the photo's, but for rounding to whole levels.
    assert np.abs(np.diff(dreamed, axis=2) - np.diff(photo, axis=2)).max() <= 1
    assert np.abs(dreamed - photo).mean() > 1


@BOTH
def test_likeness_is_met(dreamer: Dreamer, small: Picture, look: str) -> None:
    from engine.likeness import similarity

    def tensor(picture: Picture) -> torch.Tensor:
        return torch.from_numpy(picture.rgb).permute(2, 0, 1)[None] / 255

    strong = Recipe.checked(**{**QUICK, "step_size": 0.05}, look=look)
    free = dreamer.dream(small, strong).picture
    alike = dreamer.dream(small, strong.model_copy(update={"likeness": 0.9})).picture
    assert similarity(tensor(small), tensor(free)) < 0.9 <= similarity(tensor(small), tensor(alike)) + 1e-3
    whole = dreamer.dream(small, strong.model_copy(update={"likeness": 1.0})).picture
    assert np.array_equal(whole.rgb, small.rgb)


@BOTH
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (10, 2000), (2000, 10), (33, 31)])
def test_tiny_and_thin_pictures_dream_in_both_looks(dreamer: Dreamer, size: tuple[int, int], look: str) -> None:
    width, height = size
    picture = Picture(np.full((height, width, 3), (200, 90, 30), np.uint8))
    recipe = Recipe.checked(**QUICK, look=look, of="castle", size=128)
    assert max(dreamer.dream(picture, recipe).picture.rgb.shape[:2]) <= 128


@BOTH
def test_a_mirrored_picture_dreams(dreamer: Dreamer, small: Picture, look: str) -> None:
    mirrored = Picture(small.rgb[:, ::-1])  # its pixels lie backwards in memory
    assert dreamer.dream(mirrored, Recipe.checked(**QUICK, look=look)).picture.rgb.shape == small.rgb.shape


@BOTH
def test_numbers_that_left_their_range_end_the_dream_within_eight_steps(
    dreamer: Dreamer, small: Picture, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Objective.gradient
    monkeypatch.setattr(Objective, "gradient", lambda self, *asked: honest(self, *asked) * float("nan"))
    taken: list[object] = []
    recipe = Recipe.checked(**{**QUICK, "steps": 30}, look=look)
    with pytest.raises(EngineError, match="broke down"):
        dreamer.dream(small, recipe, on_step=taken.append)
    assert len(taken) < 8


def test_smaller_octaves_take_more_steps_and_each_as_long(small: Picture) -> None:
    recipe = Recipe(look="natural")
    steps = [recipe.steps_of(octave, 4) for octave in range(1, 5)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] == recipe.steps
    costs = [n * wide * high for n, (wide, high) in zip(steps, recipe.octave_sizes(1000, 700), strict=True)]
    assert max(costs) < 1.1 * min(costs)
