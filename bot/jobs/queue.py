"""What is told of the queue: a job's position, and when its picture will be there."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from bot.job import Job
from bot.jobs.clock import Clock
from bot.jobs.lease import Leases
from bot.jobs.messenger import Standing
from bot.jobs.poster import Poster
from bot.jobs.tasks import Loop
from bot.pool.interface import Pool, Progress
from bot.store.jobs import JobStore

DEFAULT_SPEED = 35.0  # GFLOP a second, what two cores manage (a 5.1 GFLOP step in 0.14 s): until a worker is measured
SHOWN = 10  # of the waiting jobs, how many have their place in the queue kept up to date: an edit each


def finish_times(running: Iterable[float], waiting: Iterable[float], workers: int, speed: float) -> list[float]:
    """Return in how many seconds each waiting job will be done; all costs in GFLOP, ``speed`` in GFLOP/s a worker.

    ``running`` is what is left of the running jobs; the waiting ones go, in order, to whichever worker is free first.
    """
    free_at = sorted(left / speed for left in running)
    free_at += [0.0] * (workers - len(free_at))
    heapq.heapify(free_at)
    done_at = []
    for cost in waiting:
        end = heapq.heappop(free_at) + cost / speed
        heapq.heappush(free_at, end)
        done_at.append(end)
    return done_at


class Queue:
    """Keeps the messages of waiting jobs up to date, and knows how far the running ones are."""

    def __init__(self, jobs: JobStore, pool: Pool, poster: Poster, leases: Leases, clock: Clock) -> None:
        self._jobs = jobs
        self._pool = pool
        self._poster = poster
        self._leases = leases
        self._running: dict[int, Standing] = {}  # as last told, of the jobs that this process runs
        self._shown: dict[int, tuple[int, int]] = {}  # position and attempt, as last shown
        self._loop = Loop(self._refresh, every_s=None, clock=clock, name="queue")

    def start(self) -> None:
        """Begin to keep messages up to date."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop doing so."""
        await self._loop.stop()

    def changed(self) -> None:
        """A job has come, gone or moved."""
        self._loop.wake()

    def dreaming(self, job: Job, progress: Progress | None = None) -> Standing:
        """Return where a running job stands."""
        before = self._running.get(job.id)
        if progress is None:
            now = Standing(job, eta_s=job.cost / self._speed, again=job.attempt > 1)
        else:
            now = Standing(
                job,
                eta_s=job.cost * (1.0 - progress.fraction) / self._speed,
                octave=progress.octave,
                octaves=progress.octaves,
                fraction=progress.fraction,
                # An edit without the last preview would take it away until the next octave ends.
                preview=progress.preview or (before.preview if before is not None else None),
                again=job.attempt > 1,
            )
        self._running[job.id] = now
        return now

    def left(self, job_id: int) -> None:
        """A job runs no more."""
        self._running.pop(job_id, None)

    @property
    def _speed(self) -> float:
        return self._pool.speed or DEFAULT_SPEED

    async def standings(self) -> list[Standing]:
        """Return where every running and every waiting job stands, in the order of serving."""
        waiting, running = await self._jobs.waiting(), await self._jobs.running()
        runs = [self._running.get(job.id) or Standing(job, again=job.attempt > 1) for job in running]
        left = [one.job.cost * (1.0 - one.fraction) for one in runs]
        done_at = finish_times(left, [job.cost for job in waiting], self._pool.capacity, self._speed)
        return runs + [
            Standing(job, position=position, eta_s=eta_s, again=job.attempt > 0)
            for position, (job, eta_s) in enumerate(zip(waiting, done_at, strict=True), start=1)
        ]

    async def _refresh(self) -> None:
        waits = [one for one in await self.standings() if one.position is not None]
        self._show([standing for standing in waits if standing.job.id not in self._leases.busy])

    def _show(self, standings: Sequence[Standing]) -> None:
        before, self._shown = self._shown, {}
        for standing in standings:
            job, position = standing.job, standing.position or 0
            now = (position, job.attempt)
            is_new = job.id not in before
            if is_new or (position <= SHOWN and before[job.id] != now):
                self._poster.show(standing)
                self._shown[job.id] = now
            else:
                self._shown[job.id] = before[job.id]
