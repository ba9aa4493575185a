"""How the service is, as /about tells it: also when something is wrong."""

from __future__ import annotations

import logging

import pytest
from jobs_bench import Bench, Place, a_request, bench
from sqlalchemy import text

from bot.job import State
from bot.jobs.health import Health


async def test_an_idle_service_would_begin_at_once(running: Bench) -> None:
    assert await running.jobs.health() == Health(running.pool.workers, 0, 0.0)


async def test_the_wait_is_that_of_a_dream_that_comes_last(running: Bench) -> None:
    (first,) = await running.jobs.accept(a_request(person_id=1))
    await running.pool.next()  # before the others come: which of three arrives first is chance
    for person in (2, 3):
        (job,) = await running.jobs.accept(a_request(person_id=person))
        await running.until_state(job.id, State.QUEUED)
    (last,) = await running.jobs.live(person_id=3)
    health = await running.jobs.health()
    assert health.waiting == 2
    assert health.wait_s == pytest.approx(last.eta_s, rel=0.05)
    assert [worker.job_id for worker in health.workers] == [first.id]


async def test_a_database_that_fails_is_told_and_noted(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(place) as service:
        async with service.database.write() as session:
            await session.execute(text("ALTER TABLE job RENAME TO elsewhere"))
        with caplog.at_level(logging.WARNING):
            health = await service.jobs.health()
        async with service.database.write() as session:
            await session.execute(text("ALTER TABLE elsewhere RENAME TO job"))
    assert not health.database
    assert "did not say how long the queue is" in caplog.text
