"""Pictures moved: zoomed, turned and panned as one, or pixel by pixel along a flow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

MIRRORS, NOTHING = "reflection", "zeros"  # what comes in over an edge
EDGE = 6  # half pixels from an edge, within which cubic interpolation looks beyond it


@dataclass(frozen=True)
class Move:
    """A similarity of the plane: where a pixel of the picture to come is in the one that was.

    In units of half the picture's height, from its middle: ``p_was = scale · turn(p) + (right, down)``.
    """

    scale: float = 1.0  # below 1 the picture to come is zoomed in
    turn: float = 0.0  # radians
    right: float = 0.0
    down: float = 0.0

    def after(self, first: Move) -> Move:
        """Return both moves as one, ``first`` and then this: what is found with this is looked for with ``first``."""
        cosine, sine = math.cos(first.turn), math.sin(first.turn)
        return Move(
            first.scale * self.scale,
            first.turn + self.turn,
            first.scale * (cosine * self.right - sine * self.down) + first.right,
            first.scale * (sine * self.right + cosine * self.down) + first.down,
        )

    def inverse(self) -> Move:
        """Return the move back."""
        scale, cosine, sine = 1 / self.scale, math.cos(-self.turn), math.sin(-self.turn)
        return Move(
            scale,
            -self.turn,
            -scale * (cosine * self.right - sine * self.down),
            -scale * (sine * self.right + cosine * self.down),
        )

    def grid(self, image: Tensor) -> Tensor:
        """Return where each pixel is looked for, (1, height, width, 2), −1 to 1 from edge to edge."""
        height, width = image.shape[-2:]
        cosine, sine = self.scale * math.cos(self.turn), self.scale * math.sin(self.turn)
        shape = width / height
        rows = [[cosine, -sine / shape, self.right / shape], [sine * shape, cosine, self.down]]
        return affine_grid(image.new_tensor([rows]), [1, 3, height, width], align_corners=False)

    def __call__(self, image: Tensor) -> Tensor:
        """Move a picture (1, channels, height, width); what comes in over an edge is its mirror image."""
        return sampled(image, self.grid(image))


def sampled(image: Tensor, grid: Tensor, beyond: str = MIRRORS) -> Tensor:
    """Return what ``image`` (1, channels, height, width) has at each place of ``grid`` (1, height, width, 2)."""
    if beyond == MIRRORS and float(grid.abs().amax()) < 1 - EDGE / min(image.shape[-2:]):
        beyond = NOTHING  # nothing comes in over an edge: the same numbers, for half the time
    # Cubic: a picture moved linearly a hundred times is a blur.
    return grid_sample(image, grid, mode="bicubic", padding_mode=beyond, align_corners=False)


def flowed(image: Tensor, flow: Tensor, smooth: int = 0) -> Tensor:
    """Return ``image`` (1, channels, height, width) moved: each pixel is looked for ``flow`` away.

    ``flow`` is (1, 2, height, width), in pixels right and down. What comes in over an edge is 0. The last ``smooth``
    channels have nothing fine in them that could be lost: they are moved linearly, which is quicker.
    """
    height, width = image.shape[-2:]
    across = torch.arange(width, device=image.device) + flow[:, 0]
    down = torch.arange(height, device=image.device)[:, None] + flow[:, 1]
    grid = torch.stack([(2 * across + 1) / width - 1, (2 * down + 1) / height - 1], 3)
    if not smooth:
        return sampled(image, grid, NOTHING)
    rest = grid_sample(image[:, -smooth:], grid, mode="bilinear", padding_mode=NOTHING, align_corners=False)
    return torch.cat([sampled(image[:, :-smooth], grid, NOTHING), rest], 1)
