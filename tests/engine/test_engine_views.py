"""Views: what the network is shown, and the gradient that comes back from it."""

import math
from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.transforms import View, Views, rolled


def _picture(height: int = 40, width: int = 56) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(4))


@given(st.integers(-90, 90), st.integers(-90, 90), st.booleans())
def test_a_picture_is_rolled_as_torch_rolls_it_and_lies_as_it_lay(down: int, right: int, by_pixels: bool) -> None:
    picture = _picture()
    if by_pixels:
        picture = picture.contiguous(memory_format=torch.channels_last)
    made = rolled(picture, down, right)
    assert made.stride() == picture.stride()
    assert torch.equal(made, picture.roll((down, right), (2, 3)))


@pytest.mark.parametrize(
    "view", [View(0, 0), View(5, -9), View(3, 2, 1.2), View(-4, 7, 0.7), View(0, 0, 1.0, 0.3), View(6, 1, 0.8, -0.2)]
)
def test_the_gradient_comes_back_to_the_pixels_that_were_seen(view: View) -> None:
    picture = _picture().double()
    weights = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1)).double()

    def value(seen: torch.Tensor) -> torch.Tensor:
        return (seen.square() * weights[..., : seen.shape[2], : seen.shape[3]]).sum()

    def gradient_of(seen: torch.Tensor) -> torch.Tensor:
        leaf = seen.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(value(leaf), leaf)
        return gradient

    shown: list[torch.Tensor] = []

    def look(seen: torch.Tensor) -> torch.Tensor:
        shown.append(seen)
        return torch.zeros_like(seen)

    gradient = view.gradient(picture, gradient_of)
    step = gradient * (1e-4 / gradient.abs().max())
    for changed in (picture + step, picture - step):
        view.gradient(changed, look)
    assert float(value(shown[0]) - value(shown[1])) == pytest.approx(2 * float((gradient * step).sum()), rel=1e-3)


def test_a_roll_alone_changes_nothing_but_the_place() -> None:
    picture = _picture()
    assert torch.equal(View(7, -3).gradient(picture, lambda seen: seen), picture)


@given(st.integers(1, 90), st.integers(1, 90), st.floats(0, 0.5), st.floats(0, 180), st.integers(0, 2**32 - 1))
def test_every_picture_can_be_viewed(height: int, width: int, zoom: float, rotation: float, seed: int) -> None:
    picture = _picture(height, width)
    view = Views(9, zoom, rotation).draw(torch.Generator().manual_seed(seed))
    gradient = view.gradient(picture, torch.ones_like)
    assert gradient.shape == picture.shape
    assert bool(gradient.isfinite().all())


def test_views_stay_within_their_limits_and_follow_their_seed() -> None:
    views = [Views(5, 0.25, 8).draw(torch.Generator().manual_seed(seed)) for seed in range(300)]
    assert {view.down for view in views} == {view.right for view in views} == set(range(-5, 6))
    assert all(1 / 1.25 <= view.scale <= 1.25 for view in views)
    assert all(abs(view.turn) <= math.radians(8) for view in views)
    assert min(view.scale for view in views) < 0.82 < 1.22 < max(view.scale for view in views)
    assert views == [Views(5, 0.25, 8).draw(torch.Generator().manual_seed(seed)) for seed in range(300)]
    assert Views(0).draw(torch.Generator()) == View(0, 0)


def test_spread_rolls_keep_apart_and_are_drawn_again_from_the_same_seed() -> None:
    def rolls() -> list[tuple[int, int]]:
        views, generator = Views(24, spread=True), torch.Generator().manual_seed(5)
        return [(view.down, view.right) for view in (views.draw(generator) for _ in range(17))]

    found = rolls()
    assert found == rolls()
    assert all(-24 <= along <= 24 for roll in found for along in roll)
    # The way round is 49 pixels: seventeen rolls each by itself would come as near as 2 pixels.
    around = [
        [min((one - other) % 49, (other - one) % 49) for one, other in zip(*pair, strict=True)]
        for pair in combinations(found, 2)
    ]
    assert min(max(apart) for apart in around) >= 5
    assert Views(0, spread=True).draw(torch.Generator()) == View(0, 0)
