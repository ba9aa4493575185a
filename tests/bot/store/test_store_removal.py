"""Rows of old jobs go, one batch after another; what others need of them stays true."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from store_samples import PHOTO, a_queued_job, a_request

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Job, Shown
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.moments import moment
from bot.store.tables import JobRow
from bot.store.tellings import Tellings

AGE_S = 24 * 3600.0


async def a_served_job(
    jobs: JobStore, tellings: Tellings, *, tell: bool = True, cost: float = 10.0, person: int
) -> Job:
    """Return a job that was begun, and whose failure was told."""
    await a_queued_job(jobs, person_id=person, cost=cost)
    claimed = await jobs.claim("mine", ())
    assert claimed is not None
    failed = await jobs.fail(claimed, "no")
    assert failed is not None
    if tell:
        await tellings.told(failed.id, "mine", Shown.POSTED)
    return failed


async def let_all_grow_old(database: Database) -> None:
    """Let a little more than ``AGE_S`` have passed since everything."""
    async with database.write() as session:
        await session.execute(update(JobRow).values(created_at=moment(-AGE_S - 2)))
        await session.execute(
            update(JobRow).where(JobRow.finished_at.is_not(None)).values(finished_at=moment(-AGE_S - 1))
        )


async def remove_all(tellings: Tellings, at_most: int = 500) -> list[int]:
    """Remove whatever is over; returns what that was."""
    removed: list[int] = []
    while found := await tellings.over(AGE_S, at_most):
        assert len(found) <= at_most
        await tellings.remove(found)
        removed += found
    return removed


async def count(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(JobRow)) or 0


async def test_only_told_jobs_that_ended_long_ago_go(database: Database, jobs: JobStore, tellings: Tellings) -> None:
    told = [await a_served_job(jobs, tellings, person=person) for person in (1, 2, 3)]
    untold = await a_served_job(jobs, tellings, person=4, tell=False)
    waiting = await a_queued_job(jobs, person_id=5)
    await let_all_grow_old(database)
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == told[1].id).values(finished_at=moment(-AGE_S + 60)))
    # The fourth holds the queue's clock: all began at the same tag, and it is the newest.
    assert await remove_all(tellings, at_most=1) == [told[0].id, told[2].id]
    left = [await jobs.get(job.id) for job in (told[1], untold, waiting)]
    assert all(left)


async def test_what_was_made_from_a_removed_job_lives_on(
    database: Database, jobs: JobStore, tellings: Tellings
) -> None:
    (parent,), _ = await jobs.accept([a_request()], "mine")
    queued = await jobs.enqueue(parent, PHOTO.hash, None, 1.0)
    assert queued is not None
    (child,), _ = await jobs.accept([a_request(source_url=None, source_hash=PHOTO.hash, parent_id=parent.id)], "mine")
    assert await jobs.cancel(parent.id, "mine") is not None
    await tellings.told(parent.id, "mine", Shown.POSTED)
    await let_all_grow_old(database)
    assert await remove_all(tellings) == [parent.id]
    orphan = await jobs.get(child.id)
    assert orphan is not None
    assert (orphan.parent_id, orphan.source_hash) == (None, PHOTO.hash)
    with pytest.raises(UserError, match=KEPT_NO_MORE):
        await jobs.accept([a_request(source_url=None, source_hash=PHOTO.hash, parent_id=parent.id)], "mine")


async def test_a_job_that_starts_from_one_that_is_just_removed_starts_or_is_told_why_not(
    database: Database, other_database: Database, jobs: JobStore, tellings: Tellings
) -> None:
    for _ in range(10):
        (parent,), _ = await jobs.accept([a_request()], "mine")
        await jobs.enqueue(parent, PHOTO.hash, None, 1.0)
        await jobs.cancel(parent.id, "mine")
        request = a_request(source_url=None, source_hash=PHOTO.hash, parent_id=parent.id)
        accepted, _ = await asyncio.gather(
            JobStore(other_database).accept([request], "another"),
            tellings.remove([parent.id]),
            return_exceptions=True,
        )
        assert await jobs.get(parent.id) is None
        if isinstance(accepted, BaseException):
            assert str(accepted) == KEPT_NO_MORE
        else:
            (child,), _ = accepted
            started = await jobs.get(child.id)
            assert started is not None
            assert started.parent_id is None


async def test_whoever_waits_is_not_overtaken_because_all_that_was_served_is_gone(
    database: Database, jobs: JobStore, tellings: Tellings
) -> None:
    """As after a month without a worker: nothing but what waits is younger than the retention."""
    for _ in range(20):
        await a_served_job(jobs, tellings, person=1, cost=100.0)
    stack = [await a_queued_job(jobs, person_id=1, cost=100.0) for _ in range(2)]
    await let_all_grow_old(database)
    await remove_all(tellings)
    assert await count(database) == 1 + len(stack), "all but the row that holds the queue's clock"
    new = [await a_queued_job(jobs, person_id=2, cost=100.0) for _ in range(4)]
    order = [job.id for job in await jobs.waiting()]
    assert order[:4] == [new[0].id, stack[0].id, new[1].id, stack[1].id]


async def test_the_clocks_row_goes_when_the_clock_has_gone_on(
    database: Database, jobs: JobStore, tellings: Tellings
) -> None:
    first = await a_served_job(jobs, tellings, person=1)
    await let_all_grow_old(database)
    assert await remove_all(tellings) == []
    second = await a_served_job(jobs, tellings, person=1)
    assert await remove_all(tellings) == [first.id]
    assert await jobs.get(second.id) is not None


async def test_a_crowd_that_came_once_leaves_one_row(database: Database, jobs: JobStore, tellings: Tellings) -> None:
    for person in range(30):
        await a_served_job(jobs, tellings, person=person)
    await let_all_grow_old(database)
    assert len(await remove_all(tellings, at_most=7)) == 29
    assert await count(database) == 1


async def test_no_look_at_what_is_to_be_told_reads_every_job_that_was_ever_told(
    database: Database, tellings: Tellings, backend: str
) -> None:
    if backend != "sqlite":
        pytest.skip("PostgreSQL plans by how many rows there are")
    said: list[tuple[str, Any]] = []
    engine = database._engine.sync_engine

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    await tellings.take("mine", (), 10)
    await tellings.blank_tokens()
    await tellings.remove([1, 2])
    event.remove(engine, "before_cursor_execute", hear)
    async with database.read() as session:
        connection = await session.connection()
        plans = [
            (statement, str((await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()))
            for statement, parameters in said
            if "job" in statement
        ]
    assert len(plans) >= 4
    assert [said for said in plans if "SCAN job" in said[1] or "ix_job_state" in said[1]] == []
