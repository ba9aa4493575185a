"""Tiles: how a picture too large to be seen at once is cut, so that no seam shows and the bytes it takes are bounded.

A tile is kept from ``start`` to ``stop`` and looked at from ``low`` to ``high``: the margin between them is what its
positions see of their neighbours. Both lie on the network's total stride, so that each position of a layer sees the
same pixels as in the whole picture; with padding that depends on the size, any other origin shifts the grid (a cosine
of 0.19 between the two gradients was measured).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from engine.catalogue import LayerFacts
from engine.vocabulary.terms import Extremes, Guide, Layer, Neuron, Term

WHOLE_PIXELS = 2048 * 2048  # up to here a picture is dreamed whole, where memory suffices
# Of the receptive field, on each side: what lies further out hardly counts (docs/engine.md has what was measured).
REACH = 0.4
# Tiles as large as this keep the margins a bearable part of the work, and a step in memory that most machines have.
LEAST_SIDE, USUAL_SIDE, MOST_SIDE = 128, 768, 1024  # pixels
SIDES_TO_MARGIN = 4
FIRST_PASS = 0.5  # forward once more, beside forward and backward


@dataclass(frozen=True)
class Span:
    """A tile along one axis, in pixels of the padded picture: kept from start to stop, looked at from low to high."""

    start: int
    stop: int
    low: int
    high: int
    last: bool  # no other follows: whatever positions are left are its own


@dataclass(frozen=True)
class Tile:
    """A piece of a picture."""

    rows: Span
    columns: Span

    @property
    def pixels(self) -> int:
        """How many pixels are looked at."""
        return (self.rows.high - self.rows.low) * (self.columns.high - self.columns.low)


@dataclass(frozen=True)
class Tiling:
    """How pictures of any size are cut: into tiles of at most ``side`` pixels, with a ``margin`` around them.

    All three are pixels; side and margin are multiples of ``stride``.
    """

    side: int
    margin: int
    stride: int

    def spans(self, length: int) -> list[Span]:
        """Cut an axis of ``length`` pixels into equal parts as far as the stride lets them be.

        It is padded up to a multiple of the stride, the last span's ``high``. One that is no longer than a tile with
        its margins is not cut, and not padded: it is seen as in the whole picture.
        """
        if length <= self.side + 2 * self.margin:
            return [Span(0, length, 0, length, last=True)]
        units = -(-length // self.stride)
        count = -(-units // (self.side // self.stride))
        padded = units * self.stride
        edges = [units * place // count * self.stride for place in range(count + 1)]
        return [
            Span(start, stop, max(0, start - self.margin), min(padded, stop + self.margin), last=stop == padded)
            for start, stop in pairwise(edges)
        ]

    def tiles(self, height: int, width: int) -> Iterator[Tile]:
        """Yield the tiles of a picture, row by row."""
        columns = self.spans(width)
        for rows in self.spans(height):
            for column in columns:
                yield Tile(rows, column)

    def seen_pixels(self, height: int, width: int) -> int:
        """Return how many pixels are looked at in all, margins and all."""
        return math.prod(sum(span.high - span.low for span in self.spans(length)) for length in (height, width))

    def largest(self, height: int, width: int) -> int:
        """Return how many pixels of a picture are looked at at once."""
        return math.prod(max(span.high - span.low for span in self.spans(length)) for length in (height, width))

    def facts(self) -> dict[str, int]:
        """Return what a fingerprint says of it."""
        return asdict(self)


def can_tile(layers: Sequence[LayerFacts]) -> bool:
    """Tell whether the layers see but a part of a picture at each position."""
    return all(layer.receptive_field is not None for layer in layers)


def tiling_of(layers: Sequence[LayerFacts], side: int | None = None) -> Tiling:
    """Return how pictures are cut for these layers (the deepest of each network); ``side`` other than the usual one."""
    stride = math.lcm(*(layer.stride for layer in layers))
    margin = _up(REACH * max(layer.receptive_field or 0 for layer in layers), stride)
    usual = min(MOST_SIDE, max(USUAL_SIDE, SIDES_TO_MARGIN * margin))
    return Tiling(_up(usual if side is None else side, stride), margin, stride)


def smaller(layers: Sequence[LayerFacts]) -> Iterator[Tiling]:
    """Yield the usual tiling, then those with ever smaller tiles: less memory, and more work at the margins."""
    side = tiling_of(layers).side
    while side >= LEAST_SIDE:
        yield tiling_of(layers, side)
        side = side * 3 // 4


def takes_totals(terms: Sequence[Term]) -> bool:
    """Tell whether a tile's gradient depends on all the others, so that they must be looked at first.

    A neuron or a guide is a sum over positions. A norm is not; but alone, its gradient is that of half its square but
    for a factor, and no look cares for factors.
    """
    alone = len(terms) == 1
    return not all(
        isinstance(term.what, Neuron | Guide | Layer | Extremes if alone else Neuron | Guide) for term in terms
    )


def work(terms: Sequence[Term], tiling: Tiling, width: int, height: int) -> float:
    """Return how many pixels a step in tiles costs as much as, forward and backward."""
    return tiling.seen_pixels(height, width) * (1 + FIRST_PASS * takes_totals(terms))


def _up(length: float, stride: int) -> int:
    return math.ceil(length / stride) * stride
