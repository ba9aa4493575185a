"""The likeness of a picture: 64 bits that stay nearly the same when it is saved anew, and by which it is known again.

The picture, grey and 64 × 64, is taken apart into cosines (DCT); each bit says whether one of them is stronger than
their median. Source: Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, the DCT hash.
That takes the 64 lowest frequencies, which are the photo: in them, two dreams of one photo with different seeds are too
much alike. So those are left out here, and the next ones taken, in which the dream itself is.

{FIGURES}
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.pictures import Picture, joined

SIDE = 64  # pixels that it is made of
LOWEST = 8  # of a frequency, the sum of its half waves across and down, in the grey square
BITS = 64


def likeness(picture: Picture) -> int:
    """Return a picture's likeness, as a signed number of 64 bits."""
    grey = joined(picture).convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    cosines = _cosines()
    strengths = (cosines @ np.asarray(grey, dtype=np.float64) @ cosines.T)[_chosen()]
    bits = strengths > np.median(strengths)
    return int.from_bytes(np.packbits(bits).tobytes(), signed=True)


@cache
def _cosines() -> NDArray[np.float64]:
    """Return the cosine transform of ``SIDE`` numbers (DCT-II, each row a frequency)."""
    at = np.arange(SIDE)
    return np.cos(np.pi * np.outer(at, 2 * at + 1) / (2 * SIDE))


@cache
def _chosen() -> tuple[list[int], list[int]]:
    """Return which frequencies make the bits: their half waves down and across, the lowest first."""
    pairs = sorted(((down, across) for down in range(SIDE) for across in range(SIDE)), key=lambda one: (sum(one), one))
    chosen = [one for one in pairs if sum(one) >= LOWEST][:BITS]
    return [down for down, _ in chosen], [across for _, across in chosen]
