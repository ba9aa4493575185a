"""When each waiting job will be done, and when there is a place again: from the queue, the workers and their pace."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from bot.job import Job
from bot.jobs.clock import Clock
from bot.jobs.crew import Crew
from bot.jobs.foresight import Hand, Part, Span, foresee
from bot.jobs.pace import DEFAULT_SPEED, Kind, Pace
from bot.pool.interface import Pool
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.processes import Processes, Told
from bot.store.quotas import Asker, Caps, FullError
from engine.recipe import Recipe


class Forecast:
    """Foresees the queue of one database. ``processes`` is given where several of them work on it."""

    def __init__(
        self,
        *,
        owner: str,
        jobs: JobStore,
        guilds: GuildStore,
        pool: Pool,
        caps: Caps,
        clock: Clock,
        processes: Processes | None,
    ) -> None:
        self._owner = owner
        self._jobs = jobs
        self._guilds = guilds
        self._caps = caps
        self._processes = processes
        self._crew = Crew(pool, clock)

    def goes_on(self, job: Job, fraction: float) -> float:
        """Note how much of a job of ours is dreamed, 0 when it begins; returns how many seconds are left."""
        return self._crew.goes_on(job, fraction)

    def dreamed(self, job: Job, seconds: float) -> None:
        """Learn from a dream of ours, before it is ``left``: its worker had no other for ``seconds``.

        Claim and writing down are included.
        """
        self._crew.dreamed(job, seconds)

    def left(self, job_id: int) -> None:
        """A job of ours runs no more."""
        self._crew.left(job_id)

    async def spans(self) -> list[tuple[Job, Span]]:
        """Return the waiting jobs in the order of the queue, and when each starts and ends."""
        return (await self._foreseen())[0]

    async def queue(self) -> tuple[int, float]:
        """Return how many jobs wait, and in how many seconds one that comes now, as the last, would start."""
        spans, last = await self._foreseen(Part(0, None, Kind.of(Recipe().to_json()), 0.0))
        return len(spans), last[0].starts_s

    async def _foreseen(self, *more: Part) -> tuple[list[tuple[Job, Span]], list[Span]]:
        """Foresee the waiting jobs, and ``more`` after them."""
        running, waiting = await self._jobs.running_and_waiting()
        parts = {job.id: _part(job) for job in running}
        workers = await self._workers()
        hands = [Hand(cache(pace), parts.get(told.job_id or 0), told.left_s) for told, pace in workers]
        # What runs, though no worker says that it dreams it, was claimed just now, or will be again: it is next.
        dreamed = {told.job_id for told, _ in workers}
        first = [part for id_, part in parts.items() if id_ not in dreamed]
        settings = await self._guilds.of_each({job.guild_id for job in waiting if job.guild_id is not None})
        caps = {guild_id: self._caps.within(of) for guild_id, of in settings.items()}
        parts_in_order = [*first, *(_part(job) for job in waiting), *more]
        spans = foresee(hands or [Hand(_unknown)], parts_in_order, self._caps, caps)[len(first) :]
        return list(zip(waiting, spans[: len(waiting)], strict=True)), spans[len(waiting) :]

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
        """Tell the other processes what our workers do."""
        if self._processes is not None:
            await self._processes.report(self._owner, [told for told, _ in self._crew.now()])

    async def stop(self) -> None:
        """Tell them that our workers end."""
        if self._processes is not None:
            await self._processes.leave(self._owner)

    async def _workers(self) -> list[tuple[Told, Callable[[Kind], Pace]]]:
        others = [] if self._processes is None else await self._processes.others(self._owner)
        return [*self._crew.now(), *((told, _pace_as(told)) for told in others)]


def _part(job: Job) -> Part:
    return Part(job.person_id, job.guild_id, Kind.of(job.recipe), job.cost)


def _pace_as(told: Told) -> Callable[[Kind], Pace]:
    """Return the pace of a worker as its process has told it."""
    return lambda kind: Pace(*told.paces[kind.look]) if kind.look in told.paces else Pace(told.speed or DEFAULT_SPEED)


def _unknown(_: Kind) -> Pace:
    return Pace(DEFAULT_SPEED)
