"""What spoils a dream, in numbers: grain and burnt colours. Pictures of one size are compared, in sRGB as stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.pictures import Picture

FINE = 0.25  # cycles a pixel, in any direction: what is finer is seen as grain, not as a thing
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # Rec. 709


def grain(picture: Picture) -> float:
    """Return the luminance energy above ``FINE`` cycles a pixel: the mean square of it, in 0–1 pixel units.

    The picture is continued by its mirror image before it is transformed, so that its edges are no jump and no pixel
    counts less than another.
    """
    light = (picture.rgb / 255) @ LUMINANCE
    rows = np.concatenate([light, light[::-1]])
    whole = np.concatenate([rows, rows[:, ::-1]], axis=1)
    frequency = np.hypot(np.fft.fftfreq(whole.shape[0])[:, None], np.fft.fftfreq(whole.shape[1])[None, :])
    energy = np.abs(np.fft.fft2(whole)) ** 2 / whole.size**2
    return float(energy[frequency > FINE].sum())


def grain_ratio(photo: Picture, picture: Picture) -> float:
    """Return how many times the photo's grain a dream has: 1 where both have none, infinite where only it has some."""
    before, after = grain(photo), grain(picture)
    if before == 0:
        return 1.0 if after == 0 else float("inf")
    return after / before


def newly_clipped(photo: Picture, picture: Picture) -> float:
    """Return the share (0–1) of pixels with a colour at 0 or 255 that was neither in the photo."""
    new = _clipped(picture) & ~_clipped(photo)
    return float(new.any(axis=2).mean())


def _clipped(picture: Picture) -> NDArray[np.bool_]:
    clipped: NDArray[np.bool_] = (picture.rgb == 0) | (picture.rgb == 255)
    return clipped
