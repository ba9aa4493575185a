"""Pictures moved: zoomed, turned and panned as one, or pixel by pixel along a flow; and fitted to a size.

On a processor by OpenCV: torch samples on one core, and takes seven times as long there (512 × 512 on two cores: 3
instead of 20 ms moved, 0.7 instead of 7 enlarged), a fifth of what a frame's steps take. What is moved and enlarged has
the same numbers as torch's; what is made smaller is as smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import grid_sample

from engine.films.ahead import both
from engine.octaves import resized

MIRRORS, NOTHING = "reflection", "zeros"  # what comes in over an edge
SOFTNESS = 0.35  # the standard deviation of the blur before a picture is made smaller, in pixels of the small one
BORDERS = {MIRRORS: cv2.BORDER_REFLECT, NOTHING: cv2.BORDER_CONSTANT}


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

    def places(self, width: int, height: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
        """Return where each pixel of a frame is looked for: across and down, −1 to 1, each (height, width)."""
        right, down = ((2 * torch.arange(side, device=device) + 1) / side - 1 for side in (width, height))
        across, along = ((a * right + c) + (b * down)[:, None] for a, b, c in self._rows(width / height))
        return across, along

    def __call__(self, image: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Move a picture (1, channels, height, width); what comes in over an edge is its mirror image.

        ``size`` is the (width, height) of what comes, the picture's own unless it is told.
        """
        high, wide = image.shape[-2:]
        width, height = size or (wide, high)
        # Cubic: a picture moved linearly a hundred times is a blur.
        if not _on_processor(image):
            grid = torch.stack(self.places(width, height, image.device), -1)[None]
            return grid_sample(image, grid, mode="bicubic", padding_mode=MIRRORS, align_corners=False)
        matrix = _to_pixels(wide, high) @ np.array([*self._rows(width / height), [0, 0, 1]])
        matrix = (matrix @ np.linalg.inv(_to_pixels(width, height)))[:2]
        how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP

        def act(colors: NDArray[np.float32], rows: slice, into: NDArray[np.float32]) -> None:
            part = matrix @ np.array([[1, 0, 0], [0, 1, rows.start], [0, 0, 1]])
            cv2.warpAffine(colors, part, (width, into.shape[0]), into, how, BORDERS[MIRRORS])

        return _by_rows(image, (width, height), act)

    def _rows(self, shape: float) -> list[list[float]]:
        """Return the move of places that are −1 to 1 from edge to edge of a picture of a shape, width by height."""
        cosine, sine = self.scale * math.cos(self.turn), self.scale * math.sin(self.turn)
        return [[cosine, -sine / shape, self.right / shape], [sine * shape, cosine, self.down]]


def sampled(image: Tensor, across: Tensor, down: Tensor, beyond: str = MIRRORS, *, linear: bool = False) -> Tensor:
    """Return what ``image`` (1, channels, height, width) has at each place, by cubic interpolation or linear.

    ``across`` and ``down`` are places in pixels from the middle of the first one, each (height, width) of what comes.
    """
    if not _on_processor(image):
        height, width = image.shape[-2:]
        grid = torch.stack([(2 * across + 1) / width - 1, (2 * down + 1) / height - 1], -1)[None].to(image.dtype)
        mode = "bilinear" if linear else "bicubic"
        return grid_sample(image, grid, mode=mode, padding_mode=beyond, align_corners=False)
    columns, rows = (np.ascontiguousarray(places.numpy(), np.float32) for places in (across, down))
    how = cv2.INTER_LINEAR if linear else cv2.INTER_CUBIC

    def act(colors: NDArray[np.float32], part: slice, into: NDArray[np.float32]) -> None:
        cv2.remap(colors, columns[part], rows[part], how, into, BORDERS[beyond])

    return _by_rows(image, (columns.shape[1], columns.shape[0]), act)


