"""What is maximised, a tile at a time: each measure of ``engine.objectives`` as what the tiles have in common, and a
share of each tile whose gradients add up to that of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.objectives import LIFT, LOG_PROBABILITY, best_match, position_of
from engine.tiles import Tile
from engine.vocabulary.terms import Channels, Class, Direction, Extremes, Guide, Layer, Neuron, What


@dataclass(frozen=True)
class Kept:
    """The positions of a layer that are one tile's own."""

    found: Tensor  # (1, channels, height, width)
    tile: Tile
    stride: int
    size: tuple[int, int]  # of the whole layer, in positions


UNKNOWN = torch.ones((), dtype=torch.float64)


class Measure(Protocol):
    """One term of what is maximised."""

    def totals(self, kept: Kept) -> Tensor:
        """Return what all tiles are to know of this one: numbers that are added up, float64."""

    def share(self, kept: Kept, totals: Tensor) -> Tensor:
        """Return a number whose gradient is this tile's part; ``totals`` are those of all tiles.

        ``UNKNOWN`` as the totals of a norm leaves out the factor that its gradient owes to them.
        """


@dataclass(frozen=True)
class Norm:
    """The norm of all channels, or of some: half the square over the norm has its gradient."""

    channels: tuple[int, ...] | None = None

    def totals(self, kept: Kept) -> Tensor:
        return _squares(self._of(kept.found))

    def share(self, kept: Kept, totals: Tensor) -> Tensor:
        return _half_square(self._of(kept.found), totals)

    def _of(self, found: Tensor) -> Tensor:
        return found if self.channels is None else found[:, list(self.channels)]


@dataclass(frozen=True)
class Response:
    """How strongly a mixture of channels fires, or each of several."""

    channels: tuple[int, ...]
    amounts: tuple[float, ...] | None = None  # None: each channel for itself

    def totals(self, kept: Kept) -> Tensor:
        found = self._of(kept.found)
        return torch.stack([_squares(found.relu()), torch.tensor(float(found.numel())).to(found).double()])

    def share(self, kept: Kept, totals: Tensor) -> Tensor:
        found = self._of(kept.found)
        return _half_square(found.relu(), totals[0]) + LIFT * found.sum() * totals[1].rsqrt().to(found.dtype)

    def _of(self, found: Tensor) -> Tensor:
        chosen = found[:, list(self.channels)]
        if self.amounts is None:
            return chosen
        return (chosen * chosen.new_tensor(self.amounts).view(1, -1, 1, 1)).sum(1, keepdim=True)


@dataclass(frozen=True)
class Unit:
    """One position of one channel: of the tile that it is in."""

    what: Neuron

    def totals(self, kept: Kept) -> Tensor:
        return torch.zeros((), dtype=torch.float64, device=kept.found.device)

    def share(self, kept: Kept, totals: Tensor) -> Tensor:  # noqa: ARG002
        at = []
        spans = (kept.tile.rows, kept.tile.columns)
        for span, fraction, size, held in zip(
            spans, (self.what.down, self.what.across), kept.size, kept.found.shape[2:], strict=True
        ):
            here = position_of(fraction, size) - span.start // kept.stride
            if span.last:  # layers without padding have fewer positions than their stride tells
                here = min(here, held - 1)
            if not 0 <= here < held:
                return kept.found.sum() * 0
            at.append(here)
        return kept.found[0, self.what.channel, at[0], at[1]]


@dataclass(frozen=True)
class Kind:
    """A class: the gradient of its answer by the mean logits is the same at every position."""

    index: int

    def totals(self, kept: Kept) -> Tensor:
        positions = kept.found.shape[2] * kept.found.shape[3]
        sums = kept.found.sum((0, 2, 3), dtype=torch.float64)
        return torch.cat([sums, sums.new_tensor([positions])])

    def share(self, kept: Kept, totals: Tensor) -> Tensor:
        pooled = totals[:-1] / totals[-1]
        wanted = torch.zeros_like(pooled)
        wanted[self.index] = 1 + LOG_PROBABILITY
        pull = (wanted - LOG_PROBABILITY * pooled.softmax(0)) / totals[-1]
        return kept.found.sum((0, 2, 3)) @ pull.to(kept.found)


@dataclass(frozen=True)
class Matched:
    """The match with a guide's features, (channels, positions): a sum over positions as it is."""

    features: Tensor

    def totals(self, kept: Kept) -> Tensor:
        return torch.zeros((), dtype=torch.float64, device=kept.found.device)

    def share(self, kept: Kept, totals: Tensor) -> Tensor:  # noqa: ARG002
        return best_match(kept.found[0].flatten(1), self.features)


def measure_of(what: What, chosen: tuple[int, ...], guided: Mapping[str, Tensor]) -> Measure:
    """Return how ``what`` is measured.

    ``chosen`` are the channels of Extremes, ``guided`` what the guide's layers show.
    """
    match what:
        case Layer():
            return Norm()
        case Channels(_, channels):
            return Response(channels)
        case Extremes():
            return Norm(chosen)
        case Neuron():
            return Unit(what)
        case Direction(_, parts):
            channels, amounts = zip(*parts, strict=True)
            return Response(channels, amounts)
        case Class(index):
            return Kind(index)
        case Guide(layer):
            return Matched(guided[layer][0].flatten(1))


def _squares(found: Tensor) -> Tensor:
    return found.square().sum(dtype=torch.float64)


def _half_square(found: Tensor, squares: Tensor) -> Tensor:
    norm = squares.sqrt().clamp(min=torch.finfo(torch.float32).tiny)
    return found.square().sum() / 2 / norm.to(found)
