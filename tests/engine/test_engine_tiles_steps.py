"""Steps in strips: what the classic look does, where one more picture of its size would be too many."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from engine_gradients import given
from torch import Tensor

from engine import Recipe
from engine.large import strips
from engine.large.classic import LargeClassic
from engine.likeness import luminance
from engine.looks.classic import Classic, Scales
from engine.transforms import View

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _thin_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "STRIP_PIXELS", 700)  # seven rows of a hundred pixels


def _noise(seed: int, height: int, width: int) -> Tensor:
    return torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [(60, 80), (61, 83), (1, 40), (53, 1), (97, 2)])
@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_scales_are_balanced_in_place_as_they_are_in_one(size: tuple[int, int], balance: float) -> None:
    height, width = size
    gradient = _noise(0, height, width).cumsum(2)  # coarse scales far stronger than fine ones
    room = strips.room_for(height, width, CPU)
    room[:, :, :width] = gradient[0]
    strips.balance_(room, width, balance)
    expected = Scales(height, width, CPU, balance).balanced(gradient)
    assert torch.allclose(room[None, :, :, :width], expected, atol=1e-4 * float(expected.abs().max()) + 1e-12)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"total_variation": 0.5},
        {"keep_colors": True},
        {"photo_colors": False, "balance": 0.3, "strengths": (0.5,)},
    ],
)
@pytest.mark.parametrize("masked", [False, True])
def test_steps_and_octaves_are_those_of_the_classic_look(fields: dict[str, Any], masked: bool) -> None:
    recipe = Recipe(jitter=0, **fields)
    plain = Classic(recipe, torch.Generator().manual_seed(0), CPU)
    large = LargeClassic(recipe, torch.Generator().manual_seed(0), CPU)
    for octave, (height, width) in enumerate([(40, 57), (56, 81)], 1):
        pixels = (torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(octave)) * 255).to(
            torch.uint8
        )
        where = (torch.rand(1, 1, height, width) * 255).to(torch.uint8) if masked else None
        plain.start(pixels / 255, None if where is None else where / 255, recipe.strength(octave), recipe.lengths(3))
        large.start(pixels, where, recipe.strength(octave), recipe.lengths(3))
        for step in range(3):
            gradient = _noise(10 * octave + step, height, width)
            plain.step(given(gradient))
            large.step(lambda picture, view, total, gradient=gradient: total.add_(gradient))
        assert torch.allclose(large.picture, plain.picture, atol=1e-4)


def test_the_seed_draws_the_same_rolls_as_in_the_classic_look() -> None:
    photo = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    recipe = Recipe(jitter=9)
    plain = Classic(recipe, torch.Generator().manual_seed(4), CPU)
    large = LargeClassic(recipe, torch.Generator().manual_seed(4), CPU)
    plain.start(photo.float())
    large.start(photo, None, 1.0)
    mark = torch.zeros(1, 3, 32, 32)
    mark[..., 0, 0] = 1.0
    views: list[View] = []
    rolled: list[Tensor] = []
    for _ in range(3):
        plain.step(lambda image, colors: (rolled.append(image), given(mark)(image, colors))[1])
        large.step(lambda picture, view, total: views.append(view))
    assert len({(view.down, view.right) for view in views}) == 3  # so that seams lie elsewhere in each step


def test_no_gradient_is_no_step() -> None:
    photo = torch.full((1, 3, 33, 47), 127, dtype=torch.uint8)
    large = LargeClassic(Recipe(jitter=0), torch.Generator().manual_seed(0), CPU)
    large.start(photo, None, 1.0)
    large.step(lambda picture, view, total: None)
    assert torch.allclose(large.picture, photo / 255)


def test_what_is_measured_in_strips_is_what_is_measured_in_one() -> None:
    picture = _noise(0, 33, 47)
    assert strips.mean_magnitude(picture) == pytest.approx(float(picture.abs().mean()), rel=1e-6)
    assert torch.allclose(strips.light_of(picture), luminance(picture))
    assert strips.is_finite(picture)
    picture[0, 2, 32, 46] = float("nan")
    assert not strips.is_finite(picture)
