"""Convolutions in a chain, some with a ReLU6: what EfficientNet-Lite is made of, in torch's way and in two of our own.

Ours are the same sums in fewer passes over memory: the way back, written out here, bends in place. On a processor
oneDNN also bends what it makes before it is written: docs/decisions/0008-networks-at-their-floor.md has what that
saves. A GPU's way is in engine.networks.native.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from engine.networks import native
from engine.networks.links import Link, unbent
from engine.networks.strips import in_strips, pays


class Way(NamedTuple):
    """How links are gone through, there and back: as ``Link``'s methods of these names."""

    fused: Callable[[Link, Tensor], Tensor]
    turned: Callable[[Link, Tensor | None], Tensor | None]
    back: Callable[[Link, Tensor, Any, Any], Tensor]
    layout: torch.memory_format


ONEDNN = Way(Link.fused, Link.turned, Link.back, torch.channels_last)
NATIVE = Way(native.fused, native.turned, native.back, torch.contiguous_format)


class Chain(nn.Module):
    """Links one after the other; ``skips``: what went in is added to what came out."""

    def __init__(self, links: Sequence[Link], *, skips: bool = False) -> None:
        super().__init__()
        self.links = nn.ModuleList(links)
        self.skips = skips
        self._way: Way | None = None  # torch's
        self._turned: list[Tensor | None] = []

    def fuse(self, way: Way | None) -> None:
        """Go this way from now on; None: torch's. A processor's is gone on a processor alone."""
        self._way = way
        self._turned = [] if way is None else [way.turned(link, None) for link in self._links]

    def forward(self, image: Tensor) -> Tensor:
        """Return what is made of ``image`` (pictures, channels, height, width)."""
        way = None if self._way is ONEDNN and image.device.type != "cpu" else self._way
        if way is None:
            made = image
            for link in self._links:
                made = link(made)
            return made.add_(image) if self.skips else made
        if way is ONEDNN and pays(self._links, image.shape):
            return in_strips(image, self._links, self._turned, self.skips)
        chained: Tensor = _Chained.apply(image, self._links, self._turned, self.skips, way)
        return chained

    def mixing(self, colors: Tensor) -> Chain | None:
        """Return this chain as a first stage whose gradient comes with its colours times ``colors`` (3, 3).

        None where that would not be for nothing.
        """
        kernel = self._way.turned(self._links[0], colors) if self._way and len(self.links) == 1 else None
        if kernel is None:
            return None
        other = Chain(self._links, skips=self.skips)
        other._way, other._turned = self._way, [kernel]
        return other

    @property
    def _links(self) -> list[Link]:
        return list(self.links)  # type: ignore[arg-type]


class _Chained(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, image: Tensor, links: list[Link], turned: list[Tensor | None], skips: bool, way: Way
    ) -> Tensor:
        steps = [image]
        for link in links:
            steps.append(way.fused(link, steps[-1]))
        ctx.links, ctx.turned, ctx.skips, ctx.way = links, turned, skips, way
        ctx.sizes = [step.shape for step in steps]
        kept = [
            (place > 0 and links[place - 1].bends) or (place < len(links) and turned[place] is None)
            for place in range(len(steps))
        ]
        ctx.kept = kept
        ctx.save_for_backward(*(step for step, keep in zip(steps, kept, strict=True) if keep))
        return steps[-1].add_(image) if skips else steps[-1]

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        saved = iter(ctx.saved_tensors)
        steps: list[Any] = [next(saved) if keep else None for keep in ctx.kept]
        gradient = given.contiguous(memory_format=ctx.way.layout)
        for place in reversed(range(len(ctx.links))):
            link = ctx.links[place]
            if link.bends:
                # In place where the gradient is our own: half the traffic, and no pages to be had anew.
                own = gradient if place < len(ctx.links) - 1 else torch.empty_like(gradient)
                gradient = unbent(gradient, steps[place + 1], own)
            turned = ctx.turned[place]
            gradient = ctx.way.back(link, gradient, turned, steps[place] if turned is None else ctx.sizes[place])
        return (gradient.add_(given) if ctx.skips else gradient), None, None, None, None
