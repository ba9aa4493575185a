"""Edits of messages of waiting and running jobs: one task a message, the newest state wins, none is cut off."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.fail_points import FailPoint, fail_point
from bot.job import LIVE, Job
from bot.jobs.clock import Clock
from bot.jobs.messenger import Messenger, Standing, Told
from bot.jobs.tasks import Tasks

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0  # before an edit that met a passing fault is tried again
REMEMBERED = 4096  # ended jobs that a late event may still speak of


class _Edits:
    """What is to be shown of one message."""

    def __init__(self, job: Job) -> None:
        self.job = job  # one of them
        self.newest: dict[int, Standing] = {}  # by job
        self.changed = asyncio.Event()
        self.closing = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def close(self) -> None:
        self.closing.set()
        self.changed.set()


class Poster:
    """Shows where jobs stand, with at least ``interval_s`` from the end of one edit of a message to the next."""

    def __init__(
        self,
        messenger: Messenger,
        interval_s: float,
        clock: Clock,
        together: Callable[[int], Awaitable[list[Job]]],
        after_edit: Callable[[Job], Awaitable[None]] | None = None,
    ) -> None:
        """``together`` reads all jobs of a job's message, some of which others may work on.

        ``after_edit`` is told of each message that was edited, before the next edit may be.
        """
        self._messenger = messenger
        self._together = together
        self._after_edit = after_edit
        self._interval_s = interval_s
        self._clock = clock
        self._tasks = Tasks()
        self._edits: dict[int, _Edits] = {}  # by interaction, as are the ended
        self._stopped = False
        self._ended: OrderedDict[int, None] = OrderedDict()

    def show(self, standing: Standing) -> None:
        """Have ``standing`` shown as soon as may be, in place of what was to be shown of this job before."""
        edits = self._edits_of(standing.job)
        if edits is not None:
            edits.newest[standing.job.id] = standing
            edits.changed.set()

    def ended(self, job: Job) -> None:
        """Have it shown that a job ended, where others of its message go on."""
        edits = self._edits_of(job) if job.jobs_in_message > 1 else None
        if edits is not None:
            edits.changed.set()

    def _edits_of(self, job: Job) -> _Edits | None:
        if self._stopped or job.interaction_id in self._ended:
            return None
        edits = self._edits.get(job.interaction_id)
        if edits is None:
            edits = self._edits[job.interaction_id] = _Edits(job)
            edits.task = self._tasks.start(self._run(edits), f"poster of job {job.id}")
        return edits

    async def finish(self, job: Job) -> None:
        """Show no more of a job's message, for good; returns when the edit in flight has ended."""
        self._ended[job.interaction_id] = None
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        edits = self._edits.pop(job.interaction_id, None)
        if edits is not None and edits.task is not None:
            edits.close()
            await asyncio.wait({edits.task})

    async def stop(self, timeout_s: float) -> None:
        """Show no more of anything; returns when the edits in flight have ended, or after ``timeout_s`` seconds."""
        self._stopped = True
        for edits in self._edits.values():
            edits.close()
        self._edits.clear()
        await self._tasks.finish(timeout_s)  # whom it cuts off then, nobody waits behind

    async def _standings(self, edits: _Edits) -> list[Standing]:
        """Return where all jobs of a message stand; nothing once all have an outcome, which is told in its place."""
        if edits.job.jobs_in_message == 1:
            return list(edits.newest.values())
        jobs = await self._together(edits.job.id)
        newest = dict(edits.newest)
        if not any(job.state in LIVE for job in jobs if job.id in newest):
            edits.newest.clear()  # what is left is dreamed elsewhere: we may never hear of its end
        if not any(job.state in LIVE for job in jobs):
            return []
        return [_as_it_is(job, newest.get(job.id)) for job in jobs]

    async def _show(self, edits: _Edits) -> Told:
        try:
            standings = await self._standings(edits)
            if not standings:
                return Told.DONE
            told = await self._messenger.show(standings)
            if told is not Told.LATER and edits.newest == {edits.job.id: standings[0]}:
                edits.newest.clear()  # alone in its message, it waits here for the next only
            fail_point(FailPoint.SHOWN)
            if self._after_edit is not None:
                await self._after_edit(standings[0].job)
        except Exception:
            log.exception("job %s could not be shown", edits.job.id)
            return Told.LATER
        return told

    async def _run(self, edits: _Edits) -> None:
        pause_s = self._interval_s
        while True:
            await edits.changed.wait()
            edits.changed.clear()
            if edits.closing.is_set():
                return
            told = await self._show(edits)
            if told in {Told.GONE, Told.STUCK, Told.BARRED}:
                await edits.closing.wait()  # there is nothing to edit; the outcome may fare better
                return
            if told is Told.LATER:
                edits.changed.set()
                pause_s = min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            else:
                pause_s = self._interval_s
            await self._clock.pause(pause_s, edits.closing)


def _as_it_is(job: Job, told: Standing | None) -> Standing:
    """Return where a job stands by its row, with what was told of it, where that is as new."""
    if told is None:
        return Standing(job)
    if told.job.state is job.state:
        return replace(told, job=job)
    return Standing(job, preview=told.preview, octave=told.octave)
