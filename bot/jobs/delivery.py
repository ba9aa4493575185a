"""One loop tells every outcome that its person does not know: at once, at start, and again.

Of several jobs in one message the first stands for all: it is taken up once all of them have an outcome.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from bot.children.shortage import passes
from bot.errors import PassingError, UserError
from bot.fail_points import FailPoint, fail_point
from bot.images.store import ImageStore
from bot.job import Job, Shown, State
from bot.jobs.clock import Clock
from bot.jobs.events import Delivered, Listener, Retried
from bot.jobs.lease import Leases
from bot.jobs.messenger import Messenger, Posted, Told
from bot.jobs.patience import patiently, reason
from bot.jobs.poster import Poster
from bot.jobs.tasks import Loop, Tasks
from bot.store.admin.takedowns import is_taken_down
from bot.store.jobs import JobStore
from bot.store.tellings import Tellings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
AT_ONCE = 8  # pictures in memory, and edits under way
AT_MOST = 1000  # jobs that wait here for their next try
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
TRIES_AT_A_FAULT = 5  # of our own, or of the picture: it will not mend itself; then the outcome is told without it


T = TypeVar("T")

_SHOWN = {Told.DONE: Shown.POSTED, Told.GONE: Shown.REMOVED, Told.BARRED: Shown.KEPT}


class Delivery:
    """Tells outcomes. A job is told when Discord has shown it, or has said that it cannot be shown."""

    def __init__(
        self,
        *,
        owner: str,
        jobs: JobStore,
        tellings: Tellings,
        images: ImageStore,
        messenger: Messenger,
        poster: Poster,
        clock: Clock,
        tell: Listener,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._owner = owner
        self._jobs = jobs
        self._tellings = tellings
        self._images = images
        self._messenger = messenger
        self._poster = poster
        self._clock = clock
        self._tell_watchers = tell
        self._leases = Leases(lambda ids: tellings.renew(owner, ids), clock)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._stopping = asyncio.Event()
        self._telling: set[int] = set()
        self._tasks = Tasks()
        self._loop = Loop(self._look, every_s=look_every_s, clock=clock, name="delivery")

    def start(self) -> None:
        """Begin with every outcome that was not told before."""
        self._leases.start()
        self._loop.start()

    def wake(self) -> None:
        """A job has an outcome."""
        self._loop.wake()

    async def stop(self, timeout_s: float) -> None:
        """Tell what there is to tell once more, then end; what is not told by then is told at the next start."""
        self._stopping.set()
        await self._loop.stop()
        await self._look()
        await self._tasks.finish(timeout_s)
        await self._leases.stop()

    async def look_behind(self, shown: Job) -> None:
        """Tell outcomes once more where another process told them while a standing was on its way to the message.

        ``shown`` is the first job of that message, as it was then.
        """
        if await self._tellings.covered(shown, self._owner) is not None:
            self.wake()

    async def _look(self) -> None:
        taken_at = self._clock.now()
        for job in await self._tellings.take(self._owner, self._telling, AT_MOST - len(self._telling)):
            self._telling.add(job.id)
            self._leases.hold(job.id, taken_at, on_lost=lambda: None)  # whoever has it now tells it, as we may have
            self._tasks.start(self._tell(job), f"delivery of job {job.id}")

    async def _tell(self, job: Job) -> None:
        fail_point(FailPoint.TELLING)
        try:
            await self._poster.finish(job)
            end = await self._answered(job)
            if end is not None:
                fail_point(FailPoint.ANSWERED)
                note = partial(self._tellings.told, job.id, self._owner, _SHOWN[end.told], end.message_id)
                await self._patiently(note, job)
                fail_point(FailPoint.TOLD)
                for one in await self._patiently(partial(self._together, job), job):
                    self._tell_watchers(Delivered(one, _SHOWN[end.told]))
        finally:
            self._leases.drop(job.id)
            self._telling.discard(job.id)

    async def _answered(self, job: Job) -> Posted | None:
        """Try until an answer is final; None where we stop before, or where nothing is left to tell."""
        pause_s, faults = FIRST_PAUSE_S, 0
        while True:
            in_words = faults >= TRIES_AT_A_FAULT
            try:
                end = await self._try(job, in_words)
            except Exception as error:
                if passes(error):
                    log.warning("job %s waits to be told: %s", job.id, reason(error))
                    end = Posted(Told.LATER)
                else:
                    log.exception("job %s could not be told%s", job.id, ", and is given up" if in_words else "")
                    end = Posted(Told.BARRED if in_words else Told.LATER)
                    faults += 1
            if end.told is not Told.LATER:
                return end
            self._tell_watchers(Retried(job))
            await self._clock.pause(pause_s, self._stopping)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            now = None if self._stopping.is_set() else await self._patiently(partial(self._jobs.get, job.id), job)
            if now is None or now.told_at is not None or now.owner != self._owner:
                return None
            job = now

    async def _patiently(self, work: Callable[[], Awaitable[T]], job: Job) -> T:
        """What Discord has taken is told again only where we end before the database is back."""
        return await patiently(work, self._clock, f"delivery of job {job.id}")

    async def _try(self, job: Job, in_words: bool) -> Posted:
        async with self._turns:
            jobs = await self._together(job)
            pictures = [None] * len(jobs) if in_words else await self._pictures(jobs)
            if job.posting_at is not None:
                return await self._messenger.find(jobs) or await self._messenger.post(jobs, pictures)
            told = await self._messenger.tell(jobs, pictures)
            if told is not Told.STUCK:
                return Posted(told)
            if any(is_taken_down(one.failure) for one in jobs):  # to say why in another place would leave it there
                return Posted(await self._messenger.remove(job))
            if await self._tellings.posting(job.id, self._owner) is None:
                return Posted(Told.LATER)  # somebody else tells it; the next look at its row says so
            fail_point(FailPoint.POSTING)
            return await self._messenger.post(jobs, pictures)

    async def _together(self, first: Job) -> list[Job]:
        """Return all jobs of the message that ``first`` is the first of."""
        if first.jobs_in_message == 1:
            return [first]
        return [first, *(await self._jobs.together(first.id))[1:]]

    async def _pictures(self, jobs: Sequence[Job]) -> list[bytes | None]:
        return [await self._picture(job) for job in jobs]

    async def _picture(self, job: Job) -> bytes | None:
        if job.state is not State.DREAMED or job.result_hash is None:
            return None
        try:
            return await self._images.get(job.result_hash)
        except PassingError:
            raise
        except UserError:
            log.exception("job %s: its picture is not in the store", job.id)
            return None
