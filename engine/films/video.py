"""A moving picture dreamed frame by frame: the detail goes on from frame to frame, along the optical flow.

The detail and not the picture: a picture that goes on is dreamed on again and again, and becomes ever brighter. (Ruder,
Dosovitskiy, Brox, "Artistic style transfer for videos", 2016, move the picture, and hide it where it was hidden.)
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.films.flow import Way
from engine.films.making import Frames
from engine.films.moving import flowed
from engine.films.settings import VideoFilm
from engine.octaves import Octave

CATCHING_UP = 3.0  # how much longer steps are where nothing is dreamed yet
FORGETTING = 0.85  # of how new a place is, kept from frame to frame
# Of the way back to how light the scene's first frame was dreamed, each frame. The largest shapes are dreamed in small
# octaves alone, which later frames leave out: without it, a film lost 4 of 255 levels in its first fifty frames.
STEADYING = 0.5
# The natural look fades by itself, so that less is left to be lost; and its steps have momentum in a picture, which one
# step a frame has not. Kept and stepped as the classic look is, 16 frames lost 60 % of their detail's energy, so 16 %.
NATURAL_LOSS, NATURAL_STRENGTH = 0.1, 2.1  # of the classic look's
RENEWED = 0.5  # how much of the place where to dream is the new one where it was looked for again


class Video:
    """A video in the making.

    Its state is (1, 7 or 8, height, width): the detail, how new each place is, 0–1, everywhere the mean of the detail
    that the scene began with, and, unless it is everywhere, how much each place dreams, 0–1.
    """

    def __init__(self, film: VideoFilm, frames: Frames, device: torch.device) -> None:
        self._film = film
        self._frames = frames
        self._device = device
        self._natural = natural = frames.look == "natural"
        self._keep = film.keep**NATURAL_LOSS if natural else film.keep
        self._strength = film.strength * (NATURAL_STRENGTH if natural else 1.0)

    def opened(
        self, photo: Tensor, place: Tensor | None, number: int, between: Callable[[Octave], object]
    ) -> tuple[Tensor, Tensor]:
        """Dream the first frame of a scene, (1, 3, height, width) in 0–1: return its picture, alike, and the state."""
        look = self._frames.opened(photo, place, number, between)
        mean = _mean(look.detail, place).expand_as(look.detail)
        parts = [look.detail, torch.zeros_like(mean[:, :1]), mean, *([] if place is None else [place])]
        return look.picture, torch.cat(parts, 1)

    def gone_on(
        self,
        photo: Tensor,
        way: Way,
        state: Tensor,
        found: Tensor | None,
        number: int,
        between: Callable[[Octave], object],
    ) -> tuple[Tensor, Tensor]:
        """Dream a frame (1, 3, height, width) in 0–1, by the ``way`` from the one before and its ``state``: the same.

        ``found`` is the place where to dream if it was looked for again: it costs as much as three frames do.
        """
        detail, new, moved = self.moved(way, state)
        place = None
        if moved.shape[1]:
            place = moved if found is None else moved.lerp(found, RENEWED)
        missed = STEADYING * (state[:, 4:7, :1, :1] - _mean(detail, place))
        detail += missed if place is None else missed * place
        eager: Tensor | None = None
        if not self._natural:  # whose place is how much of the dream shows, and not how long its steps are
            eager = 1 + (CATCHING_UP - 1) * new
        look = self._frames.gone_on(
            photo,
            detail,
            eager if place is None else place if eager is None else eager * place,
            number,
            self._film.frame_octaves,
            self._film.frame_steps,
            self._strength,
            between,
        )
        return look.picture, torch.cat(
            [look.detail, FORGETTING * new, state[:, 4:7], moved if place is None else place], 1
        )

    def moved(self, way: Way, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the detail, how new each place is and how much it dreams, moved as the picture moved.

        What was hidden is new, and dreams as much as what hid it.
        """
        soft, place = way.seen.to(self._device), state[:, 7:]
        fine = state[:, :4] if not place.shape[1] else torch.cat([state[:, :4], place], 1)
        moved = flowed(fine, way.back.to(self._device), 1 + place.shape[1])
        new = (moved[:, 3:4] * soft + 1 - soft).clamp_(0, 1)
        return moved[:, :3] * (self._keep * soft), new, place.lerp(moved[:, 4:].clamp(0, 1), soft)


def _mean(detail: Tensor, place: Tensor | None) -> Tensor:
    """Return the mean of a detail over the place where it is dreamed, (1, 3, 1, 1)."""
    if place is None:
        return detail.mean((2, 3), keepdim=True)
    return (detail * place).sum((2, 3), keepdim=True) / place.sum((2, 3), keepdim=True).clamp(min=1.0)
