"""Several bot processes on one PostgreSQL: no job is lost between them, each is dreamed and told once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from jobs_bench import BOUND_S, Bench, HandClock, Place, a_request, bench
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.images.store import ImageStore
from bot.job import Job, Shown, State
from bot.jobs.messenger import Told
from bot.jobs.service import PULSE_S
from bot.shards import Shards
from bot.store.database import Database

T = TypeVar("T")
FIRST, SECOND = Shards(0, 0, 2), Shards(1, 1, 2)
IN_FIRST, IN_SECOND = 2 << 22, 3 << 22  # guilds
THIRD = "a third process"


@pytest.fixture
def backend() -> str:
    return "postgresql"


@dataclass
class Two:
    """Two processes, what each says in the chat, and their time."""

    first: Bench
    second: Bench
    time: HandClock

    @property
    def tellings(self) -> list[tuple[Job, bytes | None]]:
        return self.first.chat.tellings + self.second.chat.tellings

    async def look(self) -> None:
        """Let both see what the other has done."""
        await self.time.advance(PULSE_S)

    async def soon(self, wanted: Awaitable[T]) -> T:
        """Let time pass until ``wanted`` is there."""
        coming = asyncio.ensure_future(wanted)
        await self.until(coming.done)
        return await coming

    async def until(self, happened: Callable[[], bool]) -> None:
        """Let time pass until ``happened`` is true."""
        async with asyncio.timeout(BOUND_S):
            while not happened():
                await self.look()
                await asyncio.sleep(0.01)


@pytest.fixture
async def two(place: Place) -> AsyncIterator[Two]:
    time = HandClock()
    async with (
        bench(place, clock=time.clock, shards=FIRST) as first,
        bench(place, clock=time.clock, shards=SECOND) as second,
    ):
        await first.jobs.start()
        await second.jobs.start()
        yield Two(first, second, time)


async def test_a_worker_that_is_idle_elsewhere_dreams_what_waits_here(two: Two) -> None:
    jobs = [job for _ in range(2) for job in await two.first.jobs.accept(a_request(guild_id=IN_FIRST))]
    here, there = await two.soon(asyncio.gather(two.first.pool.next(), two.second.pool.next()))
    assert {here.work.job_id, there.work.job_id} == {job.id for job in jobs}
    for dream in (here, there):
        dream.end()
    for job in jobs:
        assert (await two.soon(two.first.until_told_at(job.id))).state is State.DREAMED
    assert Counter(job.id for job, _ in two.tellings) == Counter(job.id for job in jobs)


async def test_many_jobs_over_two_processes_are_each_dreamed_and_told_once(two: Two) -> None:
    dreamt: Counter[int] = Counter()

    async def dream_on(made: Bench) -> None:
        while True:
            dream = await made.pool.next()
            dreamt[dream.work.job_id] += 1
            dream.end()

    dreaming = [asyncio.ensure_future(dream_on(made)) for made in (two.first, two.second)]
    asked = [made.jobs.accept(a_request(person_id=n)) for n in range(10) for made in (two.first, two.second)]
    jobs = await asyncio.gather(*asked)
    for (job,) in jobs:
        await two.soon(two.first.until_told_at(job.id))
    for task in dreaming:
        task.cancel()
    assert dreamt == Counter(job.id for (job,) in jobs)
    assert Counter(job.id for job, _ in two.tellings) == dreamt


async def test_a_dream_that_is_cancelled_through_another_process_is_stopped_and_told_by_its_own(two: Two) -> None:
    (job,) = await two.first.jobs.accept(a_request())
    dream = await two.first.pool.next()
    assert await two.second.jobs.cancel(job.id)
    told, _ = await two.soon(two.first.chat.told(job.id))
    assert told.state is State.CANCELLED
    assert two.first.pool.cancelled == [job.id]
    async with asyncio.timeout(BOUND_S):
        await dream.left.wait()
    await two.soon(two.second.until_told_at(job.id))
    assert len(two.tellings) == 1


async def test_each_keeps_up_the_messages_of_its_own_servers(two: Two) -> None:
    places = (IN_FIRST, IN_FIRST, IN_SECOND, IN_SECOND, None, IN_SECOND)
    jobs = [
        job
        for person_id, guild_id in enumerate(places)
        for job in await two.second.jobs.accept(a_request(guild_id=guild_id, person_id=person_id))
    ]
    await two.soon(asyncio.gather(two.first.pool.next(), two.second.pool.next()))

    def placed(made: Bench) -> set[int]:
        return {one.job.id for one in made.chat.shown if one.position is not None}

    await two.until(lambda: len(placed(two.first) | placed(two.second)) >= len(jobs) - 2)
    ours = {job.id for job in jobs if job.guild_id != IN_SECOND}
    assert placed(two.first) <= ours
    assert placed(two.second).isdisjoint(ours)


async def test_a_request_whose_commit_was_not_heard_of_is_brought_in_at_once(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, unheard = Database.write, [True]

    @asynccontextmanager
    async def cut_off(database: Database, **how: Any) -> AsyncIterator[AsyncSession]:
        async with write(database, **how) as session:
            yield session
        if how and unheard and unheard.pop():
            raise OperationalError("COMMIT", {}, ConnectionError("the answer was lost"))

    monkeypatch.setattr(Database, "write", cut_off)
    (job,) = await two.first.jobs.accept(a_request())
    assert not unheard
    assert await two.first.until_state(job.id, State.RUNNING)


async def failed_elsewhere(two: Two) -> Job:
    """Return a job that a third process has failed, while the first one's edit that says "position 1" is on its way."""
    for _ in range(2):
        await two.first.jobs.accept(a_request(guild_id=IN_FIRST))
    await two.soon(asyncio.gather(two.first.pool.next(), two.second.pool.next()))  # both have their hands full
    chat = two.first.chat
    chat.gate = asyncio.Event()
    (waits,) = await two.first.jobs.accept(a_request(guild_id=IN_FIRST, person_id=2))
    await two.first.until_state(waits.id, State.QUEUED)
    await two.until(lambda: waits.id in chat.in_flight)
    claimed = await two.second.store.claim(THIRD, ())
    assert claimed is not None
    assert claimed.id == waits.id
    failed = await two.second.store.fail(claimed, "no")
    assert failed is not None
    return failed


