"""Dreamer: networks on a device, and the loop that dreams."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine import memory, where
from engine.devices import device_of
from engine.errors import DreamStopped, EngineError, RecipeError
from engine.fingerprint import fingerprint
from engine.likeness import weakened
from engine.looks import Look, begin
from engine.networks import Network, offer
from engine.objectives import Objective
from engine.octaves import pixels_of, resized
from engine.pictures import Picture, scaled
from engine.recipe import Recipe
from engine.sentences import Sentence, mark

LOOKED_AT = 8  # steps: what is not finite stays so, and on a GPU every look makes it wait
SMALLEST_FIT = 256  # pixels: where memory is short, a dream is made smaller, but not smaller than this

_ON_GUIDE = mark("Guide: {note}")
_ON_MASK = mark("Mask: {note}")
_SMALLER = mark("Memory is short: the dream was made at {size} pixels instead of {wanted}.")
_FEWER_OCTAVES = mark("The picture is too small for {asked} octaves: it was dreamed in {dreamed}.")


@dataclass(frozen=True)
class Progress:
    """Where a dream stands after a step. Octaves and steps count from 1."""

    octave: int
    octaves: int
    step: int
    steps: int
    fraction: float  # of the whole cost, 0–1
    _look: Look

    def preview(self) -> Picture:
        """Return the picture as it stands, at the octave's size. To be asked for within ``on_step``."""
        return Picture(_pixels(self._look.picture))


@dataclass(frozen=True)
class Dream:
    """A dreamed picture, and all that is needed to have it again."""

    picture: Picture  # with the photo's alpha, at the dream's size
    recipe: Recipe
    fingerprint: str  # JSON; same recipe, photo and fingerprint: same bytes
    seconds: float


