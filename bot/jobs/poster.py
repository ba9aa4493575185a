"""Edits of messages of waiting and running jobs: one task a message, the newest state wins, none is cut off."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.children.shortage import passes
from bot.fail_points import FailPoint, fail_point
from bot.job import LIVE, Job
from bot.jobs.clock import Clock
from bot.jobs.messenger import Messenger, Standing, Told
from bot.jobs.patience import reason
from bot.jobs.tasks import Tasks

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0  # before an edit that met a passing fault is tried again
REMEMBERED = 4096  # jobs of which nothing is shown any more, though a late event may still speak of them
SEVERAL_REMEMBERED = 64  # messages of several jobs, some of which may be dreamed elsewhere: up to ten previews each


class _Edits:
    """What is to be shown of one message: there while an edit is due, on its way, or too short a time ago."""

    def __init__(self, job: Job, newest: dict[int, Standing]) -> None:
        self.job = job  # one of them
        self.newest = newest  # by job
        self.due = True
        self.closing = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


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
        # By interaction, all three. Of messages of several jobs the newest standings are kept from edit to edit.
        self._edits: dict[int, _Edits] = {}
        self._several: OrderedDict[int, dict[int, Standing]] = OrderedDict()
        self._ended: OrderedDict[int, None] = OrderedDict()
        self._stopped = False

    def show(self, standing: Standing) -> None:
        """Have ``standing`` shown as soon as may be, in place of what was to be shown of this job before."""
        edits = self._edits_of(standing.job)
        if edits is not None:
            edits.newest[standing.job.id] = standing

    def ended(self, job: Job) -> None:
        """Have it shown that a job ended, where others of its message go on."""
        if job.jobs_in_message > 1:
            self._edits_of(job)

    async def finish(self, job: Job) -> None:
        """Show no more of a job's message, for good; returns when the edit in flight has ended."""
        self._show_no_more(job)
        edits = self._edits.pop(job.interaction_id, None)
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

    def _edits_of(self, job: Job) -> _Edits | None:
        """Return the edits of a job's message, one of them due; None where nothing is shown any more."""
        if self._stopped or job.interaction_id in self._ended:
            return None
        edits = self._edits.get(job.interaction_id)
        if edits is None:
            edits = self._edits[job.interaction_id] = _Edits(job, self._newest_of(job))
            edits.task = self._tasks.start(self._run(edits), f"poster of job {job.id}")
        edits.due = True
        return edits

    def _newest_of(self, job: Job) -> dict[int, Standing]:
        if job.jobs_in_message == 1:
            return {}
        newest = self._several.pop(job.interaction_id, {})
        self._several[job.interaction_id] = newest
        if len(self._several) > SEVERAL_REMEMBERED:
            self._several.popitem(last=False)
        return newest

    def _show_no_more(self, job: Job) -> None:
        self._several.pop(job.interaction_id, None)
        self._ended[job.interaction_id] = None
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    async def _standings(self, edits: _Edits) -> list[Standing]:
        """Return where all jobs of a message stand; nothing once all have an outcome, which is told in its place."""
        if edits.job.jobs_in_message == 1:
            return list(edits.newest.values())
        jobs = await self._together(edits.job.id)
        if not any(job.state in LIVE for job in jobs):
            return []
        return [_as_it_is(job, edits.newest.get(job.id)) for job in jobs]

    async def _show(self, edits: _Edits) -> Told:
        try:
            standings = await self._standings(edits)
            if not standings:
                return Told.DONE
            told = await self._messenger.show(standings)
            fail_point(FailPoint.SHOWN)
            if self._after_edit is not None:
                await self._after_edit(standings[0].job)
        except Exception as error:
            if passes(error):
                log.warning("job %s could not be shown for now: %s", edits.job.id, reason(error))
            else:
                log.exception("job %s could not be shown", edits.job.id)
            return Told.LATER
        return told

    async def _run(self, edits: _Edits) -> None:
        # It ends by itself: of a job that another process goes on with, nobody here hears again.
        pause_s = self._interval_s
        while edits.due and not edits.closing.is_set():
            edits.due = False
            told = await self._show(edits)
            if told in {Told.GONE, Told.STUCK, Told.BARRED}:
                self._show_no_more(edits.job)  # there is nothing to edit; the outcome may fare better
                break
            if told is Told.LATER:
                edits.due = True
                pause_s = min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            else:
                pause_s = self._interval_s
            await self._clock.pause(pause_s, edits.closing)
        if self._edits.get(edits.job.interaction_id) is edits:
            del self._edits[edits.job.interaction_id]


def _as_it_is(job: Job, told: Standing | None) -> Standing:
    """Return where a job stands by its row, with what was told of it, where that is as new."""
    if told is None:
        return Standing(job)
    if told.job.state is job.state:
        return replace(told, job=job)
    return Standing(job, preview=told.preview, octave=told.octave)
