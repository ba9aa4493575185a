"""The pyramid: the sizes a dream passes through, and pictures as tensors of any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from engine.pictures import Picture

MIN_SIDE = 32  # pixels: below it the deepest layers have one position or two, and dream of nothing


@dataclass(frozen=True)
class Octave:
    """One size that a dream passes through, in pixels, and how often it is stepped there."""

    width: int
    height: int
    steps: int
    tiled: bool = False  # seen in tiles, whatever memory there is
    finishing: bool = (
        False  # of a natural dream: enlarged beyond what that look is made at, and finished by the classic
    )

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.width * self.height


def dream_size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return the size of the dream of a ``width`` × ``height`` photo: its longest side ``longest``, never enlarged."""
    shrink = min(1.0, longest / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def sizes(width: int, height: int, octaves: int, octave_scale: float) -> list[tuple[int, int]]:
    """Return each octave's (width, height), the smallest first, the last one the whole picture.

    Octaves with a side under ``MIN_SIDE`` pixels are left out; the whole picture is always dreamed.
    """
    found = [(width, height)]
    for octave in range(1, octaves):
        shrink = octave_scale**-octave
        smaller = max(1, round(width * shrink)), max(1, round(height * shrink))
        if min(smaller) < MIN_SIDE:
            break
        found.append(smaller)
    return found[::-1]


def resized(image: Tensor, width: int, height: int) -> Tensor:
    """Resize ``image`` (1, channels, height, width) by cubic interpolation, smoothed where it shrinks."""
    # Here and not above: sizes are asked for where torch is not loaded.
    from torch.nn.functional import interpolate

    if image.shape[-2:] == (height, width):
        return image
    if height >= image.shape[-2] and width >= image.shape[-1]:
        return interpolate(image, (height, width), mode="bicubic", align_corners=False)
    # Channels as if they were pictures: those are shared out to torch's threads, which channels are not.
    apart = image.transpose(0, 1)
    return interpolate(apart, (height, width), mode="bicubic", align_corners=False, antialias=True).transpose(0, 1)


def pixels_of(picture: Picture, device: torch.device | None = None) -> Tensor:
    """Return a picture's colours as (1, 3, height, width) in 0–1, on ``device`` (the CPU)."""
    import numpy as np
    import torch

    rgb = torch.from_numpy(np.ascontiguousarray(picture.rgb))  # a mirrored picture's pixels lie backwards in memory
    return rgb.to(device).permute(2, 0, 1)[None].float() / 255
