"""What the steps of every look are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from engine.likeness import luminance
from engine.mixer import Colors
from engine.recipe import Recipe
from engine.transforms import Views

Made = TypeVar("Made")

# How colours vary together in photos (square root of ImageNet's colour covariance; Olah et al., "Feature
# Visualization", Distill 2017). Steps along it change light more than hue, as light does in a photo.
PHOTO_COLORS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))

DARKEST, BRIGHTEST = 0.02, 0.98  # so that nothing is burnt; a photo's own black and white stay

EDGE = 0.02  # in 0–1 pixel units: differences below it are smoothed like waves, above it like edges


class Gradient(Protocol):
    """What a look climbs: ``engine.objectives.Objective.gradient``, or what stands for it."""

    def __call__(self, image: Tensor, colors: Colors | None = None, /) -> Tensor:
        """Return the gradient by the pixels of ``image`` (1, 3, height, width), its colours times ``colors`` (3, 3)."""


class Prepared:
    """What depends on a picture's size alone, kept by size: a film begins the same octaves with every frame."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], Any] = {}

    def of(self, height: int, width: int, make: Callable[[], Made]) -> Made:
        """Return what was made for this size; made now where it is the first time."""
        if (height, width) not in self._kept:
            self._kept[height, width] = make()
        made: Made = self._kept[height, width]
        return made


class Bounds:
    """How dark and how bright a dream may be: within DARKEST and BRIGHTEST, unless the photo itself goes further."""

    def __init__(self, photo: Tensor, *, keep_colors: bool) -> None:
        """Take the bounds of ``photo`` (1, 3, height, width) in 0–1; ``keep_colors``: only its light may change."""
        self._photo = photo
        self._darkest, self._brightest = photo.clamp(max=DARKEST), photo.clamp(min=BRIGHTEST)
        self._keep_colors = keep_colors

    def within(self, picture: Tensor) -> Tensor:
        """Bring ``picture`` within the bounds, in its own place where that is all, and return it."""
        if not self._keep_colors:
            return picture.clamp_(self._darkest, self._brightest)
        # One and the same change for red, green and blue, as far as the first of them may go: no hue moves.
        change = luminance(picture - self._photo)
        lowest = (self._darkest - self._photo).amax(1, keepdim=True)
        highest = (self._brightest - self._photo).amin(1, keepdim=True)
        return self._photo + torch.clamp(change, lowest, highest)


def views_of(recipe: Recipe) -> Views:
    """Return the views of a recipe's steps, before the first is drawn."""
    return Views(recipe.jitter, recipe.zoom, recipe.rotation, spread=recipe.stepping == "falling")


def going_on(lengths: Sequence[float]) -> Iterator[float]:
    """Return the length of each step of an octave; the last one goes on."""
    return chain(lengths, repeat(lengths[-1]))


def smoother(direction: Tensor, detail: Tensor, part: float) -> Tensor:
    """Return ``direction`` with a pull towards a smooth detail in it, ``part`` of it as strong as itself.

    The gradient of the total variation (Rudin, Osher, Fatemi, 1992), rounded off below ``EDGE``.
    """
    pull = pull_of(detail)
    size = pull.abs().mean().clamp_(min=torch.finfo(pull.dtype).tiny)
    return direction + pull * (part * direction.abs().mean() / size)


def pull_of(detail: Tensor) -> Tensor:
    """Return where each pixel of ``detail`` is pulled by its neighbours."""
    pull = torch.zeros_like(detail)
    for dimension in (2, 3):
        length = detail.shape[dimension] - 1
        if length < 1:
            continue
        rise = detail.diff(dim=dimension)
        rise = rise / (rise.square() + EDGE**2).sqrt()
        pull.narrow(dimension, 0, length).add_(rise)
        pull.narrow(dimension, 1, length).sub_(rise)
    return pull
