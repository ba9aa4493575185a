"""What happens by itself: old pictures go, dead tokens are blanked, abandoned arrivals are taken up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jobs_bench import BOUND_S, Bench, HandClock, Place, a_request, bench, settle
from sqlalchemy import delete, update

from bot.job import Job, State
from bot.jobs.clock import Clock
from bot.jobs.upkeep import DAY_S, DISTRUST_S, EVERY_S, PICTURES_EVERY_S
from bot.store.moments import moment
from bot.store.tables import BlobRow, JobRow, PeriodRow


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def make_older(made: Bench, days: float) -> None:
    """Let time have passed since everything in the database."""
    async with made.database.write() as session:
        then = moment(-days * DAY_S)
        await session.execute(update(JobRow).values(finished_at=then, lease_until=then))
        await session.execute(update(BlobRow).values(touched_at=then))
        await session.execute(delete(PeriodRow))


async def a_dreamed_job(place: Place) -> Job:
    async with bench(place) as made:
        await made.jobs.start()
        return await made.dream_one()


async def test_pictures_are_kept_for_the_retention_time(place: Place) -> None:
    job = await a_dreamed_job(place)
    async with bench(place) as made:
        await make_older(made, days=29.9)
        await made.jobs.start()
        later = await made.dream_one(person_id=2)
        kept = await made.store.get(job.id)
        assert kept is not None
        assert kept.result_hash == later.result_hash is not None
        assert len(files(made.folder)) == 2


async def test_pictures_go_after_the_retention_time_and_the_job_remembers_how_it_ended(place: Place) -> None:
    job = await a_dreamed_job(place)
    async with bench(place) as made:
        await make_older(made, days=30.1)
        await made.jobs.start()
        gone = await made.until(job.id, lambda job: job.result_hash is None)
        assert (gone.state, gone.source_hash) == (State.DREAMED, None)
    async with bench(place) as made:
        await made.jobs.start()
        await made.jobs.stop(grace_s=0)
        assert files(made.folder) == []


async def test_the_rows_of_jobs_go_with_their_pictures_but_for_the_one_that_the_fair_order_needs(place: Place) -> None:
    job, newest = await a_dreamed_job(place), await a_dreamed_job(place)
    async with bench(place) as made:
        await make_older(made, days=30.1)
        await made.images.objects.put(f"results/{job.id}", b"of a process that died before it could forget it")
        await made.jobs.start()
        await made.until(newest.id, lambda job: job.result_hash is None)
    async with bench(place) as made:
        assert await made.store.get(job.id) is None
        assert await made.store.get(newest.id) is not None
        assert not await made.images.objects.has(f"results/{job.id}")


@pytest.mark.parametrize(("days", "left"), [(0.9, True), (1.1, False)])
async def test_rows_are_kept_for_a_day_at_least_because_a_days_quotas_count_them(
    place: Place, days: float, left: bool
) -> None:
    job, newest = await a_dreamed_job(place), await a_dreamed_job(place)
    async with bench(place, retention_days=0.1) as made:
        await make_older(made, days=days)
        await made.jobs.start()
        await made.until(newest.id, lambda job: job.result_hash is None)
    async with bench(place) as made:
        assert (await made.store.get(job.id) is not None) == left


async def test_a_picture_that_a_younger_job_started_from_stays(place: Place) -> None:
    job = await a_dreamed_job(place)
    async with bench(place) as made:
        await made.store.accept([a_request(source_url=None, source_hash=job.result_hash, parent_id=job.id)], "mine")
        await make_older(made, days=31)
        await made.jobs.start()
        dream = await made.pool.next()
        assert dream.work.picture == b"a dream"


async def test_a_token_that_died_while_its_job_waited_is_blanked(place: Place) -> None:
    async with bench(place) as made:
        (job,), _ = await made.store.accept(
            [a_request(token_expires_at=datetime.now(UTC) - timedelta(seconds=1))], "mine"
        )
        await made.jobs.start()
        await made.until(job.id, lambda job: job.token is None)


async def test_an_arrival_whose_owner_dies_later_is_taken_up_within_a_minute(place: Place) -> None:
    time = HandClock()
    async with bench(place, clock=time.clock) as made:
        await made.jobs.start()
        await made.dream_one()
        await settle()
        (job,), _ = await made.store.accept([a_request()], "another process")
        async with made.database.write() as session:
            await session.execute(update(JobRow).values(lease_until=moment(-1)))
        taken_up = asyncio.ensure_future(made.pool.next())
        while not taken_up.done():  # on a busy machine the first upkeep is still under way when a minute has passed
            await time.advance(EVERY_S)
            await asyncio.sleep(0.01)
        assert (await taken_up).work.job_id == job.id


async def test_many_old_pictures_go_a_part_at_each_step_so_that_a_stop_need_not_wait(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = HandClock()
    monkeypatch.setattr("bot.jobs.upkeep.AT_ONCE", 2)
    async with bench(place, clock=time.clock) as made:
        for number in range(5):
            await made.images.put(b"%d" % number, "image/png", 1, 1)
        await make_older(made, days=2)
        assert await made.images.sweep(at_most=2) == 2
        begun = time.time
        await made.jobs.start()
        async with asyncio.timeout(BOUND_S):
            while files(made.folder):
                await asyncio.sleep(0.005)
                await time.advance(EVERY_S / 10)
        assert time.time - begun < PICTURES_EVERY_S, "it did not wait for the next hour"


async def test_nothing_is_let_go_for_an_hour_after_the_databases_clock_has_jumped_ahead(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    first, job = await a_dreamed_job(place), await a_dreamed_job(place)
    hand, jumped_s = HandClock(), 0.0
    clock = Clock(now=lambda: hand.time - jumped_s, sleep=hand.clock.sleep)
    async with bench(place, clock=clock) as made:
        await make_older(made, days=31)
        async with made.database.write() as session:
            await session.execute(update(JobRow).where(JobRow.id == job.id).values(finished_at=moment()))
        await made.jobs.start()
        async with asyncio.timeout(BOUND_S):
            while await made.store.get(first.id) is not None:
                await asyncio.sleep(0.01)
        # Seen from the database, all that is there has grown old at once, and our own clock knows nothing of it.
        await make_older(made, days=31)
        jumped_s = 31 * DAY_S
        async with asyncio.timeout(BOUND_S):
            while "the database's clock was set" not in caplog.text:
                await hand.advance(EVERY_S)
                await asyncio.sleep(0.05)  # the first step may not have come to its end
        kept = await made.store.get(job.id)
        assert kept is not None
        assert kept.result_hash is not None
        await hand.advance(DISTRUST_S + EVERY_S)
        await made.until(job.id, lambda job: job.result_hash is None)
