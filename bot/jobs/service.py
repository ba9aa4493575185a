"""Jobs: everything that commands and buttons may ask of a job's life, and the one place where its parts are joined."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import UserError
from bot.fail_points import FailPoint, fail_point
from bot.images.store import ImageStore
from bot.intake.taken import Taken
from bot.job import Job, Request, State
from bot.jobs import delivery, lease, refusals, runner
from bot.jobs.arrival import Arrivals, Price, price
from bot.jobs.clock import Clock
from bot.jobs.delivery import Delivery
from bot.jobs.events import Ended, Event, Listener, TurnedAway
from bot.jobs.forecast import Forecast
from bot.jobs.gathering import Cleans, Fetches
from bot.jobs.health import Health
from bot.jobs.lease import Leases
from bot.jobs.messenger import Messenger, Standing
from bot.jobs.museum import Museum
from bot.jobs.poster import Poster
from bot.jobs.queue import Queue
from bot.jobs.results import Results
from bot.jobs.runner import Runner
from bot.jobs.upkeep import Upkeep
from bot.pool.interface import Pool
from bot.shards import Shards
from bot.store.admin.takedowns import Takedowns
from bot.store.database import Database
from bot.store.gallery.acts import Acts
from bot.store.gallery.leaving import Leavings
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.periods import Periods
from bot.store.processes import Processes
from bot.store.quotas import Asker, Caps, FullError
from bot.store.tellings import Tellings
from engine.sentences import mark

log = logging.getLogger(__name__)

STOPPING = mark("I am being restarted: please try again in a minute.")
LAST_TELLING_S = 10.0
LAST_EDITS_S = 3.0
DATABASE_ANSWERS_S = 5.0  # or is taken to be out of reach
PULSE_S = 2.0  # how often one of several processes looks what the others have done; a look is a few indexed rows


@dataclass(frozen=True)
class Rules:
    """What the settings say about jobs."""

    caps: Caps
    preview_interval_s: float
    retention_days: float
    shards: Shards | None = None  # None: all of them


class Jobs:
    """The jobs of one bot process. The pool and the decoder are started and stopped by whoever built them."""

    def __init__(
        self,
        *,
        database: Database,
        images: ImageStore,
        downloads: Fetches,
        decoder: Cleans,
        pool: Pool,
        messenger: Messenger,
        rules: Rules,
        price: Price = price,
        clock: Clock | None = None,
        listeners: Sequence[Listener] = (),
    ) -> None:
        """``listeners`` are told what befalls jobs, at once: they must not take long."""
        self._owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._rules = rules
        self._pool = pool
        self._exclusive = database.exclusive
        self._images = images
        self._clock = clock or Clock()
        self._stopping = False
        self._listeners = tuple(listeners)
        self._jobs = JobStore(database, rules.caps)
        self._guilds = GuildStore(database)
        self._tellings = Tellings(database)
        self._results = Results(images)
        self._build_telling(messenger)
        self._build_dreaming(pool, Processes(database))
        self._arrivals = Arrivals(
            jobs=self._jobs,
            images=images,
            downloads=downloads,
            decoder=decoder,
            taken=Taken(Takedowns(database), decoder),
            price=price,
            leases=self._leases,
            poster=self._poster,
            clock=self._clock,
            on_queued=self._queued,
            on_outcome=self._ended,
            tell=self._tell,
        )
        self._upkeep = Upkeep(
            owner=self._owner,
            tellings=self._tellings,
            periods=Periods(database),
            guilds=self._guilds,
            museum=Museum(Leavings(database), Acts(database), self._guilds),
            images=images,
            arrivals=self._arrivals,
            retention_days=rules.retention_days,
            clock=self._clock,
        )

    def _every(self, alone_s: float) -> float:
        """Return how often to look at the database: what others do there, nobody tells us."""
        return alone_s if self._exclusive else min(alone_s, PULSE_S)

    def _build_telling(self, messenger: Messenger) -> None:
        after_edit = None if self._exclusive else self._look_behind
        self._poster = Poster(messenger, self._rules.preview_interval_s, self._clock, self._jobs.together, after_edit)
        self._delivery = Delivery(
            owner=self._owner,
            jobs=self._jobs,
            tellings=self._tellings,
            images=self._images,
            messenger=messenger,
            poster=self._poster,
            clock=self._clock,
            look_every_s=self._every(delivery.LOOK_EVERY_S),
            tell=self._tell,
        )

    def _build_dreaming(self, pool: Pool, processes: Processes) -> None:
        self._leases = Leases(
            lambda ids: self._jobs.renew(self._owner, ids),
            self._clock,
            self._every(lease.RENEW_EVERY_S),
            # A dream goes on while its process alone works with the database, however long that is away.
            math.inf if self._exclusive else lease.LOST_AFTER_S,
        )
        self._forecast = Forecast(
            owner=self._owner,
            jobs=self._jobs,
            guilds=self._guilds,
            pool=pool,
            caps=self._rules.caps,
            clock=self._clock,
            processes=None if self._exclusive else processes,
        )
        shards = self._rules.shards
        self._queue = Queue(
            forecast=self._forecast,
            poster=self._poster,
            leases=self._leases,
            clock=self._clock,
            is_ours=(lambda _: True) if shards is None else shards.have,
            look_every_s=None if self._exclusive else PULSE_S,
        )
        self._runner = Runner(
            owner=self._owner,
            jobs=self._jobs,
            images=self._images,
            pool=pool,
            leases=self._leases,
            poster=self._poster,
            queue=self._queue,
            forecast=self._forecast,
            clock=self._clock,
            on_outcome=self._ended,
            look_every_s=self._every(runner.LOOK_EVERY_S),
            tell=self._tell,
        )

    async def _look_behind(self, shown: Job) -> None:
        await self._delivery.look_behind(shown)

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("who watches did not take %s", type(event).__name__)

    def _ended(self, job: Job) -> None:
        self._tell(Ended(job))
        self._poster.ended(job)
        self._delivery.wake()

    def _queued(self) -> None:
        self._runner.wake()
        self._queue.changed()

    async def start(self) -> None:
        """Take up what an earlier process left, tell what it did not, and begin to serve."""
        if self._exclusive:
            await self._jobs.release_others(self._owner)
        for part in (self._leases, self._queue, self._delivery, self._upkeep, self._runner):
            part.start()

    async def stop(self, grace_s: float) -> None:
        """Accept no more, let running dreams finish for ``grace_s`` seconds, tell outcomes, put the rest back."""
        self._stopping = True
        await self._upkeep.stop()
        await self._arrivals.stop()
        await self._runner.stop(grace_s)
        await self._queue.stop()
        await self._delivery.stop(LAST_TELLING_S)
        fail_point(FailPoint.STOPPING)
        await self._poster.stop(LAST_EDITS_S)
        await self._leases.stop()
        await self._jobs.release(self._owner)

    async def accept(self, *requests: Request) -> list[Job]:
        """Write down what a person asked for with one interaction, all of it or nothing; it arrives by itself.

        Several share one message, in this order. A request that names pictures of ours names the job that has them
        (``parent_id``), and inherits its age restriction. Raises UserError where a quota is used up, with when to come
        back, where a picture is no longer kept, and where whoever runs the bot lets them dream nothing.
        """
        if self._stopping:
            raise UserError(STOPPING)
        taken_at = self._clock.now()
        try:
            jobs, _ = await self._jobs.accept(requests, self._owner)
        except FullError as full:
            self._tell(TurnedAway(full.scope))
            request = requests[0]
            free_in_s = await self._forecast.free_in_s(Asker(request.person_id, request.guild_id), full)
            raise refusals.refusal(full, free_in_s) from full
        fail_point(FailPoint.ACCEPTED)
        for job in () if self._stopping else jobs:
            # Also where they were written down before: that may have been us, before a connection was lost.
            if job.owner == self._owner and job.state is State.ACCEPTED:
                self._arrivals.take(job, taken_at)
        return jobs

    @property
    def idle(self) -> bool:
        """Whether this process dreams nothing that anybody waits for, and may go on."""
        return self._runner.idle and not self._stopping

    async def get(self, job_id: int) -> Job | None:
        """Return a job as it is now."""
        return await self._jobs.get(job_id)

    async def together(self, job: Job) -> list[Job]:
        """Return all jobs of a job's message as they are now, in the order they were asked for."""
        return await self._jobs.together(job.id)

    async def standings(self, job: Job) -> list[Standing]:
        """Return where all jobs of a job's message stand."""
        jobs = await self._jobs.together(job.id)
        standings = await self._queue.standings_of(jobs)
        return [replace(standing, job=now) for standing, now in zip(standings, jobs, strict=True)]

    def show(self, job: Job) -> None:
        """Have it shown soon where a job stands that was just accepted: its message shows something else yet."""
        self._poster.show(Standing(job))

    async def live(self, *, person_id: int | None = None, guild_id: int | None = None) -> list[Standing]:
        """Return where the jobs of a person, or of a guild, stand that have no outcome yet."""
        return await self._queue.standings_of(await self._jobs.live(person_id=person_id, guild_id=guild_id))

    async def health(self) -> Health:
        """Return how the service is, within seconds, whatever is wrong with it."""
        try:
            async with asyncio.timeout(DATABASE_ANSWERS_S):
                waiting, wait_s = await self._forecast.queue()
        except Exception:
            log.warning("the database did not say how long the queue is", exc_info=True)
            return Health(self._pool.workers, None, None)
        return Health(self._pool.workers, waiting, wait_s)

    async def kept(self, person_id: int, limit: int) -> list[Job]:
        """Return the outcomes that wait for a person, newest first: the chat could not show them."""
        return await self._jobs.kept(person_id, limit)

    async def fetched(self, job_id: int) -> None:
        """Note that a person has seen the outcome that was kept for them."""
        await self._tellings.fetched(job_id)

    async def cancel(self, job_id: int) -> bool:
        """End a job that waits or runs; False where it has ended already."""
        cancelled = await self._jobs.cancel(job_id, self._owner)
        self._were_cancelled([] if cancelled is None else [cancelled])
        return cancelled is not None

    async def cancel_together(self, job: Job) -> bool:
        """End all jobs of a job's message that wait or run; False where all have ended already."""
        cancelled = await self._jobs.cancel_together(job.id, self._owner)
        self._were_cancelled(cancelled)
        return bool(cancelled)

    def _were_cancelled(self, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        fail_point(FailPoint.CANCELLED)
        for job in jobs:
            self._runner.abandon(job.id)
            self._ended(job)
        self._queue.changed()

    async def look_again(self) -> None:
        """Look at once what was done to jobs beside the bot: what has ended is dreamed no more, and is told."""
        await self._leases.renew()
        self._delivery.wake()
        self._queue.changed()

    async def remove(self, job: Job) -> bool:
        """Let the pictures of a job's message go, which is being removed: nothing more is told of it.

        Returns whether a gallery still has one of its dreams: that stays there until it is withdrawn.
        """
        await self.cancel_together(job)
        removed = await self._tellings.let_go(job.id)
        for job_id in removed:
            await self._results.forget(job_id)
        await self._poster.finish(job)
        return await self._tellings.are_in_a_gallery(removed)

    async def make_public(self, job: Job) -> bool:
        """Let everybody see a private message's outcomes, once it is moved; False where they may already."""
        return await self._tellings.set_private(job.id, private=False)

    async def make_private(self, job: Job) -> None:
        """Take that back: it was not moved."""
        await self._tellings.set_private(job.id, private=True)

    async def moved(self, job: Job, message_id: int) -> None:
        """Note that a job's message is another one now."""
        await self._tellings.moved(job.id, message_id)

    async def drop(self, jobs: Sequence[Job]) -> None:
        """Stop whatever is done about jobs whose rows are gone: nothing is told of them."""
        for job in jobs:
            self._runner.abandon(job.id)
        self._queue.changed()
        for job in jobs:
            await self._poster.finish(job)

    async def picture(self, hash_: str) -> bytes:
        """Return a stored picture as PNG. Raises UserError where it is no longer kept."""
        return await self._images.get(hash_)
