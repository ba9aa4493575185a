"""The newest dream of a channel, as far as somebody may see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from store_samples import DREAM, a_queued_job

from bot.job import Job, Shown
from bot.store.database import Database
from bot.store.jobs import JobStore, Result
from bot.store.newest import Newest
from bot.store.tables import JobRow

ADA, BOB, HERE, ELSEWHERE = 1, 2, 3, 33


async def a_dream(jobs: JobStore, database: Database, shown: Shown = Shown.POSTED, **asked: Any) -> Job:
    """Return a job of Ada's that was dreamed and told."""
    await a_queued_job(jobs, **asked)
    running = await jobs.claim("mine", ())
    assert running is not None
    job = await jobs.dreamed(running, Result(hash=DREAM.hash, seconds=1.0, fingerprint="{}"))
    assert job is not None
    await change(database, job, shown=shown)
    return job


async def change(database: Database, job: Job, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == job.id).values(**values))


async def found(database: Database, viewer_id: int, *, restricted: bool = False) -> int | None:
    job = await Newest(database).dream_in(HERE, viewer_id=viewer_id, restricted=restricted)
    return None if job is None else job.id


async def test_the_newest_is_found_and_nothing_of_other_channels(jobs: JobStore, database: Database) -> None:
    assert await found(database, BOB) is None
    await a_dream(jobs, database)
    newest = await a_dream(jobs, database)
    await a_dream(jobs, database, channel_id=ELSEWHERE)
    assert await found(database, BOB) == newest.id
    assert await found(database, ADA) == newest.id


async def test_a_private_dream_is_found_by_its_dreamer_only(jobs: JobStore, database: Database) -> None:
    public = await a_dream(jobs, database)
    private = await a_dream(jobs, database, private=True)
    assert await found(database, BOB) == public.id
    assert await found(database, ADA) == private.id


async def test_what_the_chat_was_not_shown_is_found_by_its_dreamer_only(jobs: JobStore, database: Database) -> None:
    kept = await a_dream(jobs, database, Shown.KEPT)
    assert await found(database, BOB) is None
    assert await found(database, ADA) == kept.id
    await change(database, kept, shown=Shown.REMOVED)
    assert await found(database, BOB) is None


async def test_an_age_restricted_dream_is_not_found_where_the_channel_is_not(
    jobs: JobStore, database: Database
) -> None:
    dream = await a_dream(jobs, database, restricted=True)
    assert await found(database, ADA) is None
    assert await found(database, ADA, restricted=True) == dream.id


async def test_a_dream_whose_picture_is_gone_is_not_found(jobs: JobStore, database: Database) -> None:
    first = await a_dream(jobs, database)
    second = await a_dream(jobs, database)
    await change(database, second, result_hash=None)
    assert await found(database, BOB) == first.id
