"""The likeness of a picture: 64 bits that stay nearly the same when it is saved anew, and by which it is known again.

The picture, grey and 96 × 96, is taken apart into cosines (DCT); each bit is the sign of one of them. Source: Zauner,
"Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, the DCT hash. That takes the lowest
frequencies, which are the photo: in those, two dreams of one photo with different seeds were 2 bits apart, less than a
dream from itself, a tenth brighter (4). So the 64 from the 24th on are taken here, in which the dream itself is.

How many bits differ, over 18 dreams of 256 pixels (three photos, classic and natural, three seeds each, lite0):

==========================================  =================
the same dream as JPEG of quality 85 or 50  0, at most 1
... at half the size                        0, at most 1
... a tenth brighter                        0, at most 2
... without 2 % of its width and height     5, 3 to 8
... without 5 %                             16, 12 to 24
another seed, classic                       20, 15 to 24
another seed, natural                       16, 11 to 25
another photo                               27 and more
==========================================  =================

So a picture that was cut by 5 % is not known again: no distance tells it from another seed.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.pictures import Picture, joined

SIDE = 96  # pixels that it is made of
LOWEST = 24  # of a frequency, the sum of its half waves across and down, in the grey square
BITS = 64


def likeness(picture: Picture) -> int:
    """Return a picture's likeness, as a signed number of 64 bits."""
    grey = joined(picture).convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    cosines = _cosines()
    strengths = (cosines @ np.asarray(grey, dtype=np.float64) @ cosines.T)[_chosen()]
    return int.from_bytes(np.packbits(strengths > 0).tobytes(), signed=True)


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
