"""Where the pixels of a frame were in the one before: optical flow, and where there is none to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.films.ahead import both

# Sundaram, Brox, Keutzer, "Dense point trajectories by GPU-accelerated large displacement optical flow", 2010: there
# and back may miss by so much, as a part of the way (squared) and in square pixels.
PART_MISSED, PIXELS_MISSED = 0.01, 0.5
# The longest side that flow is found at: of larger frames it is found in smaller ones, and made as large again.
LARGEST = 256
SEARCHES = 5  # rounds for each patch: with 25, as *medium* has it, no pixel is found better, and fewer are believed
# Rounds for the whole: five, as *medium* has it, are 0.30 instead of 0.31 pixels off, and take two fifths longer.
REFINED, REFINED_BACK = 3, 2
SOFT = 5  # pixels: how softly what was hidden is parted from what was seen


@dataclass(frozen=True)
class Way:
    """Where each pixel of a frame was in the one before, and how far that is to be believed.

    ``back`` is (1, 2, height, width), in pixels right and down; ``seen`` (1, 1, height, width), 0 where a pixel was
    hidden or out of the frame, 1 where it was seen, and less beside what was hidden.
    """

    back: Tensor
    seen: Tensor


class Flow:
    """Flow between frames of one size by OpenCV's DIS (Kroeger et al., "Fast optical flow", 2016).

    Nothing in it is torch's: on a GPU it is found in a thread of its own, beside the dream.
    """

    def __init__(self) -> None:
        # Beside the faster ones on a clip of known motion: 0.16 pixels off in the mean, 0.35 (FAST), 0.50 (ULTRAFAST).
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._dis.setVariationalRefinementIterations(REFINED)
        # Only asked whether it leads back.
        self._check = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._check.setVariationalRefinementIterations(REFINED_BACK)
        for search in (self._dis, self._check):
            search.setGradientDescentIterations(SEARCHES)
        self._last: tuple[NDArray[np.uint8], NDArray[Any]] | None = None  # a frame, and it small and grey

    def back(self, now: NDArray[np.uint8], before: NDArray[np.uint8]) -> Way:
        """Return the way from ``now`` back to ``before``, frames (height, width, 3) in 8 bits."""
        grey_before = self._last[1] if self._last is not None and self._last[0] is before else _grey(before)
        grey_now = _grey(now)
        self._last = now, grey_now
        there, back = both(
            lambda: _found(self._dis, grey_now, grey_before), lambda: _found(self._check, grey_before, grey_now)
        )
        seen = _seen(there, back)
        full_height, full_width = now.shape[:2]
        height, width = seen.shape
        if (height, width) != (full_height, full_width):
            there = _large(there, full_width, full_height, cv2.INTER_LINEAR)
            seen = _large(seen, full_width, full_height, cv2.INTER_NEAREST)
        seen *= cv2.blur(seen, (SOFT, SOFT))
        way = np.empty((1, 2, full_height, full_width), np.float32)
        np.multiply(there[..., 0], full_width / width, out=way[0, 0])
        np.multiply(there[..., 1], full_height / height, out=way[0, 1])
        return Way(torch.from_numpy(way), torch.from_numpy(seen[None, None]))


def _found(dis: cv2.DISOpticalFlow, one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float32]:
    # Without a flow to begin with: OpenCV would go on from what is in the array that it is handed.
    found = dis.calc(one, other, None)  # type: ignore[call-overload]
    return np.ascontiguousarray(found, dtype=np.float32)


def _grey(frame: NDArray[np.uint8]) -> NDArray[Any]:
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    part = LARGEST / max(height, width)
    if part >= 1:
        return grey
    return cv2.resize(grey, (round(part * width), round(part * height)), interpolation=cv2.INTER_AREA)


def _large(found: NDArray[np.float32], width: int, height: int, how: int) -> NDArray[np.float32]:
    return cv2.resize(found, (width, height), interpolation=how).astype(np.float32, copy=False)


def _seen(there: NDArray[np.float32], back: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where flow there and back agree within the frame, 1 or 0; (height, width)."""
    height, width, _ = there.shape
    columns = np.arange(width, dtype=np.float32)[None, :] + there[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + there[..., 1]
    inside = (columns > -0.5) & (columns < width - 0.5) & (rows > -0.5) & (rows < height - 0.5)
    returned = cv2.remap(back, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    agree: NDArray[np.bool_] = inside & (
        _squared(there + returned) <= PART_MISSED * (_squared(there) + _squared(returned)) + PIXELS_MISSED
    )
    return agree.astype(np.float32)


def _squared(way: NDArray[Any]) -> NDArray[Any]:
    """Return the square of each way's length. (numpy's own sum over two numbers takes eight times as long.)"""
    across, down = way[..., 0], way[..., 1]
    squared: NDArray[Any] = across * across + down * down
    return squared