def flowed(image: Tensor, flow: Tensor, smooth: int = 0) -> Tensor:
    """Return ``image`` (1, channels, height, width) moved: each pixel is looked for ``flow`` away.

    ``flow`` is (1, 2, height, width), in pixels right and down. What comes in over an edge is 0. The last ``smooth``
    channels have nothing fine in them that could be lost: they are moved linearly, which is quicker.
    """
    height, width = image.shape[-2:]
    across = torch.arange(width, device=image.device) + flow[0, 0]
    down = torch.arange(height, device=image.device)[:, None] + flow[0, 1]
    if not smooth:
        return sampled(image, across, down, NOTHING)
    fine, rest = image[:, :-smooth], image[:, -smooth:]
    return torch.cat(
        [sampled(fine, across, down, NOTHING), sampled(rest, across, down, NOTHING, linear=True)],
        1,
    )


def fitted(image: Tensor, width: int, height: int, *, smooth: bool = False) -> Tensor:
    """Return ``image`` (1, channels, height, width) at a size, much as ``octaves.resized`` does.

    What is ``smooth`` has nothing fine in it that could be lost: it is fitted linearly, which is quicker.
    """
    high, wide = image.shape[-2:]
    if not _on_processor(image) or (high, wide) == (height, width):
        return resized(image, width, height)
    across, down = _softness(wide / width), _softness(high / height)

    def act(one: NDArray[np.float32], into: NDArray[np.float32]) -> None:
        kernel = 0 if across else 1, 0 if down else 1  # pixels: as many as it takes, or none around
        if smooth:
            cv2.resize(one, (width, height), into, interpolation=cv2.INTER_LINEAR)
            return
        soft = cv2.GaussianBlur(one, kernel, across, sigmaY=down, borderType=cv2.BORDER_REPLICATE)
        cv2.resize(soft, (width, height), into, interpolation=cv2.INTER_CUBIC)

    return _by_channels(image, (width, height), act)


def _softness(times: float) -> float:
    """Return by how many pixels what shrinks so many ``times`` is blurred first.

    As torch's wider cubic does: photos differ by 0.002–0.006 (root mean square, in 0–1), in less than half the time.
    """
    return SOFTNESS * times if times > 1 else 0.0


def _on_processor(image: Tensor) -> bool:
    return image.device.type == "cpu"


def _to_pixels(width: int, height: int) -> NDArray[np.float64]:
    """Return what makes places that are −1 to 1 from edge to edge into pixels from the middle of the first one."""
    return np.array([[width / 2, 0, (width - 1) / 2], [0, height / 2, (height - 1) / 2], [0, 0, 1]])


def _by_rows(
    image: Tensor, size: tuple[int, int], act: Callable[[NDArray[np.float32], slice, NDArray[np.float32]], Any]
) -> Tensor:
    """Return what ``act`` makes of all channels at once, at a (width, height) of ``size``.

    A third less than channel by channel takes: places and their weights are found once. ``act`` is handed the picture,
    (height, width[, 2–4]), and which rows to make where: the upper and the lower half at the same time.
    """
    width, height = size
    made = torch.empty(1, image.shape[1], height, width)
    colors = cv2.merge([one.numpy() for one in image[0].contiguous()])
    moved = np.empty((height, width, *colors.shape[2:]), np.float32)
    upper, lower = slice(0, height // 2), slice(height // 2, height)
    both(lambda: act(colors, upper, moved[upper]), lambda: act(colors, lower, moved[lower]))
    cv2.split(moved, [one.numpy() for one in made[0]])
    return made


def _by_channels(
    image: Tensor, size: tuple[int, int], act: Callable[[NDArray[np.float32], NDArray[np.float32]], Any]
) -> Tensor:
    """Return what ``act`` makes of each channel, (width, height) of ``size``; it is handed where that is to go."""
    made = torch.empty(1, image.shape[1], size[1], size[0])
    channels = list(zip(image[0], made[0], strict=True))

    def take(begin: int) -> None:
        for one, into in channels[begin::2]:
            act(np.ascontiguousarray(one.numpy()), into.numpy())

    both(lambda: take(0), lambda: take(1))
    return made
