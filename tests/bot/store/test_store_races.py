"""Several at once on one file, through connections of their own: nobody wins twice, no cap is passed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from store_samples import PHOTO, a_queued_job, a_request

from bot.job import Job, State
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.quotas import Caps, Limits
from bot.store.tellings import Tellings


async def test_no_job_is_claimed_twice(database: Database, other_database: Database) -> None:
    stores = [JobStore(database), JobStore(other_database)]
    queued = {(await a_queued_job(stores[0])).id for _ in range(24)}

    async def claim_all(jobs: JobStore, owner: str) -> list[int]:
        claimed = []
        while (job := await jobs.claim(owner, ())) is not None:
            claimed.append(job.id)
            await asyncio.sleep(0)
        return claimed

    claims = await asyncio.gather(*(claim_all(stores[n % 2], f"owner {n}") for n in range(6)))
    won = Counter(job_id for claimed in claims for job_id in claimed)
    assert won == Counter(queued)


async def test_two_ends_of_one_job_are_one(database: Database, other_database: Database) -> None:
    jobs, others = JobStore(database), JobStore(other_database)
    for _ in range(10):
        await a_queued_job(jobs)
        job = await jobs.claim("mine", ())
        assert job is not None
        ends = await asyncio.gather(others.cancel(job.id, "theirs"), jobs.fail(job, "no"))
        decided = [end for end in ends if end is not None]
        assert decided == [await jobs.get(job.id)]


def two_stores(database: Database, other_database: Database, caps: Caps) -> list[JobStore]:
    return [JobStore(database, caps), JobStore(other_database, caps)]


@pytest.mark.parametrize(
    ("caps", "people", "places"),
    [
        (Caps(person=Limits(waiting=5)), 1, 5),
        (Caps(server=Limits(waiting=7)), 20, 7),
        (Caps(whole=Limits(waiting=9)), 20, 9),
        (Caps(person=Limits(waiting=12), server=Limits(waiting=8), whole=Limits(waiting=10)), 20, 8),
        (Caps(whole=Limits(waiting=8)), 1, 6),  # the last quarter is for others
    ],
)
async def test_twenty_at_once_get_as_many_places_as_there_are(
    database: Database, other_database: Database, caps: Caps, people: int, places: int
) -> None:
    stores = two_stores(database, other_database, caps)
    answers = await asyncio.gather(
        *(stores[n % 2].accept([a_request(person_id=1 + n % people)], "mine") for n in range(20)),
        return_exceptions=True,
    )
    assert kinds(answers) == Counter({"tuple": places, "FullError": 20 - places})


@pytest.mark.parametrize(
    "caps",
    [
        Caps(person=Limits(gflop_a_day=100.0)),
        Caps(server=Limits(gflop_a_day=100.0)),
        Caps(whole=Limits(gflop_a_day=100.0)),
    ],
    ids=["person", "server", "whole"],
)
async def test_twenty_at_once_never_spend_more_than_a_day_has(
    database: Database, other_database: Database, caps: Caps
) -> None:
    stores = two_stores(database, other_database, caps)

    async def ask(jobs: JobStore) -> Job | None:
        (job,), _ = await jobs.accept([a_request()], "mine")
        return await jobs.enqueue(job, PHOTO.hash, None, 30.0)

    answers = await asyncio.gather(*(ask(stores[n % 2]) for n in range(20)), return_exceptions=True)
    assert kinds(answers) == Counter({"Job": 3, "FullError": 17})
    assert sum(job.cost for job in await stores[0].waiting()) == 90.0


@pytest.mark.parametrize(
    ("caps", "running"),
    [
        (Caps(person=Limits(running=3)), 6),
        (Caps(server=Limits(running=5)), 5),
        (Caps(whole=Limits(running=4)), 4),
        (Caps(person=Limits(running=1), whole=Limits(running=4)), 2),
    ],
)
async def test_twenty_claims_at_once_run_no_more_than_may(
    database: Database, other_database: Database, caps: Caps, running: int
) -> None:
    stores = two_stores(database, other_database, caps)
    for number in range(20):
        await a_queued_job(stores[0], person_id=1 + number % 2)
    claimed = await asyncio.gather(*(stores[n % 2].claim(f"owner {n}", ()) for n in range(20)))
    assert len([job for job in claimed if job is not None]) == running
    dreamed, _ = await stores[0].running_and_waiting()
    assert len(dreamed) == running


async def test_a_change_is_done_to_its_end_whoever_stops_waiting_for_it(jobs: JobStore, database: Database) -> None:
    for number in range(100):
        job = await a_queued_job(jobs)
        cancelling = asyncio.create_task(jobs.cancel(job.id, "mine"))
        await asyncio.sleep(number % 25 * 0.0002)
        cancelling.cancel()
        await asyncio.gather(cancelling, return_exceptions=True)
        async with asyncio.timeout(5):  # SQLite's one write lock is free
            await Tellings(database).blank_tokens()


async def test_closing_waits_for_a_change_under_way(database: Database, other_database: Database) -> None:
    job = await a_queued_job(JobStore(database))
    cancelling = asyncio.create_task(JobStore(database).cancel(job.id, "mine"))
    await asyncio.sleep(0)
    cancelling.cancel()
    await asyncio.gather(cancelling, return_exceptions=True)
    await database.close()
    cancelled = await JobStore(other_database).get(job.id)
    assert cancelled is not None
    assert cancelled.state is State.CANCELLED


def kinds(answers: Sequence[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


async def test_a_reader_is_not_held_up_by_a_writer(database: Database, other_database: Database) -> None:
    jobs, others = JobStore(database), JobStore(other_database)
    (job,), _ = await jobs.accept([a_request()], "mine")
    async with database.write(), asyncio.timeout(5):
        assert await others.get(job.id) == job
