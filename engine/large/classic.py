"""The classic look where one more picture of its size would be too many: steps in strips, in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from engine.large.strips import balance_, floats, mean_magnitude, room_for, rows_of
from engine.looks.classic import FADES, colors_of
from engine.looks.steps import Bounds, going_on, pull_of, views_of
from engine.octaves import resized
from engine.recipe import Recipe
from engine.transforms import View

AddGradient = Callable[[Tensor, View, Tensor], None]  # a picture, its view, what the gradient by its pixels is added to


class LargeClassic:
    """What ``engine.looks.classic.Classic`` is, with the photo in bytes, one picture and one gradient."""

    def __init__(self, recipe: Recipe, generator: torch.Generator, device: torch.device) -> None:
        self._recipe = recipe
        self._generator = generator
        self._device = device
        self._views = views_of(recipe)
        self._colors = colors_of(recipe).to(device)
        self._step_size = recipe.step_size
        self._lengths = going_on((1.0,))
        self._fade = FADES[recipe.stepping]
        self._photo = self._picture = self._room = torch.empty(0)
        self._where: Tensor | None = None

    @property
    def picture(self) -> Tensor:
        """The photo with its dream, at the octave's size."""
        return self._picture

    @property
    def gradient(self) -> Tensor:
        """Where the gradient is made, (1, 3, height, width): between steps, nobody needs it."""
        return self._room[None, :, :, : self._photo.shape[-1]]

    def start(
        self,
        photo: Tensor,
        where: Tensor | None,
        strength: float,
        lengths: Sequence[float] = (1.0,),
        detail: Tensor | None = None,
    ) -> None:
        """Begin an octave on ``photo``, the photo's bytes at its size; the detail dreamed so far is carried over.

        ``where`` (1, 1, height, width), in bytes as well, says how much each place dreams; ``strength`` is what the
        step size is multiplied by, ``lengths`` how long each step is beside their mean. ``detail`` is that of another
        look, (1, 3, height, width) of any size.
        """
        height, width = photo.shape[-2:]
        self.leave_room()  # not beside the old picture and the new one
        if detail is None and self._picture.numel():
            detail = self._picture
            for rows in rows_of(*detail.shape[-2:]):
                detail[:, :, rows] -= floats(self._photo[:, :, rows])
        self._picture = torch.empty(0)
        self._photo, self._where = photo, where
        self._step_size = self._recipe.step_size * strength
        self._lengths = going_on(lengths)
        if detail is None:
            picture = torch.zeros(1, 3, height, width, device=self._device)
        else:
            picture = resized(detail, width, height)
        for rows in rows_of(height, width):
            small = floats(photo[:, :, rows])
            picture[:, :, rows] = self._within(small, small + picture[:, :, rows]) if detail is not None else small
        self._picture = picture

    def make_room(self) -> None:
        """Take the memory that a step needs."""
        if not self._room.numel():
            self._room = room_for(self._photo.shape[2], self._photo.shape[3], self._device)

    def leave_room(self) -> None:
        """Give that memory back."""
        self._room = torch.empty(0)

    def step(self, add_gradient: AddGradient) -> None:
        """Take one step up; ``add_gradient`` adds the objective's gradient by the picture's pixels."""
        self.make_room()
        length = next(self._lengths)
        gradient = self.gradient
        add_gradient(self._picture, self._views.draw(self._generator), gradient.zero_())
        height, width = gradient.shape[-2:]
        for rows in rows_of(height, width):
            strip = gradient[0, :, rows]
            gradient[0, :, rows] = (self._colors @ strip.reshape(3, -1)).view_as(strip)
        balance_(self._room, width, self._recipe.balance)
        if self._recipe.total_variation:
            self._smooth()
        step = self._step_size * length / max(mean_magnitude(gradient), torch.finfo(gradient.dtype).tiny)
        for rows in rows_of(height, width):
            direction = gradient[:, :, rows].mul(step)
            if self._where is not None:
                direction.mul_(floats(self._where[:, :, rows]))
            photo = floats(self._photo[:, :, rows])
            self._picture[:, :, rows] = self._within(
                photo, self._picture[:, :, rows].lerp(photo, self._fade * length).add_(direction)
            )

    def _within(self, photo: Tensor, picture: Tensor) -> Tensor:
        return Bounds(photo, keep_colors=self._recipe.keep_colors).within(picture)

    def _smooth(self) -> None:
        """Pull the gradient towards a smooth detail."""
        gradient = self.gradient
        height, width = gradient.shape[-2:]
        strips = list(rows_of(height, width))
        size = sum(float(self._pull(rows).abs().sum(dtype=torch.float64)) for rows in strips) / gradient.numel()
        part = self._recipe.total_variation * mean_magnitude(gradient)
        for rows in strips:
            gradient[:, :, rows] += self._pull(rows) * (part / max(size, torch.finfo(gradient.dtype).tiny))

    def _pull(self, rows: slice) -> Tensor:
        """Return where the pixels of some rows are pulled: a row more on each side is looked at."""
        low, high = max(0, rows.start - 1), min(self._picture.shape[2], rows.stop + 1)
        detail = self._picture[:, :, low:high] - floats(self._photo[:, :, low:high])
        return pull_of(detail)[:, :, rows.start - low : rows.stop - low]
