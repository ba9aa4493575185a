"""Random changes to a picture before each look at it; drawn from a torch.Generator."""

from __future__ import annotations

import torch


def jitter(largest: int, generator: torch.Generator) -> tuple[int, int]:
    """Draw how far to roll a picture, (down, right), each within ± ``largest`` pixels.

    Rolling moves the picture against the network's grid of strides, so that the grid does not show in the dream.
    """
    down, right = torch.randint(-largest, largest + 1, (2,), generator=generator).tolist()
    return down, right
