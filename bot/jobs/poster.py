"""Edits of waiting and running jobs: one task a job, the newest state wins, never too often, none cut off."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.fail_points import FailPoint, fail_point
from bot.jobs.clock import Clock
from bot.jobs.messenger import Messenger, Standing, Told
from bot.jobs.tasks import Tasks

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0  # before an edit that met a passing fault is tried again
REMEMBERED = 4096  # jobs of which nothing is shown any more, though a late event may still speak of them


class _Edits:
    """What is to be shown of one job: there while an edit is due, on its way, or too short a time ago."""

    def __init__(self) -> None:
        self.newest: Standing | None = None
        self.closing = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Poster:
    """Shows where jobs stand, with at least ``interval_s`` from the end of one edit of a job to the next."""

    def __init__(
        self,
        messenger: Messenger,
        interval_s: float,
        clock: Clock,
        after_edit: Callable[[Standing], Awaitable[None]] | None = None,
    ) -> None:
        """``after_edit`` is told of each standing that was shown, before the next may be."""
        self._messenger = messenger
        self._after_edit = after_edit
        self._interval_s = interval_s
        self._clock = clock
        self._tasks = Tasks()
        self._edits: dict[int, _Edits] = {}
        self._stopped = False
        self._ended: OrderedDict[int, None] = OrderedDict()

    def show(self, standing: Standing) -> None:
        """Have ``standing`` shown as soon as may be, in place of what was to be shown before."""
        job_id = standing.job.id
        if self._stopped or job_id in self._ended:
            return
        edits = self._edits.get(job_id)
        if edits is None:
            edits = self._edits[job_id] = _Edits()
            edits.task = self._tasks.start(self._run(job_id, edits), f"poster of job {job_id}")
        edits.newest = standing

    async def finish(self, job_id: int) -> None:
        """Show no more of a job, for good; returns when the edit in flight has ended."""
        self._show_no_more(job_id)
        edits = self._edits.pop(job_id, None)
        if edits is not None and edits.task is not None:
            edits.closing.set()
            await asyncio.wait({edits.task})

    async def stop(self, timeout_s: float) -> None:
        """Show no more of anything; returns when the edits in flight have ended, or after ``timeout_s`` seconds."""
        self._stopped = True
        for edits in self._edits.values():
            edits.closing.set()
        self._edits.clear()
        await self._tasks.finish(timeout_s)  # whom it cuts off then, nobody waits behind

    def _show_no_more(self, job_id: int) -> None:
        self._ended[job_id] = None
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    async def _show(self, standing: Standing) -> Told:
        try:
            told = await self._messenger.show(standing)
            fail_point(FailPoint.SHOWN)
            if self._after_edit is not None:
                await self._after_edit(standing)
        except Exception:
            log.exception("job %s could not be shown", standing.job.id)
            return Told.LATER
        return told

    async def _run(self, job_id: int, edits: _Edits) -> None:
        # It ends by itself: of a job that another process goes on with, nobody here hears again.
        pause_s = self._interval_s
        while (standing := edits.newest) is not None and not edits.closing.is_set():
            edits.newest = None
            told = await self._show(standing)
            if told in {Told.GONE, Told.STUCK, Told.BARRED}:
                self._show_no_more(job_id)  # there is nothing to edit; the outcome may fare better
                break
            if told is Told.LATER:
                edits.newest = edits.newest or standing
                pause_s = min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            else:
                pause_s = self._interval_s
            await self._clock.pause(pause_s, edits.closing)
        if self._edits.get(job_id) is edits:
            del self._edits[job_id]
