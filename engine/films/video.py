"""A moving picture dreamed frame by frame: the detail goes on from frame to frame, along the optical flow.

The detail and not the picture: a picture that goes on is dreamed on again and again, and becomes ever brighter. (Ruder,
Dosovitskiy, Brox, "Artistic style transfer for videos", 2016, move the picture, and hide it where it was hidden.)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from engine.films.flow import Flow
from engine.films.making import Frames
from engine.films.moving import flowed
from engine.films.settings import VideoFilm
from engine.octaves import Octave, pixels_of
from engine.pictures import Picture

CATCHING_UP = 3.0  # how much longer steps are where nothing is dreamed yet
FORGETTING = 0.85  # of how new a place is, kept from frame to frame
SOFT = 5  # pixels: how softly what was hidden is parted from what was seen


class Video:
    """A video in the making. Its state is (1, 4, height, width): the detail, and how new each place is, 0–1."""

    def __init__(self, film: VideoFilm, frames: Frames, device: torch.device) -> None:
        self._film = film
        self._frames = frames
        self._device = device
        self._flow = Flow()

    def opened(
        self, now: NDArray[np.uint8], place: Tensor | None, number: int, between: Callable[[Octave], object]
    ) -> tuple[Tensor, Tensor]:
        """Dream the first frame of a scene: return its picture (1, 3, height, width) in 0–1, and the state."""
        look = self._frames.opened(pixels_of(Picture(now), self._device), place, number, between)
        return look.picture, torch.cat([look.detail, torch.zeros_like(look.detail[:, :1])], 1)

    def gone_on(
        self,
        now: NDArray[np.uint8],
        before: NDArray[np.uint8],
        state: Tensor,
        place: Tensor | None,
        number: int,
        between: Callable[[Octave], object],
    ) -> tuple[Tensor, Tensor]:
        """Dream a frame (height, width, 3) in 8 bits after the one ``before``, of its ``state``: return the same."""
        detail, new = self.moved(now, before, state)
        eager = 1 + (CATCHING_UP - 1) * new
        look = self._frames.gone_on(
            pixels_of(Picture(now), self._device),
            detail,
            eager if place is None else eager * place,
            number,
            self._film.frame_octaves,
            self._film.frame_steps,
            self._film.strength,
            between,
        )
        return look.picture, torch.cat([look.detail, FORGETTING * new], 1)

    def moved(self, now: NDArray[np.uint8], before: NDArray[np.uint8], state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the detail and how new each place is, moved as the picture moved; what was hidden is new."""
        back, seen = self._flow.back(now, before)
        soft = avg_pool2d(seen, SOFT, 1, SOFT // 2, count_include_pad=False) * seen
        soft = soft.to(self._device)
        moved = flowed(state, back.to(self._device))
        return self._film.keep * moved[:, :3] * soft, (moved[:, 3:] * soft + 1 - soft).clamp_(0, 1)
