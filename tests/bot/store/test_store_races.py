"""Several at once on one file, through connections of their own: nobody wins twice, no cap is passed."""

from __future__ import annotations

import asyncio
from collections import Counter

from store_samples import ROOMY, a_queued_job, a_request

from bot.job import Job, State
from bot.store.accepting import Caps
from bot.store.database import Database
from bot.store.jobs import JobStore


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
        ends = await asyncio.gather(others.cancel(job.id), jobs.fail(job, "no"))
        decided = [end for end in ends if end is not None]
        assert decided == [await jobs.get(job.id)]


async def test_twenty_at_once_never_pass_the_cap_of_a_person(database: Database, other_database: Database) -> None:
    stores = [JobStore(database), JobStore(other_database)]
    caps = Caps(person=5, queue=1000)
    asked = [stores[n % 2].accept(a_request(), "mine", caps) for n in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert _kinds(answers) == Counter({"job": 5, "UserError": 15})


async def test_twenty_at_once_never_pass_the_cap_of_the_queue(database: Database, other_database: Database) -> None:
    stores = [JobStore(database), JobStore(other_database)]
    caps = Caps(person=5, queue=7)
    asked = [stores[n % 2].accept(a_request(person_id=n), "mine", caps) for n in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert _kinds(answers) == Counter({"job": 7, "UserError": 13})


async def test_a_change_is_done_to_its_end_whoever_stops_waiting_for_it(jobs: JobStore) -> None:
    for number in range(100):
        job = await a_queued_job(jobs)
        cancelling = asyncio.create_task(jobs.cancel(job.id))
        await asyncio.sleep(number % 25 * 0.0002)
        cancelling.cancel()
        await asyncio.gather(cancelling, return_exceptions=True)
        async with asyncio.timeout(5):  # SQLite's one write lock is free
            await jobs.blank_tokens()


async def test_closing_waits_for_a_change_under_way(database: Database, other_database: Database) -> None:
    job = await a_queued_job(JobStore(database))
    cancelling = asyncio.create_task(JobStore(database).cancel(job.id))
    await asyncio.sleep(0)
    cancelling.cancel()
    await asyncio.gather(cancelling, return_exceptions=True)
    await database.close()
    cancelled = await JobStore(other_database).get(job.id)
    assert cancelled is not None
    assert cancelled.state is State.CANCELLED


def _kinds(answers: list[tuple[Job, bool] | BaseException]) -> Counter[str]:
    return Counter("job" if isinstance(answer, tuple) else type(answer).__name__ for answer in answers)


async def test_a_reader_is_not_held_up_by_a_writer(database: Database, other_database: Database) -> None:
    jobs, others = JobStore(database), JobStore(other_database)
    job, _ = await jobs.accept(a_request(), "mine", ROOMY)
    async with database.write(), asyncio.timeout(5):
        assert await others.get(job.id) == job
