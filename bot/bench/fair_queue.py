"""The fair order without a database, to be simulated at length: by the very function that the store goes by.

A test (``tests/bot/store/test_store_fairness.py``) has the store serve in this order.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from bot.store.fairness import tags


@dataclass(frozen=True)
class Ask:
    """One job that somebody asks for; ``number`` counts up."""

    number: int
    person: int
    cost: float
    weight: float = 1.0


@dataclass
class FairQueue:
    """Jobs that wait, and the clock."""

    clock: float = 0.0
    waiting: list[tuple[float, int, Ask]] = field(default_factory=list)
    _last: dict[int, float] = field(default_factory=dict)

    def ask(self, ask: Ask) -> None:
        """Put a job in its fair place."""
        place = tags(self.clock, self._last.get(ask.person, 0.0), ask.cost, ask.weight)
        self._last[ask.person] = place.finish
        heapq.heappush(self.waiting, (place.start, ask.number, ask))

    def serve(self) -> Ask:
        """Take the next one."""
        start, _, ask = heapq.heappop(self.waiting)
        self.clock = max(self.clock, start)
        return ask
