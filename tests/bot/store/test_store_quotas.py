"""Quotas: how much one person, one server and all together may have waiting, running, and dreamed in a day."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import update
from store_samples import DREAM, PHOTO, a_queued_job, a_request

from bot.errors import UserError
from bot.floods import DISCORD_BEGAN
from bot.job import Job
from bot.store.database import Database
from bot.store.jobs import JobStore, Result
from bot.store.moments import moment
from bot.store.quotas import DAY_S, Caps, FullError, Limits
from bot.store.tables import JobRow

HOUR_S = 3600.0
MINE = "mine"


def capped(database: Database, *, person: Limits | None = None, server: Limits | None = None) -> JobStore:
    return JobStore(database, Caps(person or Limits(), server or Limits()))


async def enqueue(jobs: JobStore, cost: float, person_id: int = 1) -> Job:
    """Ask for a dream of ``cost`` GFLOP, and put it in the queue."""
    (job,), _ = await jobs.accept([a_request(person_id=person_id)], MINE)
    queued = await jobs.enqueue(job, PHOTO.hash, None, cost)
    assert queued is not None
    return queued


async def make_older(database: Database, job: Job, hours: float) -> None:
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == job.id).values(created_at=moment(-hours * HOUR_S)))


async def test_whoever_has_no_place_left_is_told_of_which_kind(database: Database) -> None:
    await JobStore(database).accept([a_request()], MINE)
    one = Limits(waiting=1)
    for caps, said in [
        (Caps(person=one), "You have as many dreams waiting as one person may have at once"),
        (Caps(server=one), "This server has as many dreams waiting as one server may have at once"),
        (Caps(whole=one), "The queue is full: 1 dreams are waiting"),
    ]:
        with pytest.raises(FullError, match=said):
            await JobStore(database, caps).accept([a_request()], MINE)


async def test_the_last_places_are_for_who_has_none_and_is_not_new(database: Database) -> None:
    new = int((time.time() - DISCORD_BEGAN) * 1000) << 22
    caps = Caps(whole=Limits(waiting=8), new_days=1.0)
    jobs = JobStore(database, caps)
    for person_id in (1, 1, new, new + 1, new + 2, 1):  # two places of the eight are kept
        await jobs.accept([a_request(person_id=person_id)], MINE)
    for person_id in (1, new, new + 3):
        with pytest.raises(FullError, match="last places"):
            await jobs.accept([a_request(person_id=person_id)], MINE)
    await jobs.accept([a_request(person_id=2)], MINE)
    await jobs.accept([a_request(person_id=3)], MINE)
    with pytest.raises(FullError, match="The queue is full"):
        await jobs.accept([a_request(person_id=4)], MINE)


async def test_another_person_another_server_and_a_direct_message_have_places_of_their_own(database: Database) -> None:
    jobs = capped(database, person=Limits(waiting=1), server=Limits(waiting=1))
    await jobs.accept([a_request(person_id=1, guild_id=10)], MINE)
    await jobs.accept([a_request(person_id=2, guild_id=11)], MINE)
    await jobs.accept([a_request(person_id=3, guild_id=None)], MINE)
    await jobs.accept([a_request(person_id=4, guild_id=None)], MINE)


async def test_a_running_job_takes_no_place_among_the_waiting(database: Database) -> None:
    jobs = capped(database, person=Limits(waiting=1))
    await a_queued_job(jobs)
    assert await jobs.claim(MINE, ()) is not None
    await jobs.accept([a_request()], MINE)


async def test_who_has_as_many_running_as_they_may_is_passed_over_and_starves_nobody(database: Database) -> None:
    jobs = capped(database, person=Limits(running=1))
    mine = [await a_queued_job(jobs, person_id=1) for _ in range(3)]
    theirs = await a_queued_job(jobs, person_id=2)
    first, second = await jobs.claim(MINE, ()), await jobs.claim(MINE, ())
    assert [job and job.id for job in (first, second)] == [mine[0].id, theirs.id]
    assert await jobs.claim(MINE, ()) is None
    assert first is not None
    await jobs.dreamed(first, Result(DREAM.hash, 1.0, "{}"))
    third = await jobs.claim(MINE, ())
    assert third is not None
    assert third.id == mine[1].id


async def test_servers_share_their_running_dreams_and_direct_messages_have_no_such_bound(database: Database) -> None:
    jobs = capped(database, server=Limits(running=1))
    for person_id, guild_id in [(1, 10), (2, 10), (3, 11), (4, None), (5, None)]:
        await a_queued_job(jobs, person_id=person_id, guild_id=guild_id)
    claimed = [await jobs.claim(MINE, ()) for _ in range(5)]
    assert [job and job.person_id for job in claimed] == [1, 3, 4, 5, None]


async def test_a_lapsed_dream_is_claimed_again_though_its_person_may_run_one_only(database: Database) -> None:
    jobs = capped(database, person=Limits(running=1))
    job = await a_queued_job(jobs)
    assert await jobs.claim(MINE, ()) is not None
    async with database.write() as session:
        await session.execute(update(JobRow).values(lease_until=moment(-1)))
    again = await jobs.claim("theirs", ())
    assert again is not None
    assert (again.id, again.attempt) == (job.id, 2)


async def test_what_was_dreamed_while_the_clock_was_ahead_fills_no_quota_for_years(database: Database) -> None:
    jobs = capped(database, person=Limits(gflop_a_day=100.0))
    await make_older(database, await enqueue(jobs, 90.0), hours=-365 * 24.0)
    await enqueue(jobs, 90.0)


async def test_a_days_quota_comes_back_as_what_filled_it_grows_a_day_old(database: Database) -> None:
    jobs = capped(database, person=Limits(gflop_a_day=100.0))
    for hours in (23.0, 20.0, 1.0):
        await make_older(database, await enqueue(jobs, 30.0), hours)
    with pytest.raises(FullError, match="as much as one person may in a day") as refused:
        await enqueue(jobs, 20.0)
    assert refused.value.free_in_s == pytest.approx(HOUR_S, abs=60)
    with pytest.raises(FullError) as refused:
        await enqueue(jobs, 60.0)
    assert refused.value.free_in_s == pytest.approx(4 * HOUR_S, abs=60)
    await enqueue(jobs, 10.0)
    await enqueue(jobs, 100.0, person_id=2)


async def test_who_has_nothing_left_of_the_day_is_refused_before_anything_is_downloaded(database: Database) -> None:
    jobs = capped(database, person=Limits(gflop_a_day=30.0))
    await make_older(database, await enqueue(jobs, 30.0), 12.0)
    with pytest.raises(FullError) as refused:
        await jobs.accept([a_request()], MINE)
    assert refused.value.free_in_s == pytest.approx(DAY_S / 2, abs=60)


async def test_a_dream_dearer_than_a_whole_day_is_said_to_be_too_large(database: Database) -> None:
    jobs = capped(database, server=Limits(gflop_a_day=30.0))
    with pytest.raises(UserError, match="choose a smaller size"):
        await enqueue(jobs, 31.0)


async def test_what_was_never_begun_or_failed_costs_nothing_of_the_day(database: Database) -> None:
    jobs = capped(database, person=Limits(gflop_a_day=30.0))
    cancelled = await enqueue(jobs, 30.0)
    await jobs.cancel(cancelled.id, MINE)
    await enqueue(jobs, 30.0)
    failed = await jobs.claim(MINE, ())
    assert failed is not None
    await jobs.fail(failed, "no")
    await enqueue(jobs, 30.0)
    begun = await jobs.claim(MINE, ())
    assert begun is not None
    await jobs.cancel(begun.id, MINE)
    with pytest.raises(FullError):
        await enqueue(jobs, 1.0)


async def test_what_is_older_than_a_day_costs_nothing(database: Database) -> None:
    jobs = capped(database, person=Limits(gflop_a_day=30.0))
    await make_older(database, await enqueue(jobs, 30.0), 24.01)
    await enqueue(jobs, 30.0)
