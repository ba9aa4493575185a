"""Leases: renewed while we work, and our work is stopped in time where they cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from jobs_bench import Bench, HandClock, Place, a_request, bench, dreamed
from sqlalchemy import text, update

from bot.job import Job, State
from bot.jobs.lease import LOST_AFTER_S, RENEW_EVERY_S, Leases
from bot.store.database import Database
from bot.store.moments import moment
from bot.store.tables import JobRow


@pytest.fixture
async def made(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made


async def an_accepted_job(made: Bench, owner: str) -> Job:
    (job,), _ = await made.store.accept([a_request()], owner)
    return job


async def let_leases_lapse(database: Database) -> None:
    async with database.write() as session:
        await session.execute(update(JobRow).values(lease_until=moment(-1)))


async def test_what_we_work_on_stays_ours(made: Bench) -> None:
    time, lost = HandClock(), list[int]()
    leases = Leases(lambda ids: made.store.renew("mine", ids), time.clock)
    job = await an_accepted_job(made, "mine")
    leases.hold(job.id, time.time, lambda: lost.append(job.id))
    await let_leases_lapse(made.database)
    await leases.renew()
    assert await made.store.adopt("theirs", ()) == []
    assert (lost, leases.busy) == ([], {job.id})


async def test_what_we_no_longer_work_on_is_free_for_others(made: Bench) -> None:
    time = HandClock()
    leases = Leases(lambda ids: made.store.renew("mine", ids), time.clock)
    job = await an_accepted_job(made, "mine")
    leases.hold(job.id, time.time, lambda: None)
    leases.drop(job.id)
    await let_leases_lapse(made.database)
    await leases.renew()
    assert [adopted.id for adopted in await made.store.adopt("theirs", ())] == [job.id]


async def test_what_another_has_taken_is_lost_at_the_next_renewal(made: Bench) -> None:
    time, lost = HandClock(), list[int]()
    leases = Leases(lambda ids: made.store.renew("mine", ids), time.clock)
    job = await an_accepted_job(made, "theirs")
    leases.hold(job.id, time.time, lambda: lost.append(job.id))
    await leases.renew()
    await leases.renew()
    assert (lost, leases.busy) == ([job.id], frozenset())


async def test_without_the_database_leases_are_lost_by_our_own_clock(made: Bench, place: Place) -> None:
    time, lost = HandClock(), list[int]()
    leases = Leases(lambda ids: made.store.renew("mine", ids), time.clock)
    job = await an_accepted_job(made, "mine")
    leases.hold(job.id, time.time, lambda: lost.append(job.id))
    async with made.database.write() as session:
        await session.execute(text("ALTER TABLE job RENAME TO away"))
    await time.advance(RENEW_EVERY_S)
    await leases.renew()
    await time.advance(LOST_AFTER_S - RENEW_EVERY_S - 0.1)
    await leases.renew()
    assert lost == []
    await time.advance(0.2)
    await leases.renew()
    assert lost == [job.id]
    async with made.database.write() as session:
        await session.execute(text("ALTER TABLE away RENAME TO job"))


async def test_a_dream_whose_lease_another_took_is_stopped_and_its_picture_discarded(place: Place) -> None:
    async with bench(place) as made:
        await made.jobs.start()
        made.pool.obeys = False
        (job,) = await made.jobs.accept(a_request())
        dream = await made.pool.next()
        await let_leases_lapse(made.database)
        theirs = await made.store.claim("theirs", ())
        assert theirs is not None
        dream.end(dreamed(b"too late"))
        await dream.left.wait()
        later = await made.dream_one()
        now = await made.store.get(job.id)
        assert later.state is State.DREAMED
        assert now == theirs
        assert made.chat.told_of(job.id) == []
