"""A bot that was killed: rows as each crash leaves them, a new start, one answer to each person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from jobs_bench import GONE, Bench, Place, a_request, bench, dreamed
from sqlalchemy import update

from bot.job import Job, Shown, State
from bot.jobs.results import Results
from bot.store.jobs import Result
from bot.store.moments import moment
from bot.store.tables import JobRow

DEAD = "a process that is no more"


async def accepted(made: Bench) -> Job:
    (job,), _ = await made.store.accept([a_request()], DEAD)
    return job


async def accepted_and_gone(made: Bench) -> Job:
    (job,), _ = await made.store.accept([a_request(source_url="https://cdn.discordapp.com/gone.png")], DEAD)
    return job


async def queued(made: Bench) -> Job:
    source = await made.images.put(b"a clean photo", "image/png", 64, 48)
    job = await made.store.enqueue(await accepted(made), source, None, 30.0)
    assert job is not None
    return job


async def running(made: Bench) -> Job:
    await queued(made)
    job = await made.store.claim(DEAD, ())
    assert job is not None
    return job


async def running_with_its_result_stored(made: Bench) -> Job:
    job = await running(made)
    await Results(made.images).keep(job.id, dreamed(b"dreamed before"))
    return job


async def dreamed_but_not_told(made: Bench) -> Job:
    job = await running(made)
    result = await made.images.put(b"dreamed before", "image/png", 64, 48)
    done = await made.store.dreamed(job, Result(result, 1.0, "{}"))
    assert done is not None
    return done


async def failed_but_not_told(made: Bench) -> Job:
    job = await made.store.fail(await running(made), "no")
    assert job is not None
    return job


async def cancelled_but_not_told(made: Bench) -> Job:
    job = await made.store.cancel((await queued(made)).id, DEAD)
    assert job is not None
    return job


async def crashed(made: Bench, crash: Crash) -> Job:
    """Leave a job as a crash does, until it may be taken up: of several processes, that is when its lease lapses."""
    job = await crash(made)
    if not made.database.exclusive:
        async with made.database.write() as session:
            await session.execute(update(JobRow).values(lease_until=moment(-1)))
    return job


Crash = Callable[[Bench], Awaitable[Job]]
DREAMS_ANEW: list[Crash] = [accepted, queued, running]
KNOWS_ALREADY: list[tuple[Crash, State, bytes | None]] = [
    (accepted_and_gone, State.FAILED, None),
    (running_with_its_result_stored, State.DREAMED, b"dreamed before"),
    (dreamed_but_not_told, State.DREAMED, b"dreamed before"),
    (failed_but_not_told, State.FAILED, None),
    (cancelled_but_not_told, State.CANCELLED, None),
]


@pytest.mark.parametrize("crash", DREAMS_ANEW)
async def test_a_job_cut_off_before_its_dream_was_done_is_dreamed(place: Place, crash: Crash) -> None:
    async with bench(place) as made:
        job = await crashed(made, crash)
        await made.jobs.start()
        (await made.pool.next()).end(dreamed(b"dreamed now"))
        told, picture = await made.chat.told(job.id)
        assert (told.state, picture, told.strikes) == (State.DREAMED, b"dreamed now", 0)
        await made.until_told_at(job.id)
    assert len(made.chat.tellings) == 1


@pytest.mark.parametrize(("crash", "state", "expected"), KNOWS_ALREADY)
async def test_an_outcome_that_was_there_is_told_and_nothing_is_dreamed_twice(
    place: Place, crash: Crash, state: State, expected: bytes | None
) -> None:
    async with bench(place) as made:
        job = await crashed(made, crash)
        await made.jobs.start()
        told, picture = await made.chat.told(job.id)
        assert (told.state, picture) == (state, expected)
        await made.until_told_at(job.id)
        assert made.pool.is_idle
    assert len(made.chat.tellings) == 1


async def test_who_sent_a_picture_that_is_gone_is_asked_to_send_it_again(place: Place) -> None:
    async with bench(place) as made:
        job = await crashed(made, accepted_and_gone)
        await made.jobs.start()
        told, _ = await made.chat.told(job.id)
        assert told.failure == GONE


async def test_who_was_told_is_not_told_again(place: Place) -> None:
    async with bench(place) as made:
        job = await crashed(made, dreamed_but_not_told)
        await made.tellings.told(job.id, DEAD, Shown.POSTED)
        await made.jobs.start()
        later = await made.dream_one()
        assert [told.id for told, _ in made.chat.tellings] == [later.id]


async def test_a_stored_result_whose_picture_was_lost_is_dreamed_again(place: Place) -> None:
    async with bench(place) as made:
        job = await crashed(made, running_with_its_result_stored)
        result = await Results(made.images).find(job.id)
        assert result is not None
        (made.folder / "blobs" / result.hash[:2] / result.hash).unlink()
        await made.jobs.start()
        (await made.pool.next()).end(dreamed(b"dreamed now"))
        assert (await made.chat.told(job.id))[1] == b"dreamed now"


async def test_nothing_that_only_names_a_result_is_left_behind(place: Place) -> None:
    async with bench(place) as made:
        job = await crashed(made, running_with_its_result_stored)
        await made.jobs.start()
        await made.until_told_at(job.id)
        await made.dream_one()
        assert list((made.folder / "results").iterdir()) == []


async def test_a_stop_puts_back_what_runs_and_the_next_start_goes_on(place: Place) -> None:
    async with bench(place) as first:
        await first.jobs.start()
        (job,) = await first.jobs.accept(a_request())
        dream = await first.pool.next()
        await first.jobs.stop(grace_s=0)
        assert dream.left.is_set()
        put_back = await first.store.get(job.id)
        assert put_back is not None
        assert (put_back.state, put_back.owner, put_back.strikes) == (State.QUEUED, None, 0)
    assert first.chat.tellings == []
    async with bench(place) as second:
        await second.jobs.start()
        (await second.pool.next()).end()
        assert (await second.chat.told(job.id))[0].state is State.DREAMED


async def test_a_stop_lets_a_dream_finish_and_tells_it(place: Place) -> None:
    async with bench(place) as made:
        await made.jobs.start()
        (job,) = await made.jobs.accept(a_request())
        (await made.pool.next()).end()
        await made.jobs.stop(grace_s=10)
        assert [told.id for told, _ in made.chat.tellings] == [job.id]
        now = await made.store.get(job.id)
        assert now is not None
        assert now.told_at is not None


async def test_an_arrival_cut_off_by_a_stop_goes_on_at_the_next_start(place: Place) -> None:
    async with bench(place) as first:
        await first.jobs.start()
        first.web.gate = asyncio.Event()
        (job,) = await first.jobs.accept(a_request())
        await first.jobs.stop(grace_s=0)
        left = await first.store.get(job.id)
        assert left is not None
        assert (left.state, left.owner) == (State.ACCEPTED, None)
    async with bench(place) as second:
        await second.jobs.start()
        (await second.pool.next()).end()
        assert (await second.chat.told(job.id))[0].state is State.DREAMED
