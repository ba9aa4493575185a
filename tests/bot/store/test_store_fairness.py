"""Fair order: who has had least is next, by cost, whoever has stacked up what."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import a_queued_job, with_pictures

from bot.job import Job
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.upgrade import upgrade


async def claim_all(jobs: JobStore) -> list[Job]:
    claimed = []
    while (job := await jobs.claim("mine", ())) is not None:
        claimed.append(job)
    return claimed


async def test_one_persons_stack_does_not_delay_another_by_more_than_the_job_that_runs(jobs: JobStore) -> None:
    for _ in range(50):
        await a_queued_job(jobs, person_id=1, cost=3.0)
    for _ in range(7):
        assert await jobs.claim("mine", ()) is not None
    late = await a_queued_job(jobs, person_id=2, cost=400.0)
    first = await jobs.claim("mine", ())
    second = await jobs.claim("mine", ())
    assert late.id in {job.id for job in (first, second) if job is not None}


async def test_equals_are_served_in_turn(jobs: JobStore) -> None:
    for _ in range(3):
        await a_queued_job(jobs, person_id=1)
    for _ in range(3):
        await a_queued_job(jobs, person_id=2)
    assert [job.person_id for job in await claim_all(jobs)] == [1, 2, 1, 2, 1, 2]


async def test_staying_away_saves_nothing_up(jobs: JobStore) -> None:
    for _ in range(5):
        await a_queued_job(jobs, person_id=1)
    await claim_all(jobs)
    for person_id in (2, 1, 2, 1, 2, 1):
        await a_queued_job(jobs, person_id=person_id)
    assert [job.person_id for job in await claim_all(jobs)][:4].count(1) == 2


async def test_a_job_cancelled_while_it_waited_costs_nothing(jobs: JobStore) -> None:
    dear = await a_queued_job(jobs, person_id=1, cost=1000.0)
    await jobs.cancel(dear.id, "mine")
    for person_id in (2, 2, 1):
        await a_queued_job(jobs, person_id=person_id)
    assert [job.person_id for job in await claim_all(jobs)] == [2, 1, 2]


async def test_a_job_put_back_is_next(jobs: JobStore) -> None:
    await a_queued_job(jobs, person_id=1)
    interrupted = await jobs.claim("mine", ())
    assert interrupted is not None
    await a_queued_job(jobs, person_id=2)
    await jobs.put_back(interrupted, strike=True)
    following, *_ = await claim_all(jobs)
    assert following.id == interrupted.id


async def test_the_queue_is_listed_in_the_order_of_claims(jobs: JobStore) -> None:
    for person_id, cost in [(1, 5.0), (1, 5.0), (2, 1.0), (3, 9.0), (2, 1.0), (3, 1.0)]:
        await a_queued_job(jobs, person_id=person_id, cost=cost)
    listed = [job.id for job in await jobs.waiting()]
    assert [job.id for job in await claim_all(jobs)] == listed


@pytest.fixture(scope="module")
def empty_file() -> Path:
    folder = Path(tempfile.mkdtemp())
    file = folder / "empty.sqlite"
    asyncio.run(_make(file))
    return file


async def _make(file: Path) -> None:
    url = f"sqlite+aiosqlite:///{file}"
    await upgrade(url)
    database = Database(url)
    await with_pictures(database)
    await database.close()


costs = st.lists(st.floats(1.0, 400.0), min_size=1, max_size=4)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stacks=st.lists(costs, min_size=2, max_size=3))
def test_while_two_people_wait_neither_gets_ahead_by_more_than_one_job_of_each(
    empty_file: Path, stacks: list[list[float]]
) -> None:
    # The bound of start-time fair queueing (Goyal, Vin, Cheng, 1996, theorem 1).
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "oneiros.sqlite"
        shutil.copy(empty_file, file)
        asyncio.run(_check_bound(file, stacks))


async def _check_bound(file: Path, stacks: list[list[float]]) -> None:
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        jobs = JobStore(database)
        for person_id, stack in enumerate(stacks):
            for cost in stack:
                await a_queued_job(jobs, person_id=person_id, cost=cost)
        served: dict[int, float] = defaultdict(float)
        left = {person_id: len(stack) for person_id, stack in enumerate(stacks)}
        while all(left.values()):
            job = await jobs.claim("mine", ())
            assert job is not None
            served[job.person_id] += job.cost
            left[job.person_id] -= 1
            for one, stack in enumerate(stacks):
                for other, other_stack in enumerate(stacks):
                    assert served[one] - served[other] <= max(stack) + max(other_stack) + 1e-6
    finally:
        await database.close()