async def test_an_outcome_that_a_late_standing_has_covered_is_told_once_more(two: Two) -> None:
    job = await failed_elsewhere(two)
    assert await two.second.tellings.told(job.id, THIRD, Shown.POSTED) is not None
    chat = two.first.chat
    assert chat.gate is not None
    chat.gate.set()
    told, _ = await two.soon(chat.told(job.id))
    assert (told.state, told.token) == (State.FAILED, job.token)
    assert (await two.soon(two.first.until_told_at(job.id))).token is None


async def test_telling_it_once_more_outlasts_passing_faults(two: Two) -> None:
    job = await failed_elsewhere(two)
    assert await two.second.tellings.told(job.id, THIRD, Shown.POSTED) is not None
    chat = two.first.chat
    chat.answers = [Told.LATER, Told.LATER]
    assert chat.gate is not None
    chat.gate.set()
    await two.soon(chat.until(lambda: len(chat.told_of(job.id)) == 3))
    assert (await two.soon(two.first.until_told_at(job.id))).shown is Shown.POSTED


async def test_an_outcome_that_is_covered_before_it_is_noted_as_told_is_told_once_more(two: Two) -> None:
    job = await failed_elsewhere(two)  # and shown by the third, which is about to note that
    chat = two.first.chat
    assert chat.gate is not None
    chat.gate.set()
    await two.soon(two.first.until(job.id, lambda now: now.owner != THIRD))
    assert await two.second.tellings.told(job.id, THIRD, Shown.POSTED) is None
    await two.soon(chat.told(job.id))
    await two.soon(two.first.until_told_at(job.id))


async def test_an_outcome_in_a_new_message_is_not_covered_by_an_edit_of_the_old_one(two: Two) -> None:
    job = await failed_elsewhere(two)
    assert await two.second.tellings.posting(job.id, THIRD) is not None
    told = await two.second.tellings.told(job.id, THIRD, Shown.POSTED, 99)
    assert told is not None
    chat = two.first.chat
    assert chat.gate is not None
    chat.gate.set()
    await two.soon(chat.until(lambda: chat.shown_of(job.id)))
    await two.look()
    assert await two.first.store.get(job.id) == told
    assert not chat.told_of(job.id)


async def test_pictures_are_let_go_by_one_of_them(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps: list[ImageStore] = []
    sweep = ImageStore.sweep

    async def counted(images: ImageStore, **given: Any) -> int:
        sweeps.append(images)
        return await sweep(images, **given)

    monkeypatch.setattr(ImageStore, "sweep", counted)
    async with bench(place) as first, bench(place) as second:
        await asyncio.gather(first.jobs.start(), second.jobs.start())
        await asyncio.gather(first.jobs.stop(grace_s=0), second.jobs.stop(grace_s=0))
    assert len(sweeps) == 1


async def test_jobs_of_one_message_that_both_have_dreamed_are_told_once_together(two: Two) -> None:
    request = a_request(guild_id=IN_FIRST)
    jobs = await two.first.jobs.accept(request, request)
    here, there = await two.soon(asyncio.gather(two.first.pool.next(), two.second.pool.next()))
    there.end()
    await two.soon(two.second.until_state(there.work.job_id, State.DREAMED))
    assert two.tellings == []
    here.end()
    for job in jobs:
        await two.soon(two.first.until_told_at(job.id))
    assert [(job.id, picture) for job, picture in two.tellings] == [(job.id, b"a dream") for job in jobs]
