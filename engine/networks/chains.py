"""Convolutions in a chain, some with a ReLU6: what EfficientNet-Lite is made of, in torch's way and in one of our own.

Ours is the same sums in fewer passes over memory: oneDNN bends what it makes before it is written, and the way back,
written out here, bends in place. docs/decisions/0008-networks-at-their-floor.md has what that saves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.networks.links import Link, unbent
from engine.networks.strips import in_strips, pays


class Chain(nn.Module):
    """Links one after the other; ``skips``: what went in is added to what came out."""

    def __init__(self, links: Sequence[Link], *, skips: bool = False) -> None:
        super().__init__()
        self.links = nn.ModuleList(links)
        self.skips = skips
        self._turned: list[Tensor | None] = []

    def fuse(self, *, fused: bool) -> None:
        """Go our way from now on, on a processor, or torch's."""
        self._turned = [link.turned() for link in self._links] if fused else []

    def forward(self, image: Tensor) -> Tensor:
        """Return what is made of ``image`` (1, channels, height, width)."""
        if self._turned and image.device.type == "cpu":
            way = in_strips if pays(self._links, image.shape) else _Chained.apply
            made: Tensor = way(image, self._links, self._turned, self.skips)
            return made
        made = image
        for link in self._links:
            made = link(made)
        return made.add_(image) if self.skips else made

    def mixing(self, colors: Tensor) -> Chain | None:
        """Return this chain as a first stage whose gradient comes with its colours times ``colors`` (3, 3).

        None where that would not be for nothing.
        """
        kernel = self._links[0].turned(colors) if self._turned and len(self.links) == 1 else None
        if kernel is None:
            return None
        other = Chain(self._links, skips=self.skips)
        other._turned = [kernel]
        return other

    @property
    def _links(self) -> list[Link]:
        return list(self.links)  # type: ignore[arg-type]


class _Chained(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, links: list[Link], turned: list[Tensor | None], skips: bool) -> Tensor:
        steps = [image]
        for link in links:
            steps.append(link.fused(steps[-1]))
        ctx.links, ctx.turned, ctx.skips = links, turned, skips
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
        steps = [next(saved) if keep else size for keep, size in zip(ctx.kept, ctx.sizes, strict=True)]
        gradient = given.contiguous(memory_format=torch.channels_last)
        for place in reversed(range(len(ctx.links))):
            link = ctx.links[place]
            if link.bends:
                # In place where the gradient is our own: half the traffic, and no pages to be had anew.
                own = gradient if place < len(ctx.links) - 1 else torch.empty_like(gradient)
                gradient = unbent(gradient, steps[place + 1], own)
            gradient = link.back(gradient, ctx.turned[place], steps[place])
        return (gradient.add_(given) if ctx.skips else gradient), None, None, None
