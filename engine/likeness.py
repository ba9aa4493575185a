"""Likeness: how much of the photo is still seen in a dream, and a dream taken back until enough of it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from engine.octaves import resized

# What is compared: the large shapes by which a photo is known again, not its texture, which a dream replaces.
LONGEST_SIDE = 448  # pixels; smaller pictures are enlarged to it, so that a likeness means the same at every size
BLUR = 4.0  # sigma, in pixels at that size

LUMINANCE = (0.2126, 0.7152, 0.0722)  # Rec. 709, of the sRGB values as they are stored

# Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", 2004.
WINDOW = 1.5  # sigma, in pixels
REACH = 5  # pixels from a window's middle to its edge
STABLE_LIGHT = 0.01**2  # the paper's C1 and C2, for values in 0–1
STABLE_CONTRAST = 0.03**2

BISECTIONS = 12  # the factor is then known to 1/4096, a sixteenth of a grey level at the most
ROUNDING = 1e-4  # likeness kept in hand, so that a picture rounded to bytes still has what was asked for


def similarity(photo: Tensor, picture: Tensor) -> float:
    """Return how alike the large shapes of two pictures of one size are: −1 (reversed) to 1 (the same).

    It is the structural similarity (Wang et al., 2004) of their luminance, brought to ``LONGEST_SIDE`` pixels and
    blurred. Pictures are (1, 3, height, width) in 0–1, of any size from 1 × 1.
    """
    return structural_similarity(_shapes(photo), _shapes(picture))


def weakened(photo: Tensor, dreamed: Tensor, least: float) -> tuple[Tensor, float]:
    """Return the strongest form of a dream that is still like its photo, and the factor 0–1 its detail was scaled by.

    ``least`` is the similarity asked for, at most 1. Pictures are (1, 3, height, width) in 0–1, of one size. The
    dream itself comes back, with factor 1, where it is like enough already.
    """
    factor = factor_of(_shapes(photo), _shapes(dreamed), least)
    return (dreamed if factor == 1.0 else photo.lerp(dreamed, factor)), factor


def factor_of(photo: Tensor, dreamed: Tensor, least: float) -> float:
    """Return the factor of ``weakened``, of two pictures' ``shapes_of``."""
    moments = Moments.of(photo, dreamed)
    aim = least + ROUNDING

    # Luminance, size and blur are linear: the shapes of a mixture are the mixture of the shapes.
    def is_like(factor: float) -> bool:
        return moments.weakened(factor).similarity() >= aim

    if is_like(1.0):
        return 1.0
    enough, too_much = 0.0, 1.0  # no detail at all is like enough, whatever is asked for
    for _ in range(BISECTIONS):
        middle = (enough + too_much) / 2
        if is_like(middle):
            enough = middle
        else:
            too_much = middle
    return enough


def structural_similarity(one: Tensor, other: Tensor) -> float:
    """Return the mean structural similarity of two planes (1, 1, height, width) in 0–1, as the paper has it.

    Windows that reach over an edge are left out; in planes narrower than a window the edges are mirrored instead.
    """
    return Moments.of(one, other).similarity()


@dataclass(frozen=True)
class Moments:
    """What structural similarity knows of two planes: means over the window around each place, (1, height, width)."""

    one: Tensor
    other: Tensor
    one_square: Tensor
    other_square: Tensor
    product: Tensor

    @classmethod
    def of(cls, one: Tensor, other: Tensor) -> Self:
        """Take the moments of two planes (1, 1, height, width)."""
        return cls(*_blurred(torch.cat([one, other, one * one, other * other, one * other]), WINDOW, REACH).unbind())

    def weakened(self, factor: float) -> Moments:
        """Return the moments with one and, as the other, (1 − factor) × one + factor × other."""
        rest = 1 - factor
        return Moments(
            one=self.one,
            other=rest * self.one + factor * self.other,
            one_square=self.one_square,
            other_square=rest**2 * self.one_square + 2 * rest * factor * self.product + factor**2 * self.other_square,
            product=rest * self.one_square + factor * self.product,
        )

    def similarity(self) -> float:
        """Return the mean structural similarity."""
        lights = self.one * self.other
        squares = self.one * self.one + self.other * self.other
        alike = (2 * lights + STABLE_LIGHT) * (2 * (self.product - lights) + STABLE_CONTRAST)
        alike /= (squares + STABLE_LIGHT) * (self.one_square + self.other_square - squares + STABLE_CONTRAST)
        height, width = alike.shape[-2:]
        top, left = min(REACH, (height - 1) // 2), min(REACH, (width - 1) // 2)
        return float(alike[..., top : height - top, left : width - left].mean())


def luminance(picture: Tensor) -> Tensor:
    """Return the luminance (1, 1, height, width) of a picture (1, 3, height, width); both in 0–1."""
    weights = torch.tensor(LUMINANCE, dtype=torch.float32, device=picture.device)
    return (picture.float() * weights.view(1, 3, 1, 1)).sum(1, keepdim=True)


def _shapes(picture: Tensor) -> Tensor:
    return shapes_of(luminance(picture))


def shapes_of(light: Tensor) -> Tensor:
    """Return the large shapes of a picture by its luminance, (1, 1, height, width)."""
    height, width = light.shape[-2:]
    scale = LONGEST_SIDE / max(height, width)
    plane = resized(light, max(1, round(width * scale)), max(1, round(height * scale)))
    return _blurred(plane, BLUR, round(4 * BLUR))


def _blurred(planes: Tensor, sigma: float, reach: int) -> Tensor:
    """Blur planes (count, 1, height, width) with a Gaussian cut off at ``reach`` pixels, edges mirrored."""
    places = torch.arange(-reach, reach + 1, dtype=torch.float32, device=planes.device)
    weights = torch.exp(-0.5 * (places / sigma) ** 2)
    weights /= weights.sum()
    tall = conv2d(_mirrored(planes, 2, reach), weights.view(1, 1, -1, 1))
    return conv2d(_mirrored(tall, 3, reach), weights.view(1, 1, 1, -1))


def _mirrored(planes: Tensor, dimension: int, reach: int) -> Tensor:
    """Continue planes by ``reach`` pixels on both sides as mirrors do (cba abc cba), to and fro where they are short.

    torch's own padding goes no further than one mirror image.
    """
    length = planes.shape[dimension]
    places = torch.arange(-reach, length + reach, device=planes.device).remainder(2 * length)
    return planes.index_select(dimension, torch.minimum(places, 2 * length - 1 - places))
