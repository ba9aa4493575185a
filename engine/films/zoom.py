"""The endless zoom: each frame is the last one zoomed in, turned, panned, and dreamed on.

How the loop closes: the first frame is laid into the middle of the last ones, small at first and only faintly there,
then as large and as clearly as it will be when it begins again, moved exactly as everything is. Where it is laid,
nothing more is dreamed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate

import torch
from torch import Tensor

from engine.films.making import Frames
from engine.films.moving import Move, fitted
from engine.films.settings import ZoomFilm
from engine.octaves import Octave

STEADYING = 0.1  # of the way back to the first frame's light, contrast and colours, each frame
LAID_AT = 0.25  # the first frame's size, of the frame it is laid into, when it begins to show
WHOLE_AT = 0.8  # and when it is wholly there


def moves(film: ZoomFilm) -> list[Move]:
    """Return the move from every frame to the next, and from the last to the first."""
    part = 1 / film.fps
    return [
        Move(
            film.speed ** (-pace * part),
            math.radians(film.turn) * pace * part,
            film.pan_right * pace * part,
            film.pan_down * pace * part,
        )
        for pace in film.paces()
    ]


class Zoom:
    """A zoom film in the making. Its state is the frame as it stands: ``picture`` (1, 3, height, width) in 0–1."""

    def __init__(self, film: ZoomFilm, frames: Frames, first: Tensor) -> None:
        """Begin with the ``first`` frame, dreamed or not."""
        self._film = film
        self._frames = frames
        self._first = first
        self._mean, self._spread = _colours(first)
        self._moves = moves(film)
        # From each frame on to where the film begins again.
        rest = list(accumulate(reversed(self._moves), lambda later, earlier: later.after(earlier)))
        self._rest = rest[::-1]

    def frame(self, number: int, before: Tensor, between: Callable[[Octave], object]) -> Tensor:
        """Return frame ``number``, counted from 0, of the one before it."""
        moved = self._steadied(self._moves[number - 1](before).clamp_(0, 1))
        place = None
        laid = self._laid(number) if self._film.loop else None
        if laid is not None:
            copy, shown = laid
            moved = moved.lerp(copy, shown)
            place = 1 - shown
        look = self._frames.gone_on(
            moved,
            None,
            place,
            number,
            self._film.frame_octaves,
            self._film.frame_steps,
            self._film.strength,
            between,
        )
        return look.picture

    def _steadied(self, picture: Tensor) -> Tensor:
        """Return a picture brought a little nearer to the first frame's light, contrast and colours.

        A frame that is made of itself a hundred times becomes ever harsher otherwise.
        """
        mean, spread = _colours(picture)
        gain = 1 + STEADYING * (self._spread / spread.clamp(min=1e-3) - 1)
        return ((picture - mean) * gain + mean.lerp(self._mean, STEADYING)).clamp_(0, 1)

    def _laid(self, number: int) -> tuple[Tensor, Tensor] | None:
        """Return the first frame as it lies in this one, and how much of it shows, (1, 1, height, width) in 0–1."""
        back = self._rest[number].inverse()
        size = 1 / back.scale
        ramp = math.log(size / LAID_AT) / math.log(WHOLE_AT / LAID_AT)
        if ramp <= 0:
            return None
        # Its edge is soft, and the less so the nearer it comes to the frame's own.
        height, width = self._first.shape[-2:]
        across, down = back.places(width, height, self._first.device)
        inside = torch.minimum(width / height * (1 - across.abs()), 1 - down.abs())[None, None]
        soft = max(2 * (1 / size - 1), 1e-6) if size < 1 else 1e-6
        shown = _smooth((inside / min(soft, 0.9)).clamp(0, 1)) * _smooth(torch.tensor(min(1.0, ramp)))
        return self._copied(back, size), shown

    def _copied(self, back: Move, size: float) -> Tensor:
        """Return the first frame as it lies in another, smoothed where it is smaller."""
        height, width = self._first.shape[-2:]
        small = fitted(self._first, max(2, round(width * min(1, size))), max(2, round(height * min(1, size))))
        # A move is in parts of the picture, so that any size of it will do.
        return back(small, (width, height)).clamp_(0, 1)


def _colours(picture: Tensor) -> tuple[Tensor, Tensor]:
    mean = picture.mean((2, 3), keepdim=True)
    # torch's own deviation takes as long as four passes do.
    return mean, (picture - mean).square_().mean((2, 3), keepdim=True).sqrt_()


def _smooth(part: Tensor) -> Tensor:
    return part * part * (3 - 2 * part)
