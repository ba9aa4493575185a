"""Edits of waiting and running jobs: one task a job, the newest state wins, never too often, none cut off."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from bot.jobs.clock import Clock
from bot.jobs.messenger import Messenger, Standing, Told
from bot.jobs.tasks import Tasks

log = logging.getLogger(__name__)

REMEMBERED = 4096  # ended jobs that a late event may still speak of


class _Line:
    """What is to be shown of one job."""

    def __init__(self) -> None:
        self.newest: Standing | None = None
        self.changed = asyncio.Event()
        self.closing = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Poster:
    """Shows where jobs stand, with at least ``interval_s`` from the end of one edit of a job to the next."""

    def __init__(self, messenger: Messenger, interval_s: float, clock: Clock) -> None:
        self._messenger = messenger
        self._interval_s = interval_s
        self._clock = clock
        self._tasks = Tasks()
        self._lines: dict[int, _Line] = {}
        self._stopped = False
        self._ended: OrderedDict[int, None] = OrderedDict()

    def show(self, standing: Standing) -> None:
        """Have ``standing`` shown as soon as may be, in place of what was to be shown before."""
        job_id = standing.job.id
        if self._stopped or job_id in self._ended:
            return
        line = self._lines.get(job_id)
        if line is None:
            line = self._lines[job_id] = _Line()
            line.task = self._tasks.start(self._run(line), f"poster of job {job_id}")
        line.newest = standing
        line.changed.set()

    async def finish(self, job_id: int) -> None:
        """Show no more of a job, for good; returns when the edit in flight has ended."""
        self._ended[job_id] = None
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        await self._close(job_id)

    async def stop(self) -> None:
        """Show no more of anything; returns when the edits in flight have ended."""
        self._stopped = True
        await asyncio.gather(*(self._close(job_id) for job_id in list(self._lines)))

    async def _close(self, job_id: int) -> None:
        line = self._lines.pop(job_id, None)
        if line is None or line.task is None:
            return
        line.closing.set()
        line.changed.set()
        await asyncio.wait({line.task})

    async def _show(self, standing: Standing) -> Told:
        try:
            return await self._messenger.show(standing)
        except Exception:
            log.exception("job %s could not be shown", standing.job.id)
            return Told.LATER

    async def _run(self, line: _Line) -> None:
        while True:
            await line.changed.wait()
            line.changed.clear()
            if line.closing.is_set():
                return
            standing, line.newest = line.newest, None
            if standing is None:
                continue
            if await self._show(standing) in {Told.GONE, Told.BARRED}:
                await line.closing.wait()  # there is nothing to edit; the outcome may fare better
                return
            await self._clock.pause(self._interval_s, line.closing)
