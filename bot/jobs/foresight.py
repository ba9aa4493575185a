"""What will happen to the queue: each waiting job's start and end, if all goes on as it does now."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.jobs.pace import Kind, Pace
from bot.store.quotas import Caps


@dataclass(frozen=True)
class Part:
    """A job's part in what happens: whose it is, and what it asks of a worker. ``gflop`` is its price."""

    person_id: int
    guild_id: int | None
    kind: Kind
    gflop: float


@dataclass(frozen=True)
class Hand:
    """A worker: its pace, and whose dream it has for how long yet."""

    pace: Callable[[Kind], Pace]
    dreams: Part | None = None
    left_s: float = 0.0


@dataclass(frozen=True)
class Span:
    """When a job starts and ends, in seconds from now."""

    starts_s: float
    ends_s: float


def foresee(
    hands: Sequence[Hand],
    waiting: Sequence[Part],
    caps: Caps | None = None,
    caps_of_guilds: Mapping[int, Caps] | None = None,
) -> list[Span]:
    """Return when each of ``waiting`` starts and ends, as the claims will go.

    They go, in order, to whichever of ``hands`` (at least one) is free first, fast or slow: nobody waits for a faster
    one. Who has as many running as they may, by ``caps`` or by those of
    their guild, is passed over until one of theirs has ended. Of several that are free at
    once the first takes it: the pool would look who holds its network, but that is over as soon as all are busy.
    """
    line = _Line(caps or Caps(), caps_of_guilds or {}, hands)
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
        spans[number] = Span(now, line.begin(part, now))
    return [spans[number] for number in range(len(waiting))]


class _Line:
    """Who runs now."""

    def __init__(self, caps: Caps, caps_of_guilds: Mapping[int, Caps], hands: Sequence[Hand]) -> None:
        self._caps = caps
        self._caps_of_guilds = caps_of_guilds
        self._hands = hands
        self._free: list[int] = []  # numbers of hands, a heap
        self._ends: list[tuple[float, int, Part]] = []  # when which hand is free again; a heap
        self._people: Counter[int] = Counter()
        self._servers: Counter[int | None] = Counter()
        self._members: Counter[tuple[int, int | None]] = Counter()
        for number, hand in enumerate(hands):
            if hand.dreams is None:
                self._free.append(number)
            else:
                self._take(number, hand.dreams, hand.left_s)

    def may_begin(self, part: Part) -> bool:
        caps = self._caps if part.guild_id is None else self._caps_of_guilds.get(part.guild_id, self._caps)
        person, server, whole, member = (one.running for one in (caps.person, caps.server, caps.whole, caps.member))
        return (
            bool(self._free)
            and (person is None or self._people[part.person_id] < person)
            and (server is None or part.guild_id is None or self._servers[part.guild_id] < server)
            and (member is None or self._members[part.person_id, part.guild_id] < member)
            and (whole is None or len(self._ends) < whole)
        )

    def begin(self, part: Part, now: float) -> float:
        """Give a job to a hand that is free; returns when it ends."""
        number = heapq.heappop(self._free)
        ends_s = now + self._hands[number].pace(part.kind).seconds(part.gflop)
        self._take(number, part, ends_s)
        return ends_s

    def _take(self, number: int, part: Part, ends_s: float) -> None:
        heapq.heappush(self._ends, (ends_s, number, part))
        self._people[part.person_id] += 1
        self._servers[part.guild_id] += 1
        self._members[part.person_id, part.guild_id] += 1

    def end_one(self) -> float:
        """End whichever ends first; returns when."""
        ends_s, number, part = heapq.heappop(self._ends)
        heapq.heappush(self._free, number)
        self._people[part.person_id] -= 1
        self._servers[part.guild_id] -= 1
        self._members[part.person_id, part.guild_id] -= 1
        return ends_s
