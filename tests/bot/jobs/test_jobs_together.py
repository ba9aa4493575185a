"""Several jobs in one message: one edit after another shows all of them, and their outcomes are told once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from jobs_bench import NEW_MESSAGE, Bench, Place, a_request, bench, dreamed

from bot.job import Job, Shown, State
from bot.jobs.messenger import Told
from bot.pool.interface import Refused


@pytest.fixture
async def two(place: Place) -> AsyncIterator[Bench]:
    """A service that dreams two at once."""
    async with bench(place, capacity=2) as made:
        await made.jobs.start()
        yield made


async def asked(made: Bench, count: int) -> list[Job]:
    request = a_request()
    return await made.jobs.accept(*(replace(request) for _ in range(count)))


async def test_all_outcomes_are_told_at_once_in_the_order_they_were_asked_for(two: Bench) -> None:
    jobs = await asked(two, 3)
    for number in range(3):
        dream = await two.pool.next()
        assert two.chat.tellings == [], "the last of them has no outcome yet"
        dream.end(Refused("no") if number == 0 else dreamed(f"dream {dream.work.job_id}".encode()))
    for job in jobs:
        await two.until_told_at(job.id)
    assert [job.id for job, _ in two.chat.tellings] == [job.id for job in jobs]
    for job, picture in two.chat.tellings:
        assert picture == (f"dream {job.id}".encode() if job.state is State.DREAMED else None)


async def test_they_are_dreamed_in_the_order_they_were_asked_for_however_late_the_first_picture_comes(
    two: Bench,
) -> None:
    urls = ["first", "second", "third"]
    two.web.files = {url: f"the {url} photo".encode() for url in urls}
    two.web.late["first"] = asyncio.Event()
    request = a_request()
    jobs = await two.jobs.accept(*(replace(request, source_url=url) for url in urls))
    await two.until_stored(2)
    two.web.late["first"].set()
    begun = []
    for _ in jobs:
        dream = await two.pool.next()
        begun.append(dream.work.job_id)
        dream.end()
    assert begun == [job.id for job in jobs]


async def test_each_edit_shows_where_all_of_them_stand(two: Bench) -> None:
    jobs = await asked(two, 3)
    first, _ = await two.pool.next(), await two.pool.next()
    first.progress(1, 0.4)
    await two.chat.until(lambda: any(one.octave == 1 for one in two.chat.shown))
    assert {one.job.id for one in two.chat.shown[-3:]} == {job.id for job in jobs}
    first.end()
    third = await two.pool.next()
    third.progress(2, 0.7)
    await two.chat.until(lambda: any(one.octave == 2 for one in two.chat.shown))
    newest = {one.job.id: one for one in two.chat.shown[-3:]}
    assert newest[first.work.job_id].job.state is State.DREAMED
    assert newest[first.work.job_id].preview == b"preview 1", "its newest preview stays"
    assert newest[third.work.job_id].octave == 2


async def test_cancel_ends_all_that_have_no_outcome_and_is_told_once(two: Bench) -> None:
    jobs = await asked(two, 4)
    first, second = await two.pool.next(), await two.pool.next()
    first.end()
    await two.until_state(first.work.job_id, State.DREAMED)
    assert await two.jobs.cancel_together(jobs[3])
    assert second.work.job_id in two.pool.cancelled
    await two.until_told_at(jobs[0].id)
    assert [job.id for job, _ in two.chat.tellings] == [job.id for job in jobs]
    states = {job.id: job.state for job, _ in two.chat.tellings}
    assert states.pop(first.work.job_id) is State.DREAMED
    assert set(states.values()) == {State.CANCELLED}
    assert not await two.jobs.cancel_together(jobs[0])


async def test_what_was_dreamed_before_a_death_is_told_with_what_was_not(place: Place) -> None:
    async with bench(place) as dies:
        await dies.jobs.start()
        jobs = await asked(dies, 2)
        dreamed_before = await dies.pool.next()
        dreamed_before.end()
        await dies.pool.next()
        await dies.until_state(dreamed_before.work.job_id, State.DREAMED)
    async with bench(place) as lives:
        await lives.jobs.start()
        dream = await lives.pool.next()
        assert dream.work.job_id != dreamed_before.work.job_id, "it is not dreamed again"
        assert lives.chat.tellings == []
        dream.end()
        await lives.until_told_at(jobs[1].id)
        assert [job.id for job, _ in lives.chat.tellings] == [job.id for job in jobs]


async def test_a_message_that_can_be_edited_no_more_is_posted_anew_for_all(two: Bench) -> None:
    two.chat.answers = [Told.STUCK, Told.DONE]
    jobs = await asked(two, 2)
    for _ in jobs:
        (await two.pool.next()).end()
    for job in jobs:
        told = await two.until_told_at(job.id)
        assert (told.shown, told.message_id) == (Shown.POSTED, NEW_MESSAGE)


async def test_removing_one_removes_its_message_with_all(two: Bench) -> None:
    jobs = await asked(two, 3)
    (await two.pool.next()).end()
    await two.jobs.remove(jobs[1])
    for job in await two.store.together(jobs[0].id):
        assert (job.source_hash, job.result_hash) == (None, None)
        assert job.told_at is not None
