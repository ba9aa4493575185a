"""How long one recipe takes beside another, the two taking turns."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from engine.bench.dreamers import Dreaming
from engine.pictures import Picture
from engine.recipe import Recipe


@dataclass(frozen=True)
class Timing:
    """Seconds of two recipes, pair by pair: whatever else the machine does falls on both."""

    seconds: tuple[float, ...]
    beside: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How many times the other's time the first one takes: the median of the pairs."""
        return statistics.median(one / other for one, other in zip(self.seconds, self.beside, strict=True))


def timed(
    dream: Dreaming, photo: Picture, recipe: Recipe, beside: Recipe, pairs: int, tell: Callable[[str], None]
) -> Timing:
    """Dream both recipes ``pairs`` times on a photo, by turns; a first pair, which loads things, does not count.

    ``tell`` is called with a line after each pair.
    """
    seconds, others = [], []
    for pair in range(pairs + 1):
        # Taking turns at who is first: the second of a pair finds warmer caches.
        if pair % 2:
            others.append(dream(photo, beside).seconds)
            seconds.append(dream(photo, recipe).seconds)
        else:
            seconds.append(dream(photo, recipe).seconds)
            others.append(dream(photo, beside).seconds)
        tell(f"{seconds[-1]:.1f} s beside {others[-1]:.1f} s")
    return Timing(tuple(seconds[1:]), tuple(others[1:]))
