"""Arrival: an accepted job's picture is fetched, cleaned and stored, and the job takes its place in the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.fail_points import FailPoint, fail_point
from bot.film import FilmAsk
from bot.images.store import ImageStore
from bot.intake.taken import Taken
from bot.job import Job, State
from bot.jobs.clock import Clock
from bot.jobs.events import Broke, Listener, fault_of
from bot.jobs.failing import sentence_for
from bot.jobs.gathering import Cleans, Fetches, Gathering
from bot.jobs.lease import Leases
from bot.jobs.messenger import Standing
from bot.jobs.patience import patiently
from bot.jobs.poster import Poster
from bot.jobs.tasks import Tasks
from bot.store.errors import PictureGoneError
from bot.store.jobs import JobStore
from engine.recipe import Recipe

AT_ONCE = 4  # downloads and uncleaned pictures in memory
SHOW_AFTER_S = 2.0  # most pictures are here sooner, and the first edit then already says how long it will take


Price = Callable[[str, int, int, str | None], float]


def price(recipe: str, width: int, height: int, film: str | None) -> float:
    """Price a dream in GFLOP: ``recipe`` and ``film`` are its JSON, ``width`` and ``height`` the picture's."""
    of = Recipe.from_json(recipe)
    return of.cost(width, height) if film is None else FilmAsk.from_json(film).price(of, width, height)


@dataclass(frozen=True)
class _Arriving:
    job: Job
    over: asyncio.Event = field(default_factory=asyncio.Event)  # set when it is queued, or never will be


class Arrivals:
    """Brings accepted jobs into the queue, a few at a time."""

    def __init__(
        self,
        *,
        jobs: JobStore,
        images: ImageStore,
        downloads: Fetches,
        decoder: Cleans,
        taken: Taken,
        price: Price,
        leases: Leases,
        poster: Poster,
        clock: Clock,
        on_queued: Callable[[], None],
        on_outcome: Callable[[Job], None],
        tell: Listener,
    ) -> None:
        self._jobs = jobs
        self._gathering = Gathering(images, downloads, decoder, taken)
        self._price = price
        self._leases = leases
        self._poster = poster
        self._clock = clock
        self._on_queued = on_queued
        self._on_outcome = on_outcome
        self._tell = tell
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks = Tasks()
        self._arriving: dict[int, _Arriving] = {}

    def take(self, job: Job, taken_at: float) -> None:
        """Bring in a job that was accepted or adopted by us, at ``taken_at`` by our clock, unless that is under way."""
        if job.id in self._arriving:
            return
        before = [one.over for one in self._arriving.values() if one.job.interaction_id == job.interaction_id]
        self._arriving[job.id] = _Arriving(job)
        self._leases.hold(job.id, taken_at, on_lost=lambda: None)  # nothing to stop: the fence discards what comes
        self._tasks.start(self._arrive(job, before), f"arrival of job {job.id}")

    async def adopt(self, owner: str) -> None:
        """Take up accepted jobs whose owner is gone."""
        taken_at = self._clock.now()
        for job in sorted(await self._jobs.adopt(owner, self._arriving), key=lambda job: job.id):
            self.take(job, taken_at)

    async def stop(self) -> None:
        """Leave what has not arrived to the next start."""
        await self._tasks.finish(0.0)

    async def _arrive(self, job: Job, before: Sequence[asyncio.Event]) -> None:
        slow = asyncio.get_running_loop().call_later(SHOW_AFTER_S, self._poster.show, Standing(job))
        try:
            ended = await self._patiently(lambda: self._bring_in(job, before), job)
        except Exception as error:  # noqa: BLE001 - every job ends with a sentence
            self._tell(Broke(job, fault_of(error)))
            sentence = sentence_for(error, f"job {job.id}")
            ended = await self._patiently(lambda: self._jobs.fail(job, sentence), job)
        finally:
            slow.cancel()
            self._arriving.pop(job.id).over.set()
            self._leases.drop(job.id)  # before others are told of the job: it is no longer ours
        if ended is not None:
            if ended.state is State.FAILED:
                fail_point(FailPoint.FAILED)
            if ended.state is State.QUEUED:
                self._on_queued()
            else:
                self._on_outcome(ended)

    async def _patiently(self, work: Callable[[], Awaitable[Job | None]], job: Job) -> Job | None:
        held_up = partial(self._poster.show, Standing(job, held_up=True))
        return await patiently(work, self._clock, f"job {job.id}", held_up)

    async def _bring_in(self, job: Job, before: Sequence[asyncio.Event]) -> Job | None:
        try:
            return await self._gather(job, before)
        except PictureGoneError:  # somebody else who had it was forgotten in this very moment
            return await self._gather(job, before)

    async def _gather(self, job: Job, before: Sequence[asyncio.Event]) -> Job | None:
        """Queue a job, after those that were asked for ``before`` it in its message: they are dreamed in that order."""
        async with self._turns:
            beside, notes = await self._gathering.beside(job)  # first: a recipe that lacks a picture is refused at once
            source = await self._gathering.source(job)
        for over in before:
            await over.wait()
        beside = replace(beside, film=source.film)
        cost = self._price(beside.recipe, source.width, source.height, source.film)
        note = "\n".join((*source.notes, *notes)) or None
        queued = await self._jobs.enqueue(job, source.hash, note, cost, beside)
        fail_point(FailPoint.QUEUED)
        if queued is None and await self._jobs.get(job.id) is None:  # its person is forgotten
            await self._gathering.discard(source, beside)
        return queued
