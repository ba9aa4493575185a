"""What is told of the queue: a job's position, and when its picture will be there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.job import Job
from bot.jobs.clock import Clock
from bot.jobs.forecast import Forecast
from bot.jobs.lease import Leases
from bot.jobs.messenger import Standing
from bot.jobs.poster import Poster
from bot.jobs.tasks import Loop
from bot.pool.interface import Progress

SHOWN = 10  # of the waiting jobs, how many have their place in the queue kept up to date: an edit each


class Queue:
    """Keeps the messages of waiting jobs up to date, and says where the running ones stand.

    Of several processes each keeps up those of the guilds that are its own (``is_ours``, by guild), and looks every
    ``look_every_s``, since nobody tells it what the others do.
    """

    def __init__(
        self,
        *,
        forecast: Forecast,
        poster: Poster,
        leases: Leases,
        clock: Clock,
        is_ours: Callable[[int | None], bool],
        look_every_s: float | None,
    ) -> None:
        self._forecast = forecast
        self._poster = poster
        self._leases = leases
        self._is_ours = is_ours
        self._running: dict[int, Standing] = {}  # as last told, of the jobs that this process runs
        self._shown: dict[int, tuple[int, int]] = {}  # position and attempt, as last shown
        self._loop = Loop(self._refresh, every_s=look_every_s, clock=clock, name="queue")

    def start(self) -> None:
        """Begin to keep messages up to date."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop doing so."""
        await self._loop.stop()
        await self._forecast.stop()

    def changed(self) -> None:
        """A job has come, gone or moved."""
        self._loop.wake()

    def dreaming(self, job: Job, progress: Progress | None = None) -> Standing:
        """Return where a running job stands."""
        before = self._running.get(job.id)
        eta_s = self._forecast.goes_on(job, progress.fraction if progress is not None else 0.0)
        if progress is None:
            now = Standing(job, eta_s=eta_s, again=job.attempt > 1)
        else:
            now = Standing(
                job,
                eta_s=eta_s,
                octave=progress.octave,
                octaves=progress.octaves,
                fraction=progress.fraction,
                # An edit without the last preview would take it away until the next octave ends.
                preview=progress.preview or (before.preview if before is not None else None),
                again=job.attempt > 1,
                frame=progress.frame,
                frames=progress.frames,
                trailer=progress.trailer or (before.trailer if before is not None else None),
            )
        self._running[job.id] = now
        return now

    def left(self, job_id: int) -> None:
        """A job runs no more."""
        self._forecast.left(job_id)
        self._running.pop(job_id, None)

    async def standings_of(self, jobs: Sequence[Job]) -> list[Standing]:
        """Return where each of ``jobs`` stands, which have no outcome yet."""
        waits = {one.job.id: one for one in await self.standings()} if jobs else {}
        return [self._running.get(job.id) or waits.get(job.id) or Standing(job) for job in jobs]

    async def standings(self) -> list[Standing]:
        """Return where every waiting job stands, the next one first."""
        return [
            Standing(job, position=position, eta_s=span.ends_s, again=job.attempt > 0)
            for position, (job, span) in enumerate(await self._forecast.spans(), start=1)
        ]

    async def _refresh(self) -> None:
        await self._forecast.report()
        standings = [one for one in await self.standings() if self._is_ours(one.job.guild_id)]
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
