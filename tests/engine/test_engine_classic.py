"""The classic step: balanced over scales, upwards, within bounds."""

import math
from typing import Any

import pytest
import torch
from engine_gradients import given

from engine import Recipe
from engine.looks.classic import BLURS, CROWDED, WEIGHTS, Classic, Scales, untransformed

CPU = torch.device("cpu")


def _look(**fields: Any) -> Classic:
    return Classic(Recipe(**{"jitter": 8, **fields}), torch.Generator().manual_seed(0), CPU)


def test_a_step_moves_pixels_by_the_step_size_in_the_mean() -> None:
    photo = torch.full((1, 3, 64, 80), 0.5)
    look = _look(step_size=0.01)
    look.start(photo)
    noise = torch.randn(photo.shape, generator=torch.Generator().manual_seed(3))
    look.step(given(noise))
    assert float((look.picture - photo).abs().mean()) == pytest.approx(0.01, rel=1e-3)


def test_every_scale_gets_its_weight_however_weak_it_was() -> None:
    side = 256
    along = torch.arange(side)

    def wave(length: int) -> torch.Tensor:
        return torch.sin(2 * math.pi * along / length).expand(1, 1, side, side)

    fine, coarse = wave(8), wave(64)
    gradient = (fine + 10 * coarse).expand(1, 3, side, side).contiguous()
    made = Scales(side, side, CPU).balanced(gradient)
    heard = [float((made[:, :1] * part).mean() / part.square().mean()) for part in (fine, coarse)]
    assert heard[0] / heard[1] > 0.5  # in the gradient itself: 0.1


def test_the_strengths_are_those_of_the_bands_themselves() -> None:
    # An odd width and an even one: Fourier space leaves out half of its columns, and not the same ones.
    for width in (45, 48):
        gradient = torch.randn(1, 3, 40, width, generator=torch.Generator().manual_seed(2))
        rows, columns = torch.fft.fftfreq(40)[:, None], torch.fft.fftfreq(width)[None, :]
        distance = rows.square() + columns.square()
        kept = [torch.exp(-2 * (math.pi * blur) ** 2 * distance) for blur in BLURS]
        expected = torch.zeros_like(gradient)
        for weight, fine, coarse in zip(WEIGHTS, kept, kept[1:], strict=False):
            band = torch.fft.ifft2(torch.fft.fft2(gradient) * (fine - coarse)).real
            expected += weight * band / band.norm()
        made = Scales(40, width, CPU).balanced(gradient)
        ratio = made.norm() / expected.norm()
        assert torch.allclose(made, expected * ratio, atol=1e-4 * float(ratio))


@pytest.mark.parametrize("height", [1, 33, CROWDED, 3 * CROWDED])
@pytest.mark.parametrize("width", [1, 45, 64])
def test_what_was_transformed_comes_back(height: int, width: int) -> None:
    picture = torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(untransformed(torch.fft.rfft2(picture), height, width), picture, atol=1e-5)


def test_no_gradient_is_no_step() -> None:
    photo = torch.full((1, 3, 33, 47), 0.5)
    look = _look()
    look.start(photo)
    look.step(given(torch.zeros_like(photo)))
    assert torch.equal(look.picture, photo)


def test_detail_is_carried_to_the_next_octave() -> None:
    small, large = torch.full((1, 3, 32, 32), 0.4), torch.full((1, 3, 64, 64), 0.4)
    look = _look(jitter=0)
    look.start(small)
    bump = torch.zeros_like(small)
    bump[..., 12:20, 12:20] = 1.0
    for _ in range(10):
        look.step(given(bump))
    look.start(large)
    brightened = look.picture - large
    assert float(brightened[..., 28:36, 28:36].mean()) > 3 * float(brightened.abs().mean())


def test_scales_that_are_not_balanced_keep_their_strength() -> None:
    along = torch.arange(256)
    fine, coarse = (torch.sin(2 * math.pi * along / length).expand(1, 1, 256, 256) for length in (8, 64))
    gradient = (fine + 10 * coarse).expand(1, 3, 256, 256).contiguous()
    heard = {}
    for balance in (0.0, 0.5, 1.0):
        made = Scales(256, 256, CPU, balance).balanced(gradient)
        heard[balance] = [float((made[:, :1] * part).mean()) for part in (fine, coarse)]
    shares = [heard[balance][0] / heard[balance][1] for balance in (0.0, 0.5, 1.0)]
    assert shares == sorted(shares)
    assert shares[0] < 0.25 < 0.5 < shares[2]
