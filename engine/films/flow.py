"""Where the pixels of a frame were in the one before: optical flow, and where there is none to be trusted."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.films.moving import flowed

# Sundaram, Brox, Keutzer, "Dense point trajectories by GPU-accelerated large displacement optical flow", 2010: there
# and back may miss by so much, as a part of the way (squared) and in square pixels.
PART_MISSED, PIXELS_MISSED = 0.01, 0.5


class Flow:
    """Flow between frames of one size by OpenCV's DIS (Kroeger et al., "Fast optical flow", 2016)."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def back(self, now: NDArray[np.uint8], before: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
        """Return where each pixel of ``now`` was, and how far that is to be believed.

        Frames are (height, width, 3) in 8 bits. The first is (1, 2, height, width), in pixels right and down; the
        second (1, 1, height, width), 0 where a pixel was hidden or out of the frame, 1 where it was seen.
        """
        grey_now, grey_before = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (now, before))
        there, back = self._between(grey_now, grey_before), self._between(grey_before, grey_now)
        # What comes in over the edge is 0, and so is a way back that never was: the frame is told apart from it.
        inside = flowed(torch.ones_like(there[:, :1]), there) > 0.5
        returned = flowed(back, there)
        missed = (there + returned).square().sum(1, keepdim=True)
        ways = there.square().sum(1, keepdim=True) + returned.square().sum(1, keepdim=True)
        seen = inside & (missed <= PART_MISSED * ways + PIXELS_MISSED)
        return there, seen.float()

    def _between(self, one: NDArray[np.generic], other: NDArray[np.generic]) -> Tensor:
        # Without a flow to begin with: OpenCV would go on from what is in the array that it is handed.
        found = self._dis.calc(one, other, None)  # type: ignore[call-overload]
        return torch.from_numpy(np.ascontiguousarray(found, dtype=np.float32)).permute(2, 0, 1)[None]
