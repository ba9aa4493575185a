"""The gradient of what is maximised, by the pixels of a picture that is looked at in tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from engine import catalogue
from engine.errors import EngineError
from engine.large.measures import UNKNOWN, Kept, Measure, measure_of
from engine.large.panes import pane_of
from engine.large.strips import mean_magnitude
from engine.objectives import small_guide
from engine.tiles import Span, Tile, Tiling, takes_totals
from engine.transforms import View
from engine.trunk import Seen, Trunk
from engine.vocabulary.terms import Extremes, Guide, Term

UNMOVED = View(0, 0)


class TiledObjective:
    """What ``engine.objectives.Objective`` is, in bounded memory. Pictures are (1, 3, height, width) in 0–1, or bytes.

    Each tile answers for the positions that are its own, and their gradients add up over all tiles that see a pixel.
    """

    def __init__(
        self,
        terms: Sequence[Term],
        trunks: Mapping[str, Trunk],
        tiling: Tiling,
        guide: Tensor | None = None,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Take what ``Objective`` takes; ``between`` is called before each tile, and may raise."""
        self._terms = terms
        self._trunks = trunks
        self._tiling = tiling
        self._between = between
        self._guided: dict[str, Seen] = {}
        if guide is not None:
            small = small_guide(guide)
            names = {term.network for term in terms if isinstance(term.what, Guide)}
            with torch.no_grad():
                self._guided = {name: trunks[name](small) for name in names}
        self._measures: list[Measure] = []
        self._strengths = [1.0] * len(terms)

    def start(self, photo: Tensor, scratch: Tensor) -> None:
        """Begin an octave on the ``photo`` at its size; ``scratch`` (1, 3, height, width) is written over."""
        chosen = self._chosen(photo)
        self._measures = [
            measure_of(term.what, chosen.get(at, ()), self._guided.get(term.network, {}))
            for at, term in enumerate(self._terms)
        ]
        self._strengths = [1.0] * len(self._terms)
        if len(self._terms) < 2:
            return
        totals = self._totals(photo, UNMOVED)
        strengths = []
        for at, term in enumerate(self._terms):
            self._add(photo, UNMOVED, scratch.zero_(), [at], totals)
            strengths.append(abs(term.weight) / max(mean_magnitude(scratch), 1e-12))
        self._strengths = strengths

    def add_gradient(self, picture: Tensor, view: View, total: Tensor) -> None:
        """Add the gradient by the pixels of ``picture``, taken of its view, to ``total``."""
        totals = self._totals(picture, view)
        self._add(picture, view, total, range(len(self._terms)), totals)

    def _add(self, picture: Tensor, view: View, total: Tensor, places: Sequence[int], totals: Sequence[Tensor]) -> None:
        height, width = picture.shape[-2:]
        size = view.size(height, width)
        for tile in self._tiling.tiles(*size):
            self._between()
            pane = pane_of(view, tile, height, width)
            seen = pane.look(picture)
            gradient: Tensor | None = None
            for name, trunk in self._trunks.items():
                mine = [at for at in places if self._terms[at].network == name]
                if mine:
                    part = trunk.gradient(seen, lambda found, mine=mine: self._share(found, tile, size, mine, totals))  # type: ignore[misc]  # noqa: B023
                    gradient = part if gradient is None else gradient.add_(part)
            if gradient is not None:
                pane.give(gradient, total)

    def _share(
        self, found: Seen, tile: Tile, size: tuple[int, int], places: Sequence[int], totals: Sequence[Tensor]
    ) -> Tensor:
        share = torch.zeros(())
        for at in places:
            term = self._terms[at]
            part = self._measures[at].share(self._kept(found, term, tile, size), totals[at])
            share = share + term.weight * self._strengths[at] * part
        return share

    def _totals(self, picture: Tensor, view: View) -> list[Tensor]:
        """Return what each term's measure has of all tiles, looked at first where the gradient depends on it."""
        if not takes_totals(self._terms):
            return [UNKNOWN] * len(self._terms)
        totals: list[Tensor] = []
        for found, tile, size in self._sights(picture, view, self._trunks):
            parts = [
                measure.totals(self._kept(found[term.network], term, tile, size))
                for term, measure in zip(self._terms, self._measures, strict=True)
            ]
            totals = [one + part for one, part in zip(totals, parts, strict=True)] if totals else parts
        return totals

    def _chosen(self, photo: Tensor) -> dict[int, tuple[int, ...]]:
        """Return the channels that each term of Extremes is of, by its place."""
        wanted = {at: term.what for at, term in enumerate(self._terms) if isinstance(term.what, Extremes)}
        if not wanted:
            return {}
        powers: dict[int, Tensor] = {}
        names = {self._terms[at].network for at in wanted}
        for found, tile, size in self._sights(photo, UNMOVED, names):
            for at in wanted:
                term = self._terms[at]
                power = (
                    self._kept(found[term.network], term, tile, size).found.square().sum((0, 2, 3), dtype=torch.float64)
                )
                powers[at] = powers[at] + power if at in powers else power
        return {
            at: tuple(powers[at].topk(what.count, largest=what.strongest).indices.tolist())
            for at, what in wanted.items()
        }

    def _sights(
        self, picture: Tensor, view: View, names: Sequence[str] | Mapping[str, Trunk] | set[str]
    ) -> Iterator[tuple[dict[str, Seen], Tile, tuple[int, int]]]:
        """Yield what the networks see in each tile, the tile, and the view's size."""
        height, width = picture.shape[-2:]
        size = view.size(height, width)
        for tile in self._tiling.tiles(*size):
            self._between()
            seen = pane_of(view, tile, height, width).look(picture)
            with torch.no_grad():
                yield {name: trunk(seen) for name, trunk in self._trunks.items() if name in names}, tile, size

    def _kept(self, found: Seen, term: Term, tile: Tile, size: tuple[int, int]) -> Kept:
        """Return the positions of a term's layer that are the tile's own."""
        stride = catalogue.network(term.network).layer(term.what.layer).stride
        whole = found[term.what.layer]
        rows, columns = (
            _own(span, stride, held) for span, held in zip((tile.rows, tile.columns), whole.shape[2:], strict=True)
        )
        height, width = (-(-side // stride) for side in size)
        return Kept(whole[:, :, rows, columns], tile, stride, (height, width))


def _own(span: Span, stride: int, held: int) -> slice:
    """Return which of the ``held`` positions along an axis are the span's own."""
    first = (span.start - span.low) // stride
    if span.last:
        return slice(first, held)
    last = (span.stop - span.low) // stride
    if last > held:
        raise EngineError("This layer cannot be dreamed in tiles. Choose another layer, or a smaller size.")
    return slice(first, last)
