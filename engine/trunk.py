"""A network cut after the deepest layer asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.mixer import Colors, Mixer

Seen = Mapping[str, Tensor]  # activations (1, channels, height, width) by layer


@runtime_checkable
class Beginning(Protocol):
    """A first stage that may mix the colours of its gradient for nothing."""

    def mixing(self, colors: Tensor) -> Callable[[Tensor], Tensor] | None:
        """Return what does as the stage does, but whose gradient comes with its colours times ``colors`` (3, 3).

        None where that would not be for nothing.
        """


class Trunk(nn.Module):
    """The stages of a network up to the deepest layer asked for, and the statistics of the pictures it was trained on.

    ``ends`` names for each layer asked for the stage that it ends with. ``mean`` and ``std`` are per colour, for
    pictures in 0–1. A picture with a side shorter than ``least_side`` gets a frame of the mean colour, as wide at its
    start as at its end: without, some layer would have no position left. ``layout`` is how pictures lie in memory, and
    ``cudnn`` whether convolutions on a GPU are its.
    """

    mean: Tensor
    std: Tensor
    _shift: Tensor

    def __init__(
        self,
        stages: Mapping[str, nn.Module],
        ends: Mapping[str, str],
        mean: Sequence[float],
        std: Sequence[float],
        least_side: int = 1,
        layout: torch.memory_format = torch.channels_last,
        cudnn: bool = True,
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages.values())
        self._layers: list[list[str]] = [[layer for layer, end in ends.items() if end == name] for name in stages]
        self._least_side = least_side
        self._layout = layout
        self._cudnn = cudnn
        self.register_buffer("mean", _by_color(mean), persistent=False)
        self.register_buffer("std", _by_color(std), persistent=False)
        self.register_buffer("_shift", -self.mean / self.std, persistent=False)
        self._factor = 1 / std[0] if self._shift.ndim == 0 else None
        self._mixings: dict[Colors, _Mixing] = {}  # kept: what is recorded on a GPU goes on reading them

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Return the activations of each layer asked for, for ``image`` (1, 3, height, width) in 0–1."""
        with self.libraries(image):
            return self._through(self._normalised(image))

    def gradient(self, image: Tensor, objective: Callable[[Seen], Tensor], colors: Colors | None = None) -> Tensor:
        """Return the gradient of ``objective`` by the pixels of ``image`` (1, 3, height, width) in 0–1.

        Its colours are multiplied by ``colors`` (3, 3), where that is given.
        """
        leaf = self._normalised(image).requires_grad_()
        mixing = None if colors is None else self._mixing_of(colors)
        first = None if mixing is None else mixing.first
        with torch.enable_grad(), self.libraries(image):
            (gradient,) = torch.autograd.grad(objective(self._through(leaf, first)), leaf)
        if mixing is None:
            return gradient.div_(self.std)
        return gradient if first else mixing.after.of(gradient)

    def libraries(self, image: Tensor) -> AbstractContextManager[None]:
        """Let a GPU come to the same bytes each time."""
        if image.device.type != "cuda":
            return nullcontext()
        return torch.backends.cudnn.flags(enabled=self._cudnn, deterministic=True)

    def _mixing_of(self, colors: Colors) -> _Mixing:
        """Return how colours are mixed so; worked out the first time."""
        if colors not in self._mixings:
            stage, scaled = next(iter(self.stages)), self.std.new_tensor(colors) / self.std.view(-1, 1)
            first = stage.mixing(scaled) if isinstance(stage, Beginning) else None
            self._mixings[colors] = _Mixing(first, Mixer(scaled))
        return self._mixings[colors]

    def _normalised(self, image: Tensor) -> Tensor:
        # Laid out in the first of the passes, not in one of its own.
        made = torch.empty_like(image, memory_format=self._layout)
        if self._factor is not None:
            return torch.add(self._shift, image, alpha=self._factor, out=made)
        return torch.sub(image, self.mean, out=made).div_(self.std)

    def _through(self, image: Tensor, first: Callable[[Tensor], Tensor] | None = None) -> dict[str, Tensor]:
        """Send a normalised picture through the stages; ``first`` stands for the first of them."""
        seen: dict[str, Tensor] = {}
        image = self._framed(image)
        for place, (stage, layers) in enumerate(zip(self.stages, self._layers, strict=True)):
            image = first(image) if first and place == 0 else stage(image)
            seen.update(dict.fromkeys(layers, image))
        return seen

    def _framed(self, image: Tensor) -> Tensor:
        lacking = [max(0, self._least_side - side) for side in image.shape[-2:]]
        if not any(lacking):
            return image
        rows, columns = ((lack // 2, lack - lack // 2) for lack in lacking)
        return functional.pad(image, columns + rows)  # the mean colour is 0 here


@dataclass(frozen=True)
class _Mixing:
    """How the gradient's colours are mixed: by the first stage on the way back, or afterwards."""

    first: Callable[[Tensor], Tensor] | None
    after: Mixer


def _by_color(values: Sequence[float]) -> Tensor:
    """Return what broadcasts over pictures (1, 3, height, width): a number, which is faster, where all are alike."""
    return torch.tensor(values).view(1, -1, 1, 1) if len(set(values)) > 1 else torch.tensor(values[0])
