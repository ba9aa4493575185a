"""The imprint of a picture: by what one that was taken down is known again, whatever file it comes back in.

The picture, grey and 64 × 64, is taken apart into cosines (DCT); each of 256 bits says whether one of the 16 × 16
lowest frequencies is above their median. Source: Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ
Image-Hashing Algorithm", 2019. Low frequencies are the photo itself: unlike the likeness of galleries
(``bot.intake.likeness``), which tells two dreams of one photo apart, this one knows the photo in its dreams.

PDQ does not know a picture that was cut. So of one that is taken down the imprints of windows into it are kept, with
up to 10 % less at each side, and of their mirror images; of one that is sent, its own alone is compared.

A film is known by frames that are spread over its length: it is the same where half of those that are sent are like
some frame of the one that was taken down, or the other way round. So one that was saved anew is known, and one that
lacks a part; frames with next to nothing in them, which are like each other in all films, do not count.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageStat

from engine.pictures import Picture, joined

SIDE = 64  # pixels that it is made of
LOWEST = 16  # frequencies each way, without those that do not vary
BYTES = LOWEST * LOWEST // 8
WORK_SIDE = 256  # windows are cut from a picture of this size
MARGINS = (0.0, 0.035, 0.07)  # of the picture's side, cut off at each of its four
FARTHEST = 44  # bits of 256 that differ, in what is still the same picture
FRAME_MARGINS = (0.0, 0.05)  # of a film's frames
WAYS = 2 * len(FRAME_MARGINS)  # in which each of them is kept, the first as it is
DETAIL = 6.0  # grey levels of 256: the standard deviation of what has something in it
FEWEST = 3  # frames that tell one film from another
SAME = 0.5  # of its frames, in what is still the same film

Imprint = NDArray[np.uint8]  # BYTES numbers


def imprint(picture: Picture) -> Imprint:
    """Return a picture's own imprint."""
    return _of(joined(picture).convert("L"), None)


def imprints(picture: Picture) -> NDArray[np.uint8]:
    """Return the imprints of windows into a picture and of their mirror images, one a row."""
    grey = joined(picture).convert("L")
    grey.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.LANCZOS)
    return np.stack([_of(one, box) for one in (grey, ImageOps.mirror(grey)) for box in _windows(*grey.size)])


def rows_of(imprints: bytes) -> NDArray[np.uint8]:
    """Return imprints as they are kept, one a row."""
    return np.frombuffer(imprints, np.uint8).reshape(-1, BYTES)


def film_imprints(frames: Iterable[Picture], *, ways: bool) -> NDArray[np.uint8]:
    """Return the imprints of those of a film's frames that have something in them, one a row.

    In all ``WAYS``, as they are kept, ``WAYS`` rows for each frame; or of each its own alone.
    """
    boxes = FRAME_MARGINS if ways else FRAME_MARGINS[:1]
    kept = [
        _of(one, (margin * one.width, margin * one.height, (1 - margin) * one.width, (1 - margin) * one.height))
        for grey in (joined(frame).convert("L") for frame in frames)
        if ImageStat.Stat(grey).stddev[0] >= DETAIL
        for one in ((grey, ImageOps.mirror(grey)) if ways else (grey,))
        for margin in boxes
    ]
    return np.stack(kept) if kept else np.empty((0, BYTES), np.uint8)


def is_same_film(sent: NDArray[np.uint8], kept: NDArray[np.uint8]) -> bool:
    """Tell whether a film, by its frames' own imprints, is one that is kept in all ``WAYS``."""
    own = kept[::WAYS]
    return _is_part(sent, kept) or _is_part(own, sent)


def _is_part(frames: NDArray[np.uint8], of: NDArray[np.uint8]) -> bool:
    near = sum(distance(one, of) <= FARTHEST for one in frames)
    return near >= max(FEWEST, SAME * len(frames))


def distance(one: Imprint, others: NDArray[np.uint8]) -> int:
    """Return in how many bits an imprint differs from the nearest of ``others``; 256 where there are none."""
    if not len(others):
        return BYTES * 8
    return int(np.bitwise_count(others ^ one).sum(axis=1, dtype=np.int64).min())


def _windows(width: int, height: int) -> Iterator[tuple[float, float, float, float]]:
    for left, top, right, bottom in itertools.product(MARGINS, repeat=4):
        yield left * width, top * height, (1 - right) * width, (1 - bottom) * height


def _of(grey: Image.Image, box: tuple[float, float, float, float] | None) -> Imprint:
    small = grey.resize(
        (SIDE, SIDE), Image.Resampling.BOX if min(grey.size) >= 2 * SIDE else Image.Resampling.BILINEAR, box=box
    )
    cosines = _cosines()
    strengths = cosines @ np.asarray(small, dtype=np.float64) @ cosines.T
    return np.packbits(strengths > np.median(strengths))


@cache
def _cosines() -> NDArray[np.float64]:
    """Return the cosines of the frequencies 1 to ``LOWEST`` (DCT-II, each row a frequency)."""
    at = np.arange(SIDE)
    return np.cos(np.pi * np.outer(np.arange(1, LOWEST + 1), 2 * at + 1) / (2 * SIDE))
