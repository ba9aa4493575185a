"""When each waiting job will be done, and when there is a place again: from the queue, the workers and their pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.job import Job
from bot.jobs.clock import Clock
from bot.jobs.foresight import Part, Span, foresee
from bot.jobs.pace import Kind, Paces, Seen
from bot.pool.interface import Pool
from bot.store.jobs import JobStore
from bot.store.processes import Processes, Workers
from bot.store.quotas import Asker, Caps, FullError

LEFT_ELSEWHERE = 0.5  # of a job that another process dreams: nobody tells us, and on average half is left


@dataclass
class _UnderWay:
    """How far a running job is."""

    job: Job
    since: float
    seconds: float = 0.0  # that it has taken so far
    fraction: float = 0.0  # that is done

    def left(self, foreseen_s: float) -> float:
        """Return how many seconds are left of ``foreseen_s``; the more is done, the more its own pace counts."""
        to_do = 1.0 - self.fraction
        return to_do * (to_do * foreseen_s + self.seconds) if self.fraction else foreseen_s

    def seen(self, foreseen_s: float) -> Seen:
        """Return what it says of other dreams of its kind."""
        return Seen(self.job.cost, self.seconds + self.left(foreseen_s), self.fraction)


class Forecast:
    """Foresees the queue of one database. ``processes`` is given where several of them work on it."""

    def __init__(
        self, *, owner: str, jobs: JobStore, pool: Pool, caps: Caps, clock: Clock, processes: Processes | None
    ) -> None:
        self._owner = owner
        self._jobs = jobs
        self._pool = pool
        self._caps = caps
        self._processes = processes
        self._clock = clock
        self._paces = Paces()
        self._under_way: dict[int, _UnderWay] = {}

    def goes_on(self, job: Job, fraction: float) -> float:
        """Note how much of a job of ours is dreamed, 0 when it begins; returns how many seconds are left."""
        now = self._clock.now()
        if not fraction:
            self._under_way.pop(job.id, None)
        under_way = self._under_way.setdefault(job.id, _UnderWay(job, now))
        under_way.seconds, under_way.fraction = now - under_way.since, fraction
        return under_way.left(self._seconds(job, self._pool.speed))

    def dreamed(self, job: Job, seconds: float) -> None:
        """Learn from a dream of ours: its worker had no other for ``seconds``, claim and writing down included."""
        self._paces.learn(Kind.of(job.recipe), job.cost, seconds)

    def left(self, job_id: int) -> None:
        """A job of ours runs no more."""
        self._under_way.pop(job_id, None)

    async def spans(self) -> list[tuple[Job, Span]]:
        """Return the waiting jobs in the order of the queue, and when each starts and ends."""
        waiting, running, workers = await self._jobs.waiting(), await self._jobs.running(), await self._workers()
        speed = _mean_speed(workers)
        spans = foresee(
            [Part(job.person_id, job.guild_id, self._left(job, speed)) for job in running],
            [Part(job.person_id, job.guild_id, self._seconds(job, speed)) for job in waiting],
            sum(one.count for one in workers),
            self._caps,
        )
        return list(zip(waiting, spans, strict=True))

    async def free_in_s(self, asker: Asker, full: FullError) -> float | None:
        """Return in how many seconds there is a place again for who was refused; None where that is not foreseen."""
        if full.free_in_s is not None:
            return full.free_in_s
        theirs = asker.part_in(full.scope)
        starts = [
            span.starts_s
            for job, span in await self.spans()
            if Asker(job.person_id, job.guild_id).part_in(full.scope) == theirs
        ]
        return min(starts, default=None)

    async def report(self) -> None:
        """Tell the other processes what our workers can do."""
        if self._processes is not None:
            await self._processes.report(self._owner, self._ours())

    async def stop(self) -> None:
        """Tell them that our workers end."""
        if self._processes is not None:
            await self._processes.leave(self._owner)

    def _ours(self) -> Workers:
        return Workers(self._pool.capacity, self._pool.speed)

    async def _workers(self) -> list[Workers]:
        others = [] if self._processes is None else await self._processes.others(self._owner)
        return [self._ours(), *others]

    def _seconds(self, job: Job, speed: float | None) -> float:
        kind = Kind.of(job.recipe)
        pace = self._paces.of(kind, speed)
        under_way = [
            one.seen(pace.seconds(one.job.cost))
            for one in self._under_way.values()
            if one.fraction and one.job.id != job.id and Kind.of(one.job.recipe) == kind
        ]
        return self._paces.of(kind, speed, under_way).seconds(job.cost)

    def _left(self, job: Job, speed: float | None) -> float:
        under_way = self._under_way.get(job.id)
        foreseen_s = self._seconds(job, speed)
        return under_way.left(foreseen_s) if under_way is not None else foreseen_s * LEFT_ELSEWHERE


def _mean_speed(workers: Sequence[Workers]) -> float | None:
    known = [(one.count, one.speed) for one in workers if one.speed is not None]
    return sum(count * speed for count, speed in known) / sum(count for count, _ in known) if known else None
