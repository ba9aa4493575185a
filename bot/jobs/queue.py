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
        self._fractions: dict[int, float] = {}
        self._previews: dict[int, bytes] = {}
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
        fraction = progress.fraction if progress is not None else 0.0
        self._fractions[job.id] = fraction
        if progress is None:
            self._previews.pop(job.id, None)
        elif progress.preview is not None:
            self._previews[job.id] = progress.preview
        eta_s = job.cost * (1.0 - fraction) / self._speed
        again = job.attempt > 1
        if progress is None:
            return Standing(job, eta_s=eta_s, again=again)
        return Standing(
            job,
            eta_s=eta_s,
            octave=progress.octave,
            octaves=progress.octaves,
            fraction=fraction,
            preview=self._previews.get(job.id),  # an edit without it would take it away until the next octave ends
            again=again,
        )

    def left(self, job_id: int) -> None:
        """A job runs no more."""
        self._fractions.pop(job_id, None)
        self._previews.pop(job_id, None)

    @property
    def _speed(self) -> float:
        return self._pool.speed or DEFAULT_SPEED

    async def standings(self) -> list[Standing]:
        """Return where every waiting job stands, the next one first."""
        waiting, running = await self._jobs.waiting(), await self._jobs.running()
        left = [job.cost * (1.0 - self._fractions.get(job.id, 0.0)) for job in running]
        done_at = finish_times(left, [job.cost for job in waiting], self._pool.capacity, self._speed)
        return [
            Standing(job, position=position, eta_s=eta_s, again=job.attempt > 0)
            for position, (job, eta_s) in enumerate(zip(waiting, done_at, strict=True), start=1)
        ]

    async def _refresh(self) -> None:
        standings = await self.standings()
        self._show([standing for standing in standings if standing.job.id not in self._leases.busy])

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
