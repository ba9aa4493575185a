"""How a step is made: one module a look, all with one interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from engine.looks.classic import Classic
from engine.looks.natural import Natural
from engine.looks.steps import Gradient, Prepared
from engine.recipe import Recipe


class Look(Protocol):
    """One dream in the making. Pictures are (1, 3, height, width) in 0–1, on one device."""

    @property
    def picture(self) -> Tensor:
        """The photo with its dream, at the octave's size."""

    @property
    def detail(self) -> Tensor:
        """What was dreamed so far, (1, 3, height, width), in the look's own units: what ``start`` takes."""

    def start(
        self,
        photo: Tensor,
        where: Tensor | None,
        strength: float,
        lengths: Sequence[float],
        detail: Tensor | None = None,
    ) -> None:
        """Begin an octave on ``photo``, the photo at its size, with ``detail``; None: what was dreamed so far.

        ``where`` (1, 1, height, width) in 0–1 says how much each place dreams; None: everywhere. ``strength`` is what
        the step size is multiplied by, ``lengths`` how long each step is beside their mean; the last one goes on.
        """

    def step(self, gradient_of: Gradient) -> None:
        """Take one step up."""


def begin(recipe: Recipe, generator: torch.Generator, device: torch.device, prepared: Prepared | None = None) -> Look:
    """Return the recipe's look, before its first octave; ``prepared`` is handed from one to the next of a film."""
    return (Natural if recipe.look == "natural" else Classic)(recipe, generator, device, prepared)
