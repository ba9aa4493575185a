"""How long people wait for a worker: by a closed form, and by a simulation in the queue's own order."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import quantiles

from bot.bench.fair_queue import Ask, FairQueue

MOST_WORKERS = 10_000
WARM = 0.1  # of the dreams: not counted, for they come to an empty queue
SEVERAL = 4  # *Vary ×4*
PRICES = 4.0  # the dearest dream costs so many times what the cheapest does, where prices are mixed: 512 to 1024 pixels


@dataclass(frozen=True)
class Load:
    """What is asked for in the busiest hour, and how long one dream keeps a worker."""

    people: int
    dreams_a_day: float  # a person
    peak_share: float  # of a day's dreams that fall into its busiest hour, 0–1
    seconds: float

    @property
    def rate(self) -> float:
        """Dreams a second in the busiest hour."""
        return self.people * self.dreams_a_day * self.peak_share / 3600

    @property
    def busy(self) -> float:
        """How many workers it keeps busy in the mean: with no more than that, the queue grows while it lasts."""
        return self.rate * self.seconds


@dataclass(frozen=True)
class Waits:
    """How long it takes until a dream is begun, in seconds."""

    mean: float
    median: float
    p95: float


def chance_to_wait(workers: int, busy: float) -> float:
    """Return the part of dreams, 0–1, that find all workers busy, of which ``busy`` are in the mean. Below ``workers``.

    Erlang's C formula (A. K. Erlang, 1917), by the recurrence of his B formula, which does not overflow: L. Kleinrock,
    "Queueing Systems", volume 1, 1975, section 3.5, M/M/m. Raises ValueError where the queue would grow without end.
    """
    if not 0 <= busy < workers:
        raise ValueError(f"{workers} workers cannot serve what keeps {busy:g} busy")
    blocked = 1.0
    for number in range(1, workers + 1):
        blocked = busy * blocked / (number + busy * blocked)
    return blocked / (1 - busy / workers * (1 - blocked))


def foretold(load: Load, workers: int) -> Waits:
    """Return the waits in M/M/m: asked for by chance, exponentially distributed lengths, first come first served.

    Of whoever has to wait, the wait is exponential, with the rate at which the workers get ahead (Kleinrock, as above).
    """
    waits = chance_to_wait(workers, load.busy)
    ahead = (workers - load.busy) / load.seconds  # dreams a second

    def within(part: float) -> float:
        return max(0.0, math.log(waits / (1 - part)) / ahead) if waits else 0.0

    return Waits(waits / ahead, within(0.5), within(0.95))


def needed(load: Load, within_s: float) -> int:
    """Return how few workers do, for 95 of 100 dreams to be begun within ``within_s`` seconds; by the closed form."""
    first = math.floor(load.busy) + 1
    for workers in range(first, MOST_WORKERS):
        if foretold(load, workers).p95 <= within_s:
            return workers
    raise ValueError(f"more than {MOST_WORKERS} workers are needed")


@dataclass(frozen=True)
class Crowd:
    """Who asks, and for what. The default is what the closed form takes for granted, but for the order."""

    few_ask_much: bool = False  # people ask as often as Pareto has it (1): a few all the time, most now and then
    several: float = 0.0  # the part of the acts that ask for ``SEVERAL`` dreams at once
    mixed: bool = False  # lengths spread evenly over the logarithm of 1 : ``PRICES``; else they are exponential


AS_THEY_ARE = Crowd(few_ask_much=True, several=0.1, mixed=True)


@dataclass(frozen=True)
class Begun:
    """A dream that was begun: how long it had waited, and how many were asked for with it."""

    waited: float
    together: int


def simulated(load: Load, workers: int, dreams: int, seed: int, crowd: Crowd = Crowd()) -> list[Begun]:
    """Let ``dreams`` be asked for and dreamed in the fair order, as if the busiest hour did not end."""
    chance = random.Random(seed)  # noqa: S311 - it draws people, not secrets
    work = _asked_for(load, dreams, chance, crowd)
    queue, free = FairQueue(), [0.0] * workers  # when each worker is free
    begun: list[Begun] = []
    come, now = 0, 0.0
    while len(begun) < len(work):
        now = max(now, heapq.heappop(free))
        if not queue.waiting:
            now = max(now, work[come].at)
        while come < len(work) and work[come].at <= now:
            queue.ask(work[come].ask)
            come += 1
        ask = queue.serve()
        begun.append(Begun(now - work[ask.number].at, work[ask.number].together))
        heapq.heappush(free, now + ask.cost)
    return begun[int(WARM * len(begun)) :]


def waits(begun: Sequence[Begun]) -> Waits:
    """Return what was waited."""
    times = [one.waited for one in begun]
    hundredths = quantiles(times, n=100, method="inclusive")
    return Waits(sum(times) / len(times), hundredths[49], hundredths[94])


@dataclass(frozen=True)
class _Asked:
    at: float
    ask: Ask  # its cost is in seconds: all workers are alike
    together: int


def _asked_for(load: Load, dreams: int, chance: random.Random, crowd: Crowd) -> list[_Asked]:
    people = range(load.people)
    often = list(accumulate(chance.paretovariate(1.0) if crowd.few_ask_much else 1.0 for _ in people))
    acts_a_second = load.rate / (1 + crowd.several * (SEVERAL - 1))
    work: list[_Asked] = []
    now = 0.0
    while len(work) < dreams:
        now += chance.expovariate(acts_a_second)
        (person,) = chance.choices(people, cum_weights=often)
        together = SEVERAL if chance.random() < crowd.several else 1
        for _ in range(together):
            work.append(_Asked(now, Ask(len(work), person, _length(load.seconds, chance, crowd)), together))
    return work


def _length(mean: float, chance: random.Random, crowd: Crowd) -> float:
    if not crowd.mixed:
        return chance.expovariate(1 / mean)
    of_all = (PRICES - 1) / math.log(PRICES)  # the mean of PRICES ** u, u even in 0–1
    return mean * math.pow(PRICES, chance.random()) / of_all
