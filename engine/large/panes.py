"""What one tile shows of a view of the picture, and its gradient put back to where each pixel came from.

The picture is never rolled, scaled or turned as a whole: each tile fetches its own pixels. Pictures are (1, 3, height,
width), in 0–1, or as bytes.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from engine.tiles import Span, Tile
from engine.transforms import View


class Pane(Protocol):
    """One tile of one view."""

    def look(self, picture: Tensor) -> Tensor:
        """Return what is seen of ``picture``, (1, 3, height, width) of the tile in 0–1."""

    def give(self, gradient: Tensor, total: Tensor) -> None:
        """Add the gradient by what was seen to ``total``, the gradient by the picture."""


def pane_of(view: View, tile: Tile, height: int, width: int) -> Pane:
    """Return the pane of a tile of the view of a picture of ``height`` × ``width`` pixels."""
    return (Rolled if view.plain else Turned)(view, tile, height, width)


class Rolled:
    """A tile of a view that is only rolled."""

    def __init__(self, view: View, tile: Tile, height: int, width: int) -> None:
        self._rows, self._mirrored_rows = _places(tile.rows, height, view.down)
        self._columns, self._mirrored_columns = _places(tile.columns, width, view.right)

    def look(self, picture: Tensor) -> Tensor:
        """Return what is seen."""
        seen = _floats(picture[:, :, self._rows[:, None], self._columns])
        for dimension, mirrored in ((2, self._mirrored_rows), (3, self._mirrored_columns)):
            if mirrored:
                length = seen.shape[dimension]
                seen = torch.cat(
                    [seen, seen.narrow(dimension, length - 1 - mirrored, mirrored).flip(dimension)], dimension
                )
        return seen

    def give(self, gradient: Tensor, total: Tensor) -> None:
        """Add the gradient; that of mirrored pixels to those that they mirror."""
        for dimension, mirrored in ((2, self._mirrored_rows), (3, self._mirrored_columns)):
            if mirrored:
                length = gradient.shape[dimension] - mirrored
                extra = gradient.narrow(dimension, length, mirrored).flip(dimension)
                gradient = gradient.narrow(dimension, 0, length)
                gradient.narrow(dimension, length - 1 - mirrored, mirrored).add_(extra)
        # No place comes twice here, so that this adds in one order on every device.
        total[:, :, self._rows[:, None], self._columns] += gradient


class Turned:
    """A tile of a view that is scaled or turned: sampled from the pixels that it needs, as ``View`` does in one."""

    def __init__(self, view: View, tile: Tile, height: int, width: int) -> None:
        high, wide = view.size(height, width)
        down, across = _sampled(view, tile, (height, width), (high, wide))
        # What is sampled: the picture, or the picture made smaller.
        sides = (high, wide) if view.scale < 1 else (height, width)
        (top, self._down), (left, self._across) = _box(down, sides[0]), _box(across, sides[1])
        rows, columns = (
            _Taps(length, side, *part) for length, side, part in zip((height, width), sides, (top, left), strict=True)
        )
        self._taps = (rows, columns)
        self._rows = (rows.needed() - view.down).remainder(height)
        self._columns = (columns.needed() - view.right).remainder(width)
        self._leaf = self._seen = torch.empty(0)

    def look(self, picture: Tensor) -> Tensor:
        """Return what is seen."""
        leaf = _floats(picture[:, :, self._rows[:, None], self._columns]).requires_grad_()
        with torch.enable_grad():
            made = self._taps[1].apply(self._taps[0].apply(leaf, 2), 3)
            high, wide = made.shape[-2:]
            grid = torch.stack([(2 * self._across + 1) / wide - 1, (2 * self._down + 1) / high - 1], -1)
            seen = grid_sample(made, grid[None].to(made), padding_mode="border", align_corners=False)
        self._leaf, self._seen = leaf, seen
        return seen.detach()

    def give(self, gradient: Tensor, total: Tensor) -> None:
        """Add the gradient."""
        (back,) = torch.autograd.grad(self._seen, self._leaf, gradient)
        total[:, :, self._rows[:, None], self._columns] += back


class _Taps:
    """Makes one axis smaller, as torch's bilinear interpolation with antialias does; some of its pixels only."""

    def __init__(self, length: int, side: int, start: int, stop: int) -> None:
        """Take pixels from ``start`` to ``stop`` of ``side``, made of ``length`` pixels."""
        self._weights: Tensor | None = None
        self._low, self._high = start, stop
        if side == length:
            return
        ratio = length / side
        middles = ratio * (torch.arange(start, stop, dtype=torch.float64) + 0.5)
        lows = (middles - ratio + 0.5).floor().clamp(min=0).long()
        highs = (middles + ratio + 0.5).floor().clamp(max=length).long()
        self._low, self._high = int(lows.min()), int(highs.max())
        places = lows[:, None] + torch.arange(int((highs - lows).max()))
        weights = (1 - ((places + 0.5 - middles[:, None]) / ratio).abs()).clamp(min=0) * (places < highs[:, None])
        self._weights = weights / weights.sum(1, keepdim=True)
        self._places = (places - self._low).clamp(max=self._high - self._low - 1)

    def needed(self) -> Tensor:
        """Return the places of the pixels that it takes."""
        return torch.arange(self._low, self._high)

    def apply(self, picture: Tensor, dimension: int) -> Tensor:
        """Return ``picture``, the pixels needed, made smaller along a dimension."""
        if self._weights is None:
            return picture
        shape = [-1 if at == dimension else 1 for at in range(4)]
        made = torch.zeros(())
        for places, weights in zip(self._places.T.to(picture.device), self._weights.T.to(picture), strict=True):
            made = made + picture.index_select(dimension, places) * weights.view(shape)
        return made


