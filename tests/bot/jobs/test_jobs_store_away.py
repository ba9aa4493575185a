"""The object store goes away and comes back: a dream waits for it, is dreamed once, and reaches its person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import buckets
import pytest
from jobs_bench import BOUND_S, HandClock, Place, a_request, bench
from sqlalchemy import update

from bot.job import State
from bot.jobs.delivery import LONGEST_PAUSE_S, TRIES_AT_A_FAULT
from bot.store.tables import JobRow


@pytest.fixture
def away(s3: buckets.Server) -> Iterator[buckets.Server]:
    """The S3 server, which serves again when the test has ended."""
    yield s3
    s3.start()


@pytest.fixture
def place(database_url: str, tmp_path: Path, away: buckets.Server, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name, value in away.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("bot.images.objects._RETRY", {"max_retries": 0})  # it is known to be away
    return Place(database_url, tmp_path, away.bucket())


async def test_a_photo_waits_until_it_can_be_kept(place: Place, away: buckets.Server) -> None:
    clock = HandClock()
    away.stop()
    async with bench(place, clock=clock.clock) as made:
        await made.jobs.start()
        (job,) = await made.jobs.accept(a_request())
        await clock.until_somebody_waits(1.0)
        now = await made.store.get(job.id)
        assert now is not None
        assert now.state is State.ACCEPTED
        away.start()
        await clock.advance(1.0)
        (await made.pool.next()).end()
        _, picture = await made.chat.told(job.id)
        assert picture == b"a dream"


async def test_a_dream_is_kept_when_the_store_is_back_and_not_dreamed_again(place: Place, away: buckets.Server) -> None:
    clock = HandClock()
    async with bench(place, clock=clock.clock) as made:
        await made.jobs.start()
        (job,) = await made.jobs.accept(a_request())
        dream = await made.pool.next()
        away.stop()
        dream.end()
        for pause_s in (1.0, 2.0, 4.0):
            await clock.until_somebody_waits(pause_s)
            await clock.advance(pause_s)
        running = await made.store.get(job.id)
        assert running is not None
        assert (running.state, running.attempt) == (State.RUNNING, 1)
        away.start()
        await clock.until_somebody_waits(8.0)
        await clock.advance(8.0)
        ended, picture = await made.chat.told(job.id)
        assert (ended.state, ended.attempt, picture) == (State.DREAMED, 1, b"a dream")
        assert made.pool.is_idle


async def test_a_picture_is_posted_however_long_the_store_was_away(
    place: Place, away: buckets.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    async with bench(place) as made:
        await made.jobs.start()
        job = await made.dream_one()
    async with bench(place, clock=clock.clock) as made:
        async with made.database.write() as session:
            await session.execute(update(JobRow).where(JobRow.id == job.id).values(told_at=None, owner=None))
        tries, get = asyncio.Semaphore(0), made.images.objects.get

        async def counted(key: str) -> bytes | None:
            try:
                return await get(key)
            finally:
                tries.release()

        monkeypatch.setattr(made.images.objects, "get", counted)
        away.stop()
        await made.jobs.start()
        for _ in range(TRIES_AT_A_FAULT + 1):
            async with asyncio.timeout(BOUND_S):
                await tries.acquire()
            await clock.advance(LONGEST_PAUSE_S)
        assert made.chat.tellings == []
        away.start()
        await clock.advance(LONGEST_PAUSE_S)
        async with asyncio.timeout(BOUND_S):
            await tries.acquire()
        await clock.advance(LONGEST_PAUSE_S)
        _, picture = await made.chat.told(job.id)
        assert picture == b"a dream"
