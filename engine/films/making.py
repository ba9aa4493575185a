"""Frame after frame of one film dreamed in the same terms: what moves the detail between them is up to the film."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from engine.errors import EngineError
from engine.films.moving import fitted
from engine.large.strips import is_finite
from engine.looks import Look, begin
from engine.looks.steps import Prepared
from engine.networks import Network
from engine.objectives import Objective
from engine.octaves import Octave, pixels_of, resized
from engine.pictures import Picture
from engine.recipe import Recipe

FRAMES_APART = 1_000_003  # in seeds, from one frame to the next


class Frames:
    """Dreams on pictures of one size. What it keeps from the first to the last depends on no frame but the first.

    Each frame draws numbers of its own, by the recipe's seed and the frame's number: a film that goes on where it was
    broken off is the film that it would have been.
    """

    def __init__(
        self,
        recipe: Recipe,
        width: int,
        height: int,
        networks: Mapping[str, Network],
        device: torch.device,
        guide: Picture | None = None,
    ) -> None:
        """Take the size of the frames in pixels: the recipe's own dream size is not asked."""
        self._recipe = recipe
        self.look = recipe.look
        self._device = device
        self._prepared = Prepared()
        self.octaves = octaves_of(recipe, width, height)
        trunks = {name: networks[name].trunk(layers) for name, layers in recipe.layers().items()}
        seen = None if guide is None else pixels_of(guide, device)
        # One for each octave: it is weighed once, on the first frame, so that no frame dreams of something else.
        self._objectives = [Objective(recipe.terms(), trunks, seen) for _ in self.octaves]

    def start(self, photo: Tensor) -> None:
        """Weigh the terms against each other on ``photo`` (1, 3, height, width), the first frame."""
        for octave, objective in zip(self.octaves, self._objectives, strict=True):
            objective.start(resized(photo, octave.width, octave.height).clamp(0, 1))

    def opened(self, photo: Tensor, place: Tensor | None, number: int, between: Callable[[Octave], object]) -> Look:
        """Dream on ``photo`` as the recipe has it, from nothing, and return the look as it then stands.

        ``place`` says how much each place dreams, (1, 1, height, width) in 0–1. ``between`` is called before every
        step, with the octave, and may raise to end it.
        """
        steps = [self._recipe.lengths(octave.steps) for octave in self.octaves]
        return self._dreamed(photo, None, place, number, steps, 1.0, between)

    def gone_on(
        self,
        photo: Tensor,
        detail: Tensor | None,
        place: Tensor | None,
        number: int,
        octaves: int,
        steps: int,
        strength: float,
        between: Callable[[Octave], object],
    ) -> Look:
        """Dream on ``photo`` with the ``detail`` that a look had, if any: even ``steps`` in the last ``octaves``."""
        return self._dreamed(photo, detail, place, number, [(1.0,) * steps] * octaves, strength, between)

    def _dreamed(
        self,
        photo: Tensor,
        detail: Tensor | None,
        place: Tensor | None,
        number: int,
        steps: list[tuple[float, ...]],
        strength: float,
        between: Callable[[Octave], object],
    ) -> Look:
        seed = (self._recipe.seed + FRAMES_APART * number) % 2**63
        look = begin(self._recipe, torch.Generator().manual_seed(seed), self._device, self._prepared)
        first = max(0, len(self.octaves) - len(steps))
        change: Tensor | None = None
        for at, lengths in zip(range(first, len(self.octaves)), steps[-len(self.octaves) :], strict=True):
            octave = self.octaves[at]
            size = octave.width, octave.height
            small = fitted(photo, *size).clamp(0, 1)
            where = None if place is None else fitted(place, *size, smooth=True).clamp(min=0)
            # What a smaller octave changed is laid over the detail, whose finest parts it has not seen.
            before = torch.zeros_like(small) if detail is None else fitted(detail, *size)
            now = before if change is None else before + fitted(change, *size)
            look.start(small, where, strength * self._recipe.strength(at + 1), lengths, now)
            for _ in lengths:
                between(octave)
                look.step(self._objectives[at].gradient)
            change = look.detail if detail is None else look.detail - before
        if not is_finite(look.picture):
            raise EngineError(
                "The dream broke down: its numbers left their range. Choose a smaller step size or another network."
            )
        return look


def octaves_of(recipe: Recipe, width: int, height: int) -> list[Octave]:
    """Return the octaves of a frame of ``width`` × ``height`` pixels, the smallest first."""
    return recipe.model_copy(update={"size": max(width, height)}).schedule(width, height)
