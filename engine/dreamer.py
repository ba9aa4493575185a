"""Dreamer: networks on a device, and the loop that dreams."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from engine import memory, where
from engine.devices import device_of
from engine.errors import DreamStopped, EngineError, RecipeError
from engine.fingerprint import fingerprint
from engine.large import LargeDream, Plan, planned
from engine.large.strips import is_finite, pixels_of_floats
from engine.likeness import weakened
from engine.looks import begin
from engine.networks import Network, offer
from engine.objectives import Objective
from engine.octaves import Octave, pixels_of, resized
from engine.pictures import Picture, scaled
from engine.recipe import Recipe
from engine.sentences import Sentence, mark

LOOKED_AT = 8  # steps: what is not finite stays so, and on a GPU every look makes it wait

_ON_GUIDE = mark("Guide: {note}")
_ON_MASK = mark("Mask: {note}")
_SMALLER = mark("Memory is short: the dream was made at {size} pixels instead of {wanted}.")
_AT_ONCE = mark("This layer sees the whole picture at once: the dream was made at {size} pixels instead of {wanted}.")
_FEWER_OCTAVES = mark("The picture is too small for {asked} octaves: it was dreamed in {dreamed}.")


class Making(Protocol):
    """A dream in the making, whole or in tiles."""

    @property
    def octaves(self) -> list[Octave]:
        """The sizes that it passes through, the smallest first."""

    @property
    def picture(self) -> Tensor:
        """The photo with its dream (1, 3, height, width) in 0–1, at the octave's size."""

    def start(self, number: int) -> None:
        """Begin an octave, counted from 1."""

    def step(self) -> None:
        """Take one step up."""

    def finish(self, likeness: float) -> Tensor:
        """Return the dream, weakened until it is as like the photo as it is to be."""


@dataclass(frozen=True)
class Progress:
    """Where a dream stands after a step. Octaves and steps count from 1."""

    octave: int
    octaves: int
    step: int
    steps: int
    fraction: float  # of the whole cost, 0–1
    _making: Making

    @property
    def is_worth_showing(self) -> bool:
        """Whether there is something new to see: as each octave ends but the last, and halfway through the first.

        A small picture's first octave takes an eighth of the whole time: that is long to wait for a first sight.
        """
        halfway = self.octave == 1 and self.step == (self.steps + 1) // 2
        return self.octave < self.octaves and (halfway or self.step == self.steps)

    def preview(self) -> Picture:
        """Return the picture as it stands, at the octave's size. To be asked for within ``on_step``."""
        return Picture(pixels_of_floats(self._making.picture))


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
        variants: Mapping[str, str] | None = None,
    ) -> None:
        """Load ``network`` (several: ``lite2+lite0``) onto ``device`` (``auto``: a GPU if any).

        ``weights`` is a file with weights of one's own for a single network; ``memory_bytes`` what this process may
        have resident in all, so that dreams are made to fit; ``variants`` the form that each network is to run in, as
        an earlier dream's fingerprint has it (``variant``), else the fastest here. Raises EngineError.
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
        self._networks = {
            name: Network(name, self.device, weights=weights, variant=(variants or {}).get(name)) for name in names
        }

    @property
    def network(self) -> str:
        """The names of the loaded networks, as recipes have them."""
        return "+".join(self._networks)

    @property
    def networks(self) -> Mapping[str, Network]:
        """The loaded networks, by name."""
        return self._networks

    @property
    def fingerprint(self) -> str:
        """What, with a recipe and the pictures, determines every byte of a dream: one line of JSON."""
        return fingerprint(self.device, self._hashes, self._variants)

    @property
    def _hashes(self) -> dict[str, str]:
        return {name: one.weights_sha256 for name, one in self._networks.items()}

    @property
    def _variants(self) -> dict[str, str]:
        return {name: one.variant for name, one in self._networks.items()}

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
        every step, in large pictures before every tile, and raises DreamStopped once it is true. Raises RecipeError
        where the recipe is for other networks or lacks a picture, EngineError where memory does not suffice or the
        numbers leave their range.
        """
        began = time.perf_counter()
        recipe, plan, notes = self.ready(picture, recipe, guide, mask)

        def stop_if_asked() -> None:
            if should_stop is not None and should_stop():
                raise DreamStopped

        source = scaled(picture, *recipe.dream_size(picture.width, picture.height))
        making: Making
        if plan.tiling is None:
            making = _WholeDream(recipe, source, self._networks, self.device, guide=guide, mask=mask)
        else:
            making = LargeDream(
                recipe,
                plan.tiling,
                plan.natural_side,
                source,
                self._networks,
                self.device,
                guide=guide,
                mask=mask,
                between=stop_if_asked,
            )
        octaves = making.octaves
        done = _Meter(octaves)
        for octave, at in enumerate(octaves, 1):
            making.start(octave)
            for step in range(1, at.steps + 1):
                stop_if_asked()
                making.step()
                if step % LOOKED_AT == 0 or step == at.steps:
                    _check_finite(making.picture)
                if on_step is not None:
                    on_step(Progress(octave, len(octaves), step, at.steps, done.after(octave, step), making))
        made = len([octave for octave in octaves if not octave.finishing])
        notes = (*picture.notes, *notes, *_note_on_octaves(made, recipe.octaves))
        dreamed = Picture(pixels_of_floats(making.finish(recipe.likeness)), source.alpha, notes)
        seconds = time.perf_counter() - began
        return Dream(dreamed, recipe, fingerprint(self.device, self._hashes, self._variants, plan.facts()), seconds)

    def ready(
        self, picture: Picture, recipe: Recipe, guide: Picture | None, mask: Picture | None
    ) -> tuple[Recipe, Plan, tuple[Sentence, ...]]:
        """Return the recipe as it will be dreamed, how, and what the person is to know of it.

        Raises RecipeError where it is for other networks or lacks a picture, EngineError where memory does not suffice.
        """
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
        wanted = min(recipe.size, max(picture.width, picture.height))
        possible = max(recipe.dream_size(picture.width, picture.height))
        free = memory.free_bytes(self.device, self._memory_bytes)
        if free is not None:
            free -= sum(self._networks[name].bytes_to_come(layers) for name, layers in recipe.layers().items())
        plan = planned(recipe, picture.width, picture.height, free)
        if possible < wanted:
            notes = (*notes, Sentence(_AT_ONCE, {"size": possible, "wanted": wanted}))
        if plan.size < possible:
            notes = (*notes, Sentence(_SMALLER, {"size": plan.size, "wanted": possible}))
        if plan.size < wanted:
            recipe = recipe.model_copy(update={"size": plan.size})
        return recipe, plan, notes


