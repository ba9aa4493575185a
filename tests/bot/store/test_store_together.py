"""Several jobs of one message in the database: told once, when the last has an outcome, and let go together."""

from __future__ import annotations

from dataclasses import replace

from store_samples import DREAM, PHOTO, a_queued_job, a_request

from bot.job import OUTCOMES, Job, Shown, State
from bot.store.jobs import JobStore, Result
from bot.store.tellings import Tellings

MINE, THEIRS = "mine", "theirs"


async def three(jobs: JobStore) -> list[Job]:
    """Have three dreams asked for at once."""
    request = a_request()
    written, _ = await jobs.accept([request, replace(request, recipe='{"seed": 1}'), request], MINE)
    assert [job.jobs_in_message for job in written] == [3, 3, 3]
    return written


async def dreamed(jobs: JobStore, job: Job, owner: str) -> None:
    queued = await jobs.enqueue(job, PHOTO.hash, None, 1.0)
    assert queued is not None
    claimed = await jobs.claim(owner, ())
    assert claimed is not None
    assert await jobs.dreamed(claimed, Result(DREAM.hash, 1.0, "{}")) is not None


async def test_they_are_told_once_when_the_last_has_an_outcome(jobs: JobStore, tellings: Tellings) -> None:
    first, second, third = await three(jobs)
    await jobs.fail(first, "no")
    await dreamed(jobs, third, THEIRS)
    assert await tellings.take(MINE, (), 9) == await tellings.take(THEIRS, (), 9) == []
    await dreamed(jobs, second, THEIRS)
    assert await tellings.take(THEIRS, (), 9) == [], "who has the first of them tells of all"
    assert [job.id for job in await tellings.take(MINE, (), 9)] == [first.id]
    told = await tellings.told(first.id, MINE, Shown.POSTED, message_id=99)
    assert told is not None
    assert told.id == first.id
    for job in await jobs.together(second.id):
        assert (job.shown, job.message_id, job.token) == (Shown.POSTED, 99, None)
        assert job.told_at is not None
    assert await tellings.take(MINE, (), 9) == []


async def test_cancelling_ends_those_that_are_not_over(jobs: JobStore) -> None:
    first, second, third = await three(jobs)
    alone = await a_queued_job(jobs)
    await jobs.fail(second, "no")
    assert [job.id for job in await jobs.cancel_together(third.id, THEIRS)] == [first.id, third.id]
    assert await jobs.cancel_together(first.id, THEIRS) == []
    states = [job.state for job in await jobs.together(first.id)]
    assert states == [State.CANCELLED, State.FAILED, State.CANCELLED]
    assert await jobs.get(alone.id) == alone


async def test_what_could_not_be_shown_is_kept_as_one(jobs: JobStore, tellings: Tellings) -> None:
    first, *_ = await three(jobs)
    await jobs.cancel_together(first.id, MINE)
    await tellings.told(first.id, MINE, Shown.KEPT)
    assert [job.id for job in await jobs.kept(first.person_id, 9)] == [first.id]
    await tellings.fetched(first.id)
    assert await jobs.kept(first.person_id, 9) == []
    assert {job.shown for job in await jobs.together(first.id)} == {Shown.POSTED}


async def test_their_pictures_go_together(jobs: JobStore, tellings: Tellings) -> None:
    first, second, third = await three(jobs)
    await dreamed(jobs, second, MINE)
    await jobs.cancel_together(first.id, MINE)
    assert sorted(await tellings.let_go(third.id)) == [first.id, second.id, third.id]
    together = await jobs.together(first.id)
    assert {(job.source_hash, job.result_hash) for job in together} == {(None, None)}
    assert all(job.state in OUTCOMES and job.told_at is not None for job in together)


async def test_of_two_who_post_a_private_dream_at_once_one_does(jobs: JobStore, tellings: Tellings) -> None:
    request = a_request(private=True)
    (first, _), _ = await jobs.accept([request, request], MINE)
    await jobs.cancel_together(first.id, MINE)
    assert await tellings.set_private(first.id, private=False)
    assert not await tellings.set_private(first.id, private=False)
    await tellings.moved(first.id, 99)
    assert {(job.private, job.message_id) for job in await jobs.together(first.id)} == {(False, 99)}
