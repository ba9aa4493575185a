"""Our own workers, to whoever foresees the queue: which job each dreams, how far it is, and the pace of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.job import Job
from bot.jobs.clock import Clock
from bot.jobs.pace import Kind, Pace, Paces, Seen
from bot.pool.interface import Pool, Worker
from bot.store.processes import Told

Key = tuple[str, int]  # a device, and a number where the pool has several workers of that name


@dataclass
class _UnderWay:
    """How far a running job is."""

    job: Job
    since: float
    at: Key | None = None  # the worker that dreams it
    is_sure: bool = False  # the pool has said so
    speed: float | None = None  # of that worker, in GFLOP a second, as measured
    seconds: float = 0.0  # that it has taken so far
    fraction: float = 0.0  # that is done

    def left(self, foreseen_s: float) -> float:
        """Return how many seconds are left of ``foreseen_s``; the more is done, the more its own pace counts."""
        to_do = 1.0 - self.fraction
        return to_do * (to_do * foreseen_s + self.seconds) if self.fraction else foreseen_s

    def seen(self, foreseen_s: float) -> Seen:
        """Return what it says of other dreams of its kind."""
        return Seen(self.job.cost, self.seconds + self.left(foreseen_s), self.fraction)


class Crew:
    """The workers of one pool. Each has paces of its own: a fast one and a slow one have nothing to tell each other."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._paces: defaultdict[Key, Paces] = defaultdict(Paces)
        self._under_way: dict[int, _UnderWay] = {}

    def goes_on(self, job: Job, fraction: float) -> float:
        """Note how much of a job is dreamed, 0 when it begins; returns how many seconds are left."""
        now = self._clock.now()
        if not fraction:
            self._under_way.pop(job.id, None)
        under_way = self._under_way.setdefault(job.id, _UnderWay(job, now))
        if not under_way.is_sure:
            self._place(under_way)
        under_way.seconds, under_way.fraction = now - under_way.since, fraction
        return self._left(under_way)

    def dreamed(self, job: Job, seconds: float) -> None:
        """Learn from a dream that ``goes_on`` still: its worker had no other for ``seconds``, all included."""
        under_way = self._under_way.get(job.id)
        if under_way is not None and under_way.at is not None:
            self._paces[under_way.at].learn(Kind.of(job.recipe), job.cost, seconds)

    def left(self, job_id: int) -> None:
        """A job runs no more."""
        self._under_way.pop(job_id, None)

    def now(self) -> list[tuple[Told, Callable[[Kind], Pace]]]:
        """Return every worker as the other processes are told of it, and its pace as we know it."""
        at = {one.at: one for one in self._under_way.values()}
        return [
            (self._told(key, worker, at.get(key)), partial(self._pace, key, worker))
            for key, worker in self._workers().items()
        ]

    def _told(self, key: Key, worker: Worker, under_way: _UnderWay | None) -> Told:
        speed = worker.speed or self._pool.speed
        learned = self._paces[key].looks(speed)
        return Told(
            speed=speed,
            paces={look: [pace.speed, pace.fixed_s] for look, pace in learned.items()},
            job_id=None if under_way is None else under_way.job.id,
            left_s=0.0 if under_way is None else self._left(under_way),
        )

    def _workers(self) -> dict[Key, Worker]:
        """Return the pool's workers under names that stay theirs while others come and go."""
        count: Counter[str] = Counter()
        named = {}
        for worker in self._pool.workers:
            named[worker.device, count[worker.device]] = worker
            count[worker.device] += 1
        return named

    def _place(self, under_way: _UnderWay) -> None:
        """Find the worker that dreams a job; before the pool has said so, it is taken to be one that is free."""
        workers = self._workers()
        others = {one.at: one for one in self._under_way.values() if one is not under_way}
        has_it = next((key for key, worker in workers.items() if worker.job_id == under_way.job.id), None)
        if has_it is not None:
            if has_it in others:
                others[has_it].at = under_way.at  # it was taken to be there, and is not
            under_way.at, under_way.is_sure = has_it, True
        elif under_way.at is None:
            free = (key for key, worker in workers.items() if worker.job_id is None and key not in others)
            under_way.at = next(free, None)
        if under_way.at is not None:
            under_way.speed = workers[under_way.at].speed if under_way.at in workers else None

    def _left(self, under_way: _UnderWay) -> float:
        paces = Paces() if under_way.at is None else self._paces[under_way.at]
        pace = paces.of(Kind.of(under_way.job.recipe), under_way.speed or self._pool.speed)
        return under_way.left(pace.seconds(under_way.job.cost))

    def _pace(self, key: Key, worker: Worker, kind: Kind) -> Pace:
        """Return the pace at which a worker will dream its next ones."""
        paces, speed = self._paces[key], worker.speed or self._pool.speed
        pace = paces.of(kind, speed)
        seen = [
            one.seen(pace.seconds(one.job.cost))
            for one in self._under_way.values()
            if one.at == key and one.fraction and Kind.of(one.job.recipe) == kind
        ]
        return paces.of(kind, speed, seen)
