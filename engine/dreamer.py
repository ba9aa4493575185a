"""Dreamer: a network on a device, and the loop that dreams."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine import memory
from engine.catalogue import LayerFacts
from engine.errors import DreamStopped, EngineError, RecipeError
from engine.fingerprint import fingerprint
from engine.looks.classic import Classic
from engine.networks import Network
from engine.objectives import layer_norm
from engine.octaves import resized
from engine.pictures import Picture, scaled
from engine.recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """Where a dream stands after a step. Octaves and steps count from 1."""

    octave: int
    octaves: int
    step: int
    steps: int
    fraction: float  # of the whole cost, 0–1
    _look: Classic

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
    """A network kept loaded on a device. Dreams with any of its layers; for one dream at a time."""

    def __init__(self, network: str = "lite2", device: str | torch.device = "cpu") -> None:
        """Load ``network`` onto ``device`` (``auto`` is the GPU where there is one). Raises EngineError."""
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(device)
        self._network = Network(network, self.device)

    @property
    def network(self) -> str:
        """The network's name in the registry."""
        return self._network.name

    def dream(
        self,
        picture: Picture,
        recipe: Recipe,
        *,
        on_step: Callable[[Progress], object] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Dream:
        """Dream on a picture.

        ``on_step`` is called after every step; ``should_stop`` before every step, and raises DreamStopped once it is
        true. Raises RecipeError where the recipe is for another network, EngineError where memory does not suffice.
        """
        began = time.perf_counter()
        if recipe.network != self.network:
            raise RecipeError(f"This recipe is for the network {recipe.network}, and {self.network} is loaded.")
        sizes = recipe.octave_sizes(picture.width, picture.height)
        self._foresee(self._network.facts.layer(recipe.layer), *sizes[-1])
        source = scaled(picture, *sizes[-1])
        photo = torch.from_numpy(source.rgb).to(self.device).permute(2, 0, 1)[None].float() / 255
        look = self._look(recipe)
        done = _Meter(sizes, recipe.steps)
        trunk = self._network.trunk(recipe.layer)
        for octave, (width, height) in enumerate(sizes, 1):
            look.start(resized(photo, width, height).clamp(0, 1))
            for step in range(1, recipe.steps + 1):
                if should_stop is not None and should_stop():
                    raise DreamStopped
                look.step(lambda image: trunk.gradient(image, layer_norm))
                if on_step is not None:
                    fraction = done.after(octave, step)
                    on_step(Progress(octave, len(sizes), step, recipe.steps, fraction, look))
            _check_finite(look.picture)
        notes = (*picture.notes, *_note_on_octaves(len(sizes), recipe.octaves))
        dreamed = Picture(_pixels(look.picture), source.alpha, notes)
        return Dream(dreamed, recipe, fingerprint(self.device), time.perf_counter() - began)

    def _look(self, recipe: Recipe) -> Classic:
        # The numbers are drawn on the CPU, so that a seed means the same on every device.
        generator = torch.Generator().manual_seed(recipe.seed)
        return Classic(
            step_size=recipe.step_size, largest_jitter=recipe.jitter, generator=generator, device=self.device
        )

    def _foresee(self, layer: LayerFacts, width: int, height: int) -> None:
        needed = memory.needed_bytes(layer, width, height)
        free = memory.free_bytes(self.device)
        if free is not None and needed > free:
            raise EngineError(
                f"A dream of {width} × {height} pixels takes about {needed / 1e9:.1f} GB of memory, and "
                f"{free / 1e9:.1f} GB are free. Choose a smaller size."
            )


class _Meter:
    """Tells how much of a dream's cost is spent: a step costs as many pixels as its octave has."""

    def __init__(self, sizes: list[tuple[int, int]], steps: int) -> None:
        self._pixels = [width * height for width, height in sizes]
        self._steps = steps

    def after(self, octave: int, step: int) -> float:
        spent = sum(self._pixels[: octave - 1]) * self._steps + self._pixels[octave - 1] * step
        return spent / (sum(self._pixels) * self._steps)


def _pixels(image: Tensor) -> np.typing.NDArray[np.uint8]:
    whole = image[0].permute(1, 2, 0).mul(255).round_().clamp_(0, 255)
    return np.ascontiguousarray(whole.to("cpu", torch.uint8).numpy())


def _check_finite(image: Tensor) -> None:
    # Once an octave: what is not finite stays so, and on a GPU every look makes it wait.
    if not bool(image.isfinite().all()):
        raise EngineError("The dream broke down: its numbers left their range. Choose a smaller step size.")


def _note_on_octaves(dreamed: int, asked: int) -> tuple[str, ...]:
    if dreamed == asked:
        return ()
    return (f"The picture is too small for {asked} octaves: it was dreamed in {dreamed}.",)
