"""Fair order: who has had least is next, by cost, whoever has stacked up what."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import a_queued_job

from bot.bench.fair_queue import Ask, FairQueue
from bot.job import Job
from bot.store.jobs import JobStore


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


async def test_what_waits_behind_a_cancelled_job_waits_as_if_that_had_never_been_asked_for(jobs: JobStore) -> None:
    large = [await a_queued_job(jobs, person_id=1, cost=1000.0) for _ in range(2)]
    small = [await a_queued_job(jobs, person_id=1, cost=1.0) for _ in range(2)]
    others = [await a_queued_job(jobs, person_id=2, cost=10.0) for _ in range(3)]
    for job in large:
        await jobs.cancel(job.id, "mine")
    assert [job.id for job in await claim_all(jobs)] == [
        job.id for job in (small[0], others[0], small[1], others[1], others[2])
    ]


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


async def test_a_priority_role_is_served_twice_as_much(jobs: JobStore) -> None:
    for _ in range(6):
        await a_queued_job(jobs, person_id=1, weight=2.0)
        await a_queued_job(jobs, person_id=2)
    served = [job.person_id for job in (await claim_all(jobs))[:9]]
    assert (served.count(1), served.count(2)) == (6, 3)


@pytest.mark.parametrize("seed", range(3))
async def test_the_store_serves_in_the_order_of_the_model_that_is_simulated(jobs: JobStore, seed: int) -> None:
    chance = random.Random(seed)
    model = FairQueue()
    numbers: dict[int, int] = {}
    for number in range(40):
        if chance.random() < 0.6 or not model.waiting:
            person, cost, weight = chance.randrange(4), chance.uniform(1.0, 400.0), chance.choice([1.0, 2.0])
            model.ask(Ask(number, person, cost, weight))
            job = await a_queued_job(jobs, person_id=person, cost=cost, weight=weight)
            numbers[job.id] = number
        else:
            claimed = await jobs.claim("mine", ())
            assert claimed is not None
            assert numbers[claimed.id] == model.serve().number


@settings(max_examples=200)
@given(
    stack=st.lists(st.floats(1.0, 400.0), min_size=50, max_size=50),
    served=st.integers(0, 49),
    cost=st.floats(1.0, 400.0),
)
def test_fifty_jobs_of_one_person_delay_anothers_single_job_by_no_more_than_the_one_that_runs(
    stack: list[float], served: int, cost: float
) -> None:
    queue = FairQueue()
    for number, of_stack in enumerate(stack):
        queue.ask(Ask(number, 1, of_stack))
    for _ in range(served):
        queue.serve()
    running = queue.serve()
    queue.ask(Ask(99, 2, cost))
    waited = running.cost  # all of it, at worst
    while (now := queue.serve()).number != 99:
        waited += now.cost
    assert waited <= max(stack)


def test_a_thousand_people_ask_ten_thousand_times_and_nobody_starves() -> None:
    """While a job waits, nobody else is served more than its person is, but for one largest job of each of the two.

    The bound of start-time fair queueing (Goyal, Vin, Cheng, 1996, theorem 1), for every job and every other person.
    """
    people, asks, chance = 1000, 10_000, random.Random(7)
    busy = [chance.paretovariate(1.0) for _ in range(people)]  # a few ask all the time, most now and then
    work = [
        Ask(number, chance.choices(range(people), busy)[0], math.exp(chance.uniform(0.0, math.log(400.0))))
        for number in range(asks)
    ]
    mean = sum(ask.cost for ask in work) / asks
    comes_at = list(accumulate(chance.expovariate(1.1 / mean) for _ in work))  # a tenth more than can be served
    largest = np.zeros(people)
    np.maximum.at(largest, [ask.person for ask in work], [ask.cost for ask in work])
    queue, served, before = FairQueue(), np.zeros(people), dict[int, np.ndarray]()
    now, come, most_waiting = 0.0, 0, 0
    for _ in work:
        while come < asks and (comes_at[come] <= now or not queue.waiting):
            now = max(now, comes_at[come])
            queue.ask(work[come])
            before[come] = served.copy()
            come += 1
        most_waiting = max(most_waiting, len(queue.waiting))
        ask = queue.serve()
        meanwhile = served - before.pop(ask.number)
        assert (meanwhile <= meanwhile[ask.person] + largest[ask.person] + largest + 1e-6).all()
        served[ask.person] += ask.cost
        now += ask.cost
    assert most_waiting > 300, "it must have been crowded for this test to mean something"


costs = st.lists(st.floats(1.0, 400.0), min_size=1, max_size=4)


@settings(max_examples=200)
@given(stacks=st.lists(costs, min_size=2, max_size=3))
def test_while_two_people_wait_neither_gets_ahead_by_more_than_one_job_of_each(stacks: list[list[float]]) -> None:
    queue = FairQueue()
    for person, stack in enumerate(stacks):
        for cost in stack:
            queue.ask(Ask(len(queue.waiting), person, cost))
    served: dict[int, float] = defaultdict(float)
    left = {person: len(stack) for person, stack in enumerate(stacks)}
    while all(left.values()):
        ask = queue.serve()
        served[ask.person] += ask.cost
        left[ask.person] -= 1
        for one, stack in enumerate(stacks):
            for other, other_stack in enumerate(stacks):
                assert served[one] - served[other] <= max(stack) + max(other_stack) + 1e-6