class _WholeDream:
    """A dream whose picture is seen at once."""

    def __init__(
        self,
        recipe: Recipe,
        source: Picture,
        networks: Mapping[str, Network],
        device: torch.device,
        *,
        guide: Picture | None,
        mask: Picture | None,
    ) -> None:
        self._recipe = recipe
        self.octaves = recipe.schedule(source.width, source.height)
        self._photo = pixels_of(source, device)
        trunks = {name: networks[name].trunk(layers) for name, layers in recipe.layers().items()}
        self._objective = Objective(recipe.terms(), trunks, None if guide is None else pixels_of(guide, device))
        self._place = where.place(recipe, self._photo, next(iter(networks.values())), mask)
        # The numbers are drawn on the CPU, so that a seed means the same on every device.
        self._look = begin(recipe, torch.Generator().manual_seed(recipe.seed), device)

    @property
    def picture(self) -> Tensor:
        return self._look.picture

    def start(self, number: int) -> None:
        octave = self.octaves[number - 1]
        size = octave.width, octave.height
        small = resized(self._photo, *size).clamp(0, 1)
        self._objective.start(small)
        place = None if self._place is None else resized(self._place, *size).clamp(0, 1)
        self._look.start(small, place, self._recipe.strength(number), self._recipe.lengths(octave.steps))

    def step(self) -> None:
        self._look.step(self._objective.gradient)

    def finish(self, likeness: float) -> Tensor:
        picture = self._look.picture
        return weakened(self._photo, picture, likeness)[0] if likeness else picture


class _Meter:
    """Tells how much of a dream's cost is spent: a step costs as many pixels as its octave has."""

    def __init__(self, octaves: Sequence[Octave]) -> None:
        self._pixels = [octave.pixels for octave in octaves]
        self._ends = [0, *accumulate(octave.pixels * octave.steps for octave in octaves)]

    def after(self, octave: int, step: int) -> float:
        return (self._ends[octave - 1] + self._pixels[octave - 1] * step) / self._ends[-1]


def _check_finite(image: Tensor) -> None:
    if not is_finite(image):
        raise EngineError(
            "The dream broke down: its numbers left their range. Choose a smaller step size or another network."
        )


def _note_on_octaves(dreamed: int, asked: int) -> tuple[Sentence, ...]:
    return () if dreamed >= asked else (Sentence(_FEWER_OCTAVES, {"asked": asked, "dreamed": dreamed}),)
