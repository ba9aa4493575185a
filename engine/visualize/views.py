"""Random views of pictures: what is seen in every one of them is a feature, what is seen in one is noise.

Transform robustness: Olah, Mordvintsev, Schubert, "Feature Visualization", Distill 2017. A view is taken at the
picture's own size, with grey where there is none of it, so that every step does the same (a CUDA graph can hold it).
Its gradient is brought back by the view the other way round, which is the adjoint but for a little smoothing: torch's
own adds in an order that differs from run to run on a GPU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

GREY = 0.5  # beyond the edges


@dataclass(frozen=True)
class Views:
    """How far views go: moved by up to ``jitter`` of the side, turned by up to ``rotation`` degrees, and by how much
    of the picture they show: from ``nearest`` (a part) to ``farthest`` (1.1: a frame of grey about it)."""

    jitter: float
    rotation: float
    nearest: float
    farthest: float

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return ``count`` views and the same the other way round, as (count, 1, 2, 3) each: affine maps."""
        drawn = 2 * torch.rand((count, 4), generator=generator) - 1
        middle, reach = (math.log(self.farthest * self.nearest) / 2, math.log(self.farthest / self.nearest) / 2)
        scale = torch.exp(middle + reach * drawn[:, 0])
        turn = math.radians(self.rotation) * drawn[:, 1]
        move = 2 * self.jitter * drawn[:, 2:]  # grids go from −1 to 1
        # A part is looked for anywhere in the picture.
        move = move + (1 - scale).clamp(min=0)[:, None] * (2 * torch.rand((count, 2), generator=generator) - 1)
        forth = torch.zeros(count, 3, 3)
        forth[:, 0, 0] = forth[:, 1, 1] = scale * turn.cos()
        forth[:, 1, 0] = scale * turn.sin()
        forth[:, 0, 1] = -forth[:, 1, 0]
        forth[:, :2, 2] = move
        forth[:, 2, 2] = 1
        back = torch.linalg.inv(forth)
        return forth[:, None, :2], back[:, None, :2]


def seen(pictures: Tensor, view: Tensor) -> Tensor:
    """Return a view (1, 2, 3) of pictures (count, 3, height, width)."""
    return _moved(pictures - GREY, view).add_(GREY)


def brought_back(gradients: Tensor, back: Tensor) -> Tensor:
    """Return by the pixels of the pictures the gradients that were taken of their view; ``back`` is its inverse."""
    return _moved(gradients, back)


def _moved(pictures: Tensor, view: Tensor) -> Tensor:
    grid = affine_grid(view, [1, 1, *pictures.shape[-2:]], align_corners=False)
    return grid_sample(pictures, grid.expand(pictures.shape[0], -1, -1, -1), align_corners=False)
