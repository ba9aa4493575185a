"""A large dream in the making: the octaves in tiles, and before them those of a look that is made whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from engine import where
from engine.large.classic import LargeClassic
from engine.large.objective import TiledObjective
from engine.large.strips import floats, light_of, rows_of
from engine.likeness import factor_of, shapes_of
from engine.looks import begin
from engine.networks import Network
from engine.objectives import Objective
from engine.octaves import Octave, dream_size, pixels_of, resized
from engine.pictures import Picture, scaled
from engine.recipe import Recipe
from engine.tiles import Tiling

# Of the step size, for what finishes a natural dream: at 1, plain ground that it had left alone filled with fine lines.
FINISHING_STRENGTH = 0.5
PLACE_SIDE = 2048  # pixels: where to dream is found at up to this size, and enlarged


class LargeDream:
    """A dream with the photo in bytes, one picture and one gradient, and what a tile takes."""

    def __init__(
        self,
        recipe: Recipe,
        tiling: Tiling,
        natural_side: int,
        source: Picture,
        networks: Mapping[str, Network],
        device: torch.device,
        *,
        guide: Picture | None,
        mask: Picture | None,
        between: Callable[[], None],
    ) -> None:
        """Begin a dream on ``source``, the photo at the dream's size; ``between`` is called before each tile.

        ``natural_side`` is up to where a natural dream is made in that look. Raises RecipeError where a picture is
        missing.
        """
        self._recipe = recipe
        self._device = device
        self._source = source
        self._octaves = recipe.schedule(source.width, source.height, natural_side)
        trunks = {name: networks[name].trunk(layers) for name, layers in recipe.layers().items()}
        look = None if guide is None else pixels_of(guide, device)
        self._place = self._found_place(next(iter(networks.values())), mask)
        generator = torch.Generator().manual_seed(recipe.seed)
        self._tiled = TiledObjective(recipe.terms(), trunks, tiling, look, between)
        # What finishes a natural dream sees it as it is: neither scaled nor turned.
        plain = {} if recipe.look == "classic" else {"zoom": 0.0, "rotation": 0.0}
        self._classic = LargeClassic(recipe.model_copy(update=plain), generator, device)
        self._whole = None if recipe.look == "classic" else begin(recipe, generator, device)
        self._objective = Objective(recipe.terms(), trunks, look)
        self._photo = torch.empty(0)

    @property
    def octaves(self) -> list[Octave]:
        """The sizes that it passes through."""
        return self._octaves

    @property
    def picture(self) -> Tensor:
        """The photo with its dream, at the octave's size."""
        return self._classic.picture if self._whole is None else self._whole.picture

    def start(self, number: int) -> None:
        """Begin an octave, counted from 1."""
        octave = self._octaves[number - 1]
        strength, lengths = self._recipe.strength(number), self._recipe.lengths(octave.steps)
        if self._whole is not None and not octave.finishing:
            photo = resized(self._base(), octave.width, octave.height).clamp(0, 1)
            self._objective.start(photo)
            self._whole.start(photo, self._place_at(octave), strength, lengths)
            return
        detail = None
        if self._whole is not None:
            detail = self._whole.picture - self._base()
            self._whole, self._photo = None, torch.empty(0)
        strength *= FINISHING_STRENGTH if octave.finishing else 1.0
        photo, place = self._photo_at(octave), self._place_at(octave)
        self._classic.start(photo, None if place is None else _bytes(place), strength, lengths, detail)
        self._classic.make_room()
        self._tiled.start(photo, self._classic.gradient)

    def step(self) -> None:
        """Take one step up."""
        if self._whole is not None:
            self._whole.step(self._objective.gradient)
        else:
            self._classic.step(self._tiled.add_gradient)

    def finish(self, likeness: float) -> Tensor:
        """Return the dream, weakened until it is as like the photo as it is to be."""
        picture, photo = self._classic.picture, self._photo_at(self._octaves[-1])
        self._classic.leave_room()
        if likeness:
            factor = factor_of(shapes_of(light_of(photo)), shapes_of(light_of(picture)), likeness)
            if factor < 1.0:
                for rows in rows_of(*picture.shape[-2:]):
                    picture[:, :, rows] = floats(photo[:, :, rows]).lerp(picture[:, :, rows], factor)
        return picture

    def _base(self) -> Tensor:
        """Return the photo at the size that a natural dream is made at."""
        if not self._photo.numel():
            largest = [octave for octave in self._octaves if not octave.finishing][-1]
            self._photo = pixels_of(scaled(self._source, largest.width, largest.height), self._device)
        return self._photo

    def _photo_at(self, octave: Octave) -> Tensor:
        """Return the photo's bytes, (1, 3, height, width)."""
        whole = torch.from_numpy(np.ascontiguousarray(self._source.rgb)).permute(2, 0, 1)[None]
        if (octave.width, octave.height) != (self._source.width, self._source.height):
            size = (octave.height, octave.width)
            whole = interpolate(whole, size, mode="bicubic", align_corners=False, antialias=True)
        return whole.to(self._device)

    def _found_place(self, network: Network, mask: Picture | None) -> Tensor | None:
        size = dream_size(self._source.width, self._source.height, PLACE_SIDE)
        if self._recipe.where == "everywhere":
            return None
        return where.place(self._recipe, pixels_of(scaled(self._source, *size), self._device), network, mask)

    def _place_at(self, octave: Octave) -> Tensor | None:
        return None if self._place is None else resized(self._place, octave.width, octave.height).clamp(0, 1)


def _bytes(plane: Tensor) -> Tensor:
    return plane.mul(255).round_().to(torch.uint8)
