"""What will happen to the queue: each waiting job's start and end, if all goes on as it does now."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.quotas import Caps


@dataclass(frozen=True)
class Part:
    """A job, as far as it is still to be dreamed. ``seconds`` is what that takes."""

    person_id: int
    guild_id: int | None
    seconds: float


@dataclass(frozen=True)
class Span:
    """When a job starts and ends, in seconds from now."""

    starts_s: float
    ends_s: float


def foresee(running: Sequence[Part], waiting: Sequence[Part], workers: int, caps: Caps | None = None) -> list[Span]:
    """Return when each of ``waiting`` starts and ends, as the claims will go.

    They go, in order, to whichever of the ``workers`` is free first; who has as many running as they may is passed over
    until one of theirs has ended.
    """
    line = _Line(caps or Caps(), max(1, workers))
    for part in running:
        line.begin(part, part.seconds)
    spans: dict[int, Span] = {}
    left = list(enumerate(waiting))
    now = 0.0
    while left:
        place = next((place for place in left if line.may_begin(place[1])), None)
        if place is None:
            now = line.end_one()
            continue
        left.remove(place)
        number, part = place
        spans[number] = Span(now, now + part.seconds)
        line.begin(part, now + part.seconds)
    return [spans[number] for number in range(len(waiting))]


class _Line:
    """Who runs now."""

    def __init__(self, caps: Caps, workers: int) -> None:
        self._caps = caps
        self._workers = workers
        self._ends: list[tuple[float, int, Part]] = []
        self._begun = 0
        self._people: Counter[int] = Counter()
        self._servers: Counter[int | None] = Counter()

    def may_begin(self, part: Part) -> bool:
        person, server, whole = self._caps.person.running, self._caps.server.running, self._caps.whole.running
        return (
            len(self._ends) < self._workers
            and (person is None or self._people[part.person_id] < person)
            and (server is None or part.guild_id is None or self._servers[part.guild_id] < server)
            and (whole is None or len(self._ends) < whole)
        )

    def begin(self, part: Part, ends_s: float) -> None:
        self._begun += 1
        heapq.heappush(self._ends, (ends_s, self._begun, part))
        self._people[part.person_id] += 1
        self._servers[part.guild_id] += 1

    def end_one(self) -> float:
        """End whichever ends first; returns when."""
        ends_s, _, part = heapq.heappop(self._ends)
        self._people[part.person_id] -= 1
        self._servers[part.guild_id] -= 1
        return ends_s
