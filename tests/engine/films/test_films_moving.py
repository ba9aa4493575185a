"""Pictures moved and fitted on a processor, beside torch's own ways."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import grid_sample

from engine.films.moving import MIRRORS, NOTHING, Move, fitted, flowed
from engine.octaves import pixels_of, resized
from engine.pictures import scaled
from engine.quality.photos import photo

SIDES = st.integers(16, 120)  # pixels
PHOTO = pixels_of(scaled(photo("chelsea"), 90, 60))


def noise(channels: int, seed: int) -> Tensor:
    return torch.rand(1, channels, 40, 56, generator=torch.Generator().manual_seed(seed))


def off(one: Tensor, other: Tensor) -> float:
    """Return by how much two pictures differ, in the root mean square."""
    return float((one - other).square().mean().sqrt())


@given(SIDES, SIDES)
def test_a_photo_is_fitted_to_any_size_as_torch_fits_it(width: int, height: int) -> None:
    made = fitted(PHOTO, width, height)
    assert made.shape == (1, 3, height, width)
    assert off(made, resized(PHOTO, width, height)) < 0.01


@given(st.integers(56, 120), st.integers(40, 90), st.integers(1, 5))
def test_what_grows_is_the_same_as_torchs(width: int, height: int, channels: int) -> None:
    image = noise(channels, width)
    torch.testing.assert_close(fitted(image, width, height), resized(image, width, height), rtol=0, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_is_moved_to_torchs_numbers(channels: int) -> None:
    image, move = noise(channels, 1), Move(0.9, 0.1, 0.05, 0.02)
    grid = torch.stack(move.places(56, 40), -1)[None]
    expected = grid_sample(image, grid, mode="bicubic", padding_mode=MIRRORS, align_corners=False)
    torch.testing.assert_close(move(image), expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("smooth", [0, 1, 2])
def test_a_flow_moves_to_torchs_numbers_the_last_channels_linearly(smooth: int) -> None:
    image, flow = noise(3 + smooth, 2), 5 * noise(2, 3)[:, :2] - 2.5
    across = torch.arange(56) + flow[0, 0]
    down = torch.arange(40)[:, None] + flow[0, 1]
    grid = torch.stack([(2 * across + 1) / 56 - 1, (2 * down + 1) / 40 - 1], -1)[None]
    moved = flowed(image, flow, smooth)
    for channels, mode in ((slice(0, 3), "bicubic"), (slice(3, None), "bilinear")):
        expected = grid_sample(image[:, channels], grid, mode=mode, padding_mode=NOTHING, align_corners=False)
        # OpenCV knows places to a 32nd of a pixel.
        assert off(moved[:, channels], expected) < 0.01 if channels.stop or smooth else not expected.numel()