class Dreamer:
    """Networks kept loaded on a device. Dreams of anything in them; one dream at a time."""

    def __init__(
        self,
        network: str = "lite2",
        device: str | torch.device = "cpu",
        *,
        weights: Path | None = None,
        memory_bytes: int | None = None,
    ) -> None:
        """Load ``network`` (several: ``lite2+lite0``) onto ``device`` (``auto``: a GPU if any).

        ``weights`` is a file with weights of one's own for a single network; ``memory_bytes`` what this process may
        have resident in all, so that dreams are made to fit. Raises EngineError.
        """
        self._memory_bytes = memory_bytes
        self.device = device_of(device) if isinstance(device, str) else device
        for name in network.split("+"):
            offer(name.strip())
        # Not checked as a recipe: not every network knows the dogs that a recipe is of by default.
        names = Recipe.model_construct(network=network).networks
        if weights is not None and len(names) > 1:
            raise EngineError(
                "A weights file is for one network, and {networks} are several. Name one of them.", networks=network
            )
        self._networks = {name: Network(name, self.device, weights=weights) for name in names}

    @property
    def network(self) -> str:
        """The names of the loaded networks, as recipes have them."""
        return "+".join(self._networks)

    @property
    def fingerprint(self) -> str:
        """What, with a recipe and the pictures, determines every byte of a dream: one line of JSON."""
        return fingerprint(self.device, {name: one.weights_sha256 for name, one in self._networks.items()})

    def dream(
        self,
        picture: Picture,
        recipe: Recipe,
        *,
        guide: Picture | None = None,
        mask: Picture | None = None,
        on_step: Callable[[Progress], object] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Dream:
        """Dream on a picture.

        ``guide`` is the second picture for a recipe that dreams of one; ``mask`` says where to dream (white) and where
        not (black), and is stretched to the picture. ``on_step`` is called after every step; ``should_stop`` before
        every step, and raises DreamStopped once it is true. Raises RecipeError where the recipe is for other networks
        or lacks a picture, EngineError where memory does not suffice or the numbers leave their range.
        """
        began = time.perf_counter()
        recipe, notes = self._ready(picture, recipe, guide, mask)
        sizes = recipe.octave_sizes(picture.width, picture.height)
        done = _Meter(recipe, sizes)
        source = scaled(picture, *sizes[-1])
        photo = pixels_of(source, self.device)
        trunks = {name: self._networks[name].trunk(layers) for name, layers in recipe.layers().items()}
        objective = Objective(recipe.terms(), trunks, None if guide is None else pixels_of(guide, self.device))
        place = where.place(recipe, photo, next(iter(self._networks.values())), mask)
        # The numbers are drawn on the CPU, so that a seed means the same on every device.
        look = begin(recipe, torch.Generator().manual_seed(recipe.seed), self.device)
        for octave, steps in enumerate(done.steps, 1):
            size = sizes[octave - 1]
            small = resized(photo, *size).clamp(0, 1)
            objective.start(small)
            look.start(small, None if place is None else resized(place, *size).clamp(0, 1), recipe.strength(octave))
            for step in range(1, steps + 1):
                if should_stop is not None and should_stop():
                    raise DreamStopped
                look.step(objective.gradient)
                if step % LOOKED_AT == 0 or step == steps:
                    _check_finite(look.picture)
                if on_step is not None:
                    on_step(Progress(octave, len(sizes), step, steps, done.after(octave, step), look))
        dreamed = weakened(photo, look.picture, recipe.likeness)[0] if recipe.likeness else look.picture
        notes = (*picture.notes, *notes, *_note_on_octaves(len(sizes), recipe.octaves))
        made = Picture(_pixels(dreamed), source.alpha, notes)
        return Dream(made, recipe, self.fingerprint, time.perf_counter() - began)

    def _ready(
        self, picture: Picture, recipe: Recipe, guide: Picture | None, mask: Picture | None
    ) -> tuple[Recipe, tuple[Sentence, ...]]:
        """Return the recipe as it will be dreamed, and what the person is to know of it."""
        if recipe.networks != tuple(self._networks):
            raise RecipeError(
                "This recipe is for the network {network}, and {loaded} is loaded.",
                network=recipe.network,
                loaded=self.network,
            )
        recipe, notes = recipe.with_pictures(
            guide=None if guide is None else guide.sha256, mask=None if mask is None else mask.sha256
        )
        for words, other in ((_ON_GUIDE, guide), (_ON_MASK, mask)):
            notes = (*notes, *(Sentence(words, {"note": note}) for note in (other.notes if other else ())))
        wanted = max(recipe.dream_size(picture.width, picture.height))
        size = self._fitting_size(picture, recipe)
        if size < wanted:
            notes = (*notes, Sentence(_SMALLER, {"size": size, "wanted": wanted}))
            recipe = recipe.model_copy(update={"size": size})
        return recipe, notes

    def _fitting_size(self, picture: Picture, recipe: Recipe) -> int:
        """Return the longest side, in pixels, that memory suffices for. Raises EngineError for none."""
        width, height = recipe.dream_size(picture.width, picture.height)
        needed = max(memory.needed_bytes(layer, width, height, recipe.zoom) for layer in recipe.deepest())
        free = memory.free_bytes(self.device, self._memory_bytes)
        longest = max(width, height)
        if free is None or needed <= free:
            return longest
        fitting = int(longest * (free / needed) ** 0.5)
        if fitting < min(SMALLEST_FIT, longest):
            raise EngineError(
                "A dream of {width} × {height} pixels takes about {needed} GB of memory, and {free} GB are free. Close "
                "other programs, or dream on a machine with more memory.",
                width=width,
                height=height,
                needed=round(needed / 1e9, 1),
                free=round(free / 1e9, 1),
            )
        return fitting


class _Meter:
    """Tells how much of a dream's cost is spent: a step costs as many pixels as its octave has."""

    def __init__(self, recipe: Recipe, sizes: list[tuple[int, int]]) -> None:
        self._pixels = [width * height for width, height in sizes]
        self.steps = [recipe.steps_of(octave, len(sizes)) for octave in range(1, len(sizes) + 1)]
        costs = [pixels * steps for pixels, steps in zip(self._pixels, self.steps, strict=True)]
        self._ends = [0, *accumulate(costs)]

    def after(self, octave: int, step: int) -> float:
        return (self._ends[octave - 1] + self._pixels[octave - 1] * step) / self._ends[-1]


def _pixels(image: Tensor) -> np.typing.NDArray[np.uint8]:
    whole = image[0].permute(1, 2, 0).mul(255).round_().clamp_(0, 255)
    return np.ascontiguousarray(whole.to("cpu", torch.uint8).numpy())


def _check_finite(image: Tensor) -> None:
    if not bool(image.isfinite().all()):
        raise EngineError(
            "The dream broke down: its numbers left their range. Choose a smaller step size or another network."
        )


def _note_on_octaves(dreamed: int, asked: int) -> tuple[Sentence, ...]:
    return () if dreamed == asked else (Sentence(_FEWER_OCTAVES, {"asked": asked, "dreamed": dreamed}),)
