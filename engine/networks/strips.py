"""A block that widens, in strips of rows: what it widens to is never there as a whole.

That is the largest of all that a network makes, six times what the block is given. Written to memory and read again it
takes longer than it takes to make it anew of a few rows, which stay in the processor's cache; and it is most of what a
gradient needs of memory. docs/decisions/0014-large-results.md has what that saves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.networks.links import Link, unbent

LEAST_BYTES = 20 * 2**20  # of what a block widens to: less stays in the cache as a whole
STRIP_BYTES = 6 * 2**20  # of it, in one strip
_FLOAT_BYTES = 4


def pays(links: Sequence[Link], shape: torch.Size) -> bool:
    """Tell whether links are a block that widens one image of ``shape`` to so much that strips are faster."""
    return len(links) == 3 and shape[0] == 1 and _row_bytes(links[0], shape) * shape[2] >= LEAST_BYTES


def in_strips(image: Tensor, links: Sequence[Link], turned: Sequence[Tensor | None], skips: bool) -> Tensor:
    """Return what the three links of a block make of ``image`` (1, channels, height, width), on a processor.

    ``turned`` are the kernels of their ways back; ``skips``: the image is added.
    """
    made: Tensor = _InStrips.apply(image, links, turned, skips)
    return made


class _InStrips(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, links: Sequence[Link], turned: Sequence[Tensor | None], skips: bool) -> Tensor:
        widening, looking, narrowing = links
        height = image.shape[2]
        strips, seen, made = _strips(widening, looking, image.shape), [], []
        for first, end in strips:
            begin, stop = looking.reached(first, end, height)
            there = max(begin, 0), min(stop, height)
            wide = widening.fused(image[:, :, slice(*there)])
            if there != (begin, stop):
                wide = functional.pad(wide, (0, 0, there[0] - begin, stop - there[1]))
            seen.append(looking.fused_rows(wide))
            made.append(narrowing.fused(seen[-1]))
        ctx.links, ctx.turned, ctx.skips, ctx.strips = links, turned, skips, strips
        ctx.save_for_backward(image, *seen)
        whole = torch.cat(made, 2)
        return whole.add_(image) if skips else whole

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        image, *seen = ctx.saved_tensors
        widening, looking, narrowing = ctx.links
        turned, _, narrowed = ctx.turned
        height = image.shape[2]
        given = given.contiguous(memory_format=torch.channels_last)
        whole = given.clone() if ctx.skips else torch.zeros_like(image)
        for (first, end), bent in zip(ctx.strips, seen, strict=True):
            begin, stop = looking.reached(first, end, height)
            there = max(begin, 0), min(stop, height)
            gradient = narrowing.back(given[:, :, first:end], narrowed, bent.shape)
            unbent(gradient, bent, gradient)
            wide = widening.fused(image[:, :, slice(*there)])
            size = (1, wide.shape[1], stop - begin, wide.shape[3])
            rows = torch.empty(size, memory_format=torch.channels_last)  # never written to
            gradient = looking.back_rows(gradient, rows)[:, :, there[0] - begin : there[1] - begin]
            whole[:, :, slice(*there)] += widening.back(unbent(gradient, wide, wide), turned, image.shape)
        return whole, None, None, None


def _strips(widening: Link, looking: Link, shape: torch.Size) -> list[tuple[int, int]]:
    """Return of each strip the first row of what is seen, and the one after its last: strips of like heights."""
    rows = -(-shape[2] // looking.stride)
    count = max(1, min(rows, round(_row_bytes(widening, shape) * shape[2] / STRIP_BYTES)))
    edges = [rows * place // count for place in range(count + 1)]
    return list(pairwise(edges))


def _row_bytes(widening: Link, shape: torch.Size) -> int:
    return _FLOAT_BYTES * widening.weight.shape[0] * shape[3]
