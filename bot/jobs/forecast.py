"""When each waiting job will be done, and when there is a place again: from the queue, the workers and their pace."""

from __future__ import annotations

from collections.abc import Sequence

from bot.job import Job
from bot.jobs.foresight import Part, Span, foresee
from bot.jobs.pace import Kind, Paces
from bot.pool.interface import Pool
from bot.store.jobs import JobStore
from bot.store.processes import Processes, Workers
from bot.store.quotas import Asker, Caps, FullError

UNKNOWN_FRACTION = 0.5  # of a job that another process dreams: on average half of it is done


class Forecast:
    """Foresees the queue of one database. ``processes`` is given where several of them work on it."""

    def __init__(self, *, owner: str, jobs: JobStore, pool: Pool, caps: Caps, processes: Processes | None) -> None:
        self._owner = owner
        self._jobs = jobs
        self._pool = pool
        self._caps = caps
        self._processes = processes
        self._paces = Paces()
        self._fractions: dict[int, float] = {}

    def goes_on(self, job: Job, fraction: float) -> float:
        """Note how much of a job of ours is dreamed; returns how many seconds are left."""
        self._fractions[job.id] = fraction
        return self._seconds(job, fraction, self._pool.speed)

    def dreamed(self, job: Job, seconds: float) -> None:
        """Learn from a dream of ours: it took ``seconds`` of a worker, from the hand-over to its picture."""
        self._paces.learn(Kind.of(job.recipe), job.cost, seconds)

    def left(self, job_id: int) -> None:
        """A job of ours runs no more."""
        self._fractions.pop(job_id, None)

    async def spans(self) -> list[tuple[Job, Span]]:
        """Return the waiting jobs in the order of the queue, and when each starts and ends."""
        waiting, running, workers = await self._jobs.waiting(), await self._jobs.running(), await self._workers()
        speed = _mean_speed(workers)
        unknown = 0.0 if self._processes is None else UNKNOWN_FRACTION
        spans = foresee(
            [self._part(job, self._fractions.get(job.id, unknown), speed) for job in running],
            [self._part(job, 0.0, speed) for job in waiting],
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

    def _seconds(self, job: Job, done: float, speed: float | None) -> float:
        return self._paces.of(Kind.of(job.recipe), speed).seconds(job.cost) * (1.0 - done)

    def _part(self, job: Job, done: float, speed: float | None) -> Part:
        return Part(job.person_id, job.guild_id, self._seconds(job, done, speed))


def _mean_speed(workers: Sequence[Workers]) -> float | None:
    known = [(one.count, one.speed) for one in workers if one.speed is not None]
    return sum(count * speed for count, speed in known) / sum(count for count, _ in known) if known else None