def _places(span: Span, length: int, shift: int) -> tuple[Tensor, int]:
    """Return where in the picture the span's pixels are, and how many more at its end mirror those before the last."""
    mirrored = max(0, span.high - length)
    return (torch.arange(span.low, span.high - mirrored) - shift).remainder(length), mirrored


def _sampled(view: View, tile: Tile, size: tuple[int, int], seen: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return where the tile's pixels are sampled: (down, across) in pixels of what is sampled, not yet reflected."""
    (height, width), (high, wide) = size, seen
    rows, columns = (_mirrored(span, side) for span, side in ((tile.rows, high), (tile.columns, wide)))
    down, across = (2 * rows[:, None] + 1) / high - 1, (2 * columns[None] + 1) / wide - 1
    cosine, sine, shape = math.cos(view.turn), math.sin(view.turn), height / width
    turned_down, turned_across = sine / shape * across + cosine * down, cosine * across - sine * shape * down
    sampled = seen if view.scale < 1 else size
    return _reflected(turned_down, sampled[0]), _reflected(turned_across, sampled[1])


def _mirrored(span: Span, length: int) -> Tensor:
    places = torch.arange(span.low, span.high, dtype=torch.float64)
    return torch.where(places < length, places, 2 * length - 2 - places)


def _reflected(places: Tensor, length: int) -> Tensor:
    """Return pixels for places in −1–1, those beyond the edge reflected at it, as ``grid_sample`` has it."""
    pixels = ((places + 1) * length / 2).remainder(2 * length)
    return (torch.minimum(pixels, 2 * length - pixels) - 0.5).clamp(0, length - 1)


def _box(places: Tensor, length: int) -> tuple[tuple[int, int], Tensor]:
    """Return from where to where pixels are needed to sample at ``places``, and the places counted from there."""
    low, high = int(places.min().floor()), min(length, int(places.max().floor()) + 2)
    return (low, high), places - low


def _floats(pixels: Tensor) -> Tensor:
    return pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels
