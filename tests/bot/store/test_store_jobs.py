"""Jobs in the database: what is written comes back, and nobody decides over another's decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from store_samples import DREAM, PHOTO, TOKEN, a_queued_job, a_request, let_leases_lapse

from bot.errors import UserError
from bot.job import Job, Request, Shown, State
from bot.store.database import Database
from bot.store.jobs import MAX_ATTEMPTS, MAX_STRIKES, JobStore, Result
from bot.store.moments import moment
from bot.store.quotas import Caps, Limits
from bot.store.tables import JobRow
from bot.store.tellings import Tellings

RESULT = Result(hash=DREAM.hash, seconds=1.5, fingerprint="{}")
MINE, THEIRS = "mine", "theirs"


async def a_running_job(jobs: JobStore) -> Job:
    await a_queued_job(jobs)
    job = await jobs.claim(MINE, ())
    assert job is not None
    return job


async def test_a_request_comes_back_as_it_was_asked(jobs: JobStore) -> None:
    request = a_request(guild_id=None, message_id=None, filesize_limit=2**33)
    (job,), is_new = await jobs.accept([request], MINE)
    assert is_new
    read = await jobs.get(job.id)
    assert read == job
    for field in fields(Request):
        assert getattr(read, field.name) == getattr(request, field.name), field.name


async def test_times_keep_their_zone(jobs: JobStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    (job,), _ = await jobs.accept([a_request()], MINE)
    assert job.created_at.utcoffset() == timedelta(0)
    assert before <= job.created_at <= datetime.now(UTC) + timedelta(seconds=1)


async def test_an_interaction_is_one_job_however_often_it_comes(jobs: JobStore, database: Database) -> None:
    request = a_request()
    (first,), _ = await jobs.accept([request], MINE)
    (again,), is_new = await JobStore(database, Caps(whole=Limits(waiting=0))).accept([request], THEIRS)
    assert (again, is_new) == (first, False)


async def test_several_jobs_of_one_interaction_are_written_down_together_in_their_order(jobs: JobStore) -> None:
    first = a_request(recipe='{"seed": 1}', locale="de", private=True, spoiler=True)
    asked = [first, replace(first, recipe='{"seed": 2}', guide_url="https://cdn.discordapp.com/guide.png")]
    written, are_new = await jobs.accept(asked, MINE)
    assert are_new
    assert [(job.place, job.recipe, job.locale, job.private, job.spoiler) for job in written] == [
        (0, '{"seed": 1}', "de", True, True),
        (1, '{"seed": 2}', "de", True, True),
    ]
    assert await jobs.accept(asked, MINE) == (written, False)


async def test_of_several_jobs_all_or_none_is_written_down(jobs: JobStore, database: Database) -> None:
    first = a_request()
    with pytest.raises(UserError, match="no longer kept"):
        await jobs.accept([first, replace(first, source_hash=PHOTO.hash)], MINE)
    three = JobStore(database, Caps(person=Limits(waiting=3)))
    with pytest.raises(UserError, match="asked for 4 dreams at once, and may have 3 more"):
        await three.accept([first] * 4, MINE)
    written, are_new = await three.accept([first] * 3, MINE)
    assert (len(written), are_new) == (3, True)


async def test_a_job_takes_its_way_to_the_dream(jobs: JobStore, tellings: Tellings) -> None:
    job = await a_running_job(jobs)
    assert (job.state, job.owner, job.attempt, job.source_url) == (State.RUNNING, MINE, 1, None)
    done = await jobs.dreamed(job, RESULT)
    assert done is not None
    assert (done.state, done.result_hash, done.seconds) == (State.DREAMED, DREAM.hash, 1.5)
    assert done.finished_at is not None
    assert [untold.id for untold in await tellings.take(MINE, (), 10)] == [job.id]
    told = await tellings.told(job.id, MINE, Shown.POSTED)
    assert told is not None
    assert told.told_at is not None
    assert (told.token, told.owner) == (None, None)
    assert await tellings.take(MINE, (), 10) == []
    assert await tellings.told(job.id, MINE, Shown.POSTED) is None


async def test_an_outcome_is_told_by_who_brought_it_about(jobs: JobStore, tellings: Tellings) -> None:
    job = await a_running_job(jobs)
    await jobs.dreamed(job, RESULT)
    assert await tellings.take(THEIRS, (), 10) == []
    assert await tellings.take(MINE, {job.id}, 10) == []
    assert [untold.id for untold in await tellings.take(MINE, (), 10)] == [job.id]


@pytest.mark.parametrize("works_on_it", [True, False])
async def test_a_cancelled_job_is_told_by_who_works_on_it_else_by_who_cancelled_it(
    jobs: JobStore, tellings: Tellings, works_on_it: bool
) -> None:
    job = await a_running_job(jobs) if works_on_it else await a_queued_job(jobs)
    await jobs.cancel(job.id, THEIRS)
    teller, other = (MINE, THEIRS) if works_on_it else (THEIRS, MINE)
    assert await tellings.take(other, (), 10) == []
    assert [untold.id for untold in await tellings.take(teller, (), 10)] == [job.id]


async def test_an_outcome_whose_teller_is_gone_is_told_by_another(
    jobs: JobStore, tellings: Tellings, database: Database
) -> None:
    job = await a_running_job(jobs)
    await jobs.dreamed(job, RESULT)
    assert [untold.id for untold in await tellings.take(MINE, (), 10)] == [job.id]
    await let_leases_lapse(database)
    assert await tellings.renew(MINE, {job.id}) == {job.id}
    assert await tellings.take(THEIRS, (), 10) == []
    await let_leases_lapse(database)
    assert [(untold.id, untold.owner) for untold in await tellings.take(THEIRS, (), 10)] == [(job.id, THEIRS)]
    assert await tellings.renew(MINE, {job.id}) == frozenset()


async def test_what_a_stopped_process_had_to_tell_is_free_at_once(jobs: JobStore, tellings: Tellings) -> None:
    job = await a_running_job(jobs)
    await jobs.dreamed(job, RESULT)
    await tellings.take(MINE, (), 10)
    await jobs.release(MINE)
    assert [untold.id for untold in await tellings.take(THEIRS, (), 10)] == [job.id]


CHANGES: dict[str, Callable[[JobStore, Job], Awaitable[Job | None]]] = {
    "enqueue": lambda jobs, job: jobs.enqueue(job, PHOTO.hash, None, 1.0),
    "dreamed": lambda jobs, job: jobs.dreamed(job, RESULT),
    "fail": lambda jobs, job: jobs.fail(job, "no"),
    "put back": lambda jobs, job: jobs.put_back(job, strike=True),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "stale",
    [
        lambda job: replace(job, state=State.ACCEPTED),
        lambda job: replace(job, owner=THEIRS),
        lambda job: replace(job, owner=None),
        lambda job: replace(job, attempt=job.attempt + 1),
    ],
)
async def test_a_stale_view_of_a_job_changes_nothing(jobs: JobStore, change: str, stale: Callable[[Job], Job]) -> None:
    job = await a_running_job(jobs)
    assert await CHANGES[change](jobs, stale(job)) is None
    assert await jobs.get(job.id) == job


async def test_a_lapsed_lease_is_claimed_again_and_the_late_one_loses(jobs: JobStore, database: Database) -> None:
    late = await a_running_job(jobs)
    assert await jobs.claim(THEIRS, ()) is None
    await let_leases_lapse(database)
    assert await jobs.claim(THEIRS, {late.id}) is None
    now = await jobs.claim(THEIRS, ())
    assert now is not None
    assert (now.id, now.owner, now.attempt, now.strikes) == (late.id, THEIRS, 2, 0)
    assert await jobs.dreamed(late, RESULT) is None
    assert await jobs.renew(MINE, {late.id}) == frozenset()
    assert await jobs.dreamed(now, RESULT) is not None


async def test_a_lease_from_before_the_clock_was_set_back_has_lapsed(jobs: JobStore, database: Database) -> None:
    late = await a_running_job(jobs)
    async with database.write() as session:
        await session.execute(update(JobRow).values(lease_until=moment(3600.0)))
    now = await jobs.claim(THEIRS, ())
    assert now is not None
    assert (now.id, now.owner) == (late.id, THEIRS)


async def test_a_renewed_lease_is_not_claimed(jobs: JobStore, database: Database) -> None:
    job = await a_running_job(jobs)
    await let_leases_lapse(database)
    assert await jobs.renew(MINE, {job.id}) == {job.id}
    assert await jobs.claim(THEIRS, ()) is None


async def test_the_third_strike_fails_a_job_with_an_apology(jobs: JobStore) -> None:
    await a_queued_job(jobs)
    for strike in range(1, MAX_STRIKES + 1):
        job = await jobs.claim(MINE, ())
        assert job is not None
        after = await jobs.put_back(job, strike=True)
        assert after is not None
        assert after.strikes == strike
    assert after.state is State.FAILED
    assert after.failure is not None
    assert "sorry" in after.failure


async def test_restarts_are_no_strikes_but_have_an_end(jobs: JobStore) -> None:
    await a_queued_job(jobs)
    for _ in range(MAX_ATTEMPTS):
        job = await jobs.claim(MINE, ())
        assert job is not None
        assert job.state is State.RUNNING
        await jobs.put_back(job, strike=False)
    worn = await jobs.claim(MINE, ())
    assert worn is not None
    assert (worn.state, worn.strikes) == (State.FAILED, 0)
    assert worn.failure is not None
    assert await jobs.claim(MINE, ()) is None


async def test_a_persons_jobs_come_in_the_order_of_the_queue_and_those_without_a_place_last(jobs: JobStore) -> None:
    fetched, _ = await jobs.accept([a_request()], MINE)
    placed = [await a_queued_job(jobs) for _ in range(2)]
    assert await jobs.claim(MINE, ()) is not None
    later, _ = await jobs.accept([a_request()], MINE)
    expected = [job.id for job in (*placed, *fetched, *later)]
    assert [job.id for job in await jobs.live(person_id=1)] == expected
    assert [job.id for job in await jobs.live(guild_id=2)] == expected


async def test_a_job_that_waits_or_runs_can_be_cancelled_once(jobs: JobStore) -> None:
    (accepted,), _ = await jobs.accept([a_request()], MINE)
    queued = await a_queued_job(jobs)
    for job in (accepted, queued):
        cancelled = await jobs.cancel(job.id, MINE)
        assert cancelled is not None
        assert cancelled.state is State.CANCELLED
        assert await jobs.cancel(job.id, MINE) is None
    running = await a_running_job(jobs)
    assert await jobs.cancel(running.id, MINE) is not None
    assert await jobs.dreamed(running, RESULT) is None
    assert await jobs.enqueue(accepted, PHOTO.hash, None, 1.0) is None


async def test_what_another_process_held_is_free_again(jobs: JobStore) -> None:
    running = await a_running_job(jobs)
    (accepted,), _ = await jobs.accept([a_request()], MINE)
    assert await jobs.adopt(THEIRS, ()) == []
    await jobs.release_others(MINE)
    assert await jobs.get(running.id) == running
    await jobs.release_others(THEIRS)
    free = await jobs.get(running.id)
    assert free is not None
    assert (free.state, free.owner, free.attempt, free.strikes) == (State.QUEUED, None, 1, 0)
    adopted = await jobs.adopt(THEIRS, ())
    assert [(job.id, job.owner) for job in adopted] == [(accepted.id, THEIRS)]


async def test_an_accepted_job_with_a_lapsed_owner_is_adopted(jobs: JobStore, database: Database) -> None:
    (job,), _ = await jobs.accept([a_request()], MINE)
    await let_leases_lapse(database)
    assert await jobs.adopt(THEIRS, {job.id}) == []
    assert [adopted.id for adopted in await jobs.adopt(THEIRS, ())] == [job.id]
    assert await jobs.fail(job, "too late") is None


async def test_tokens_are_blanked_when_they_expire(jobs: JobStore, tellings: Tellings) -> None:
    (dead,), _ = await jobs.accept([a_request(token_expires_at=datetime.now(UTC))], MINE)
    (alive,), _ = await jobs.accept([a_request()], MINE)
    assert await tellings.blank_tokens() == 1
    tokens = [job and job.token for job in (await jobs.get(dead.id), await jobs.get(alive.id))]
    assert tokens == [None, TOKEN]


async def test_a_token_stands_in_no_representation_and_no_error(jobs: JobStore, database: Database) -> None:
    request = a_request()
    (job,), _ = await jobs.accept([request], MINE)
    assert TOKEN not in repr(request) + repr(job)
    async with database.write() as session:
        with pytest.raises(IntegrityError) as error:
            # PostgreSQL shows the whole row that it refuses, the library all parameters.
            await session.execute(text("UPDATE job SET note = :note, state = 'odd'"), {"note": TOKEN})
    assert TOKEN not in f"{error.value} {error.value.orig}"
    assert "ck_job_state" in str(error.value)


async def test_pictures_are_let_go_and_nothing_more_is_told(jobs: JobStore, tellings: Tellings) -> None:
    job = await a_running_job(jobs)
    assert await tellings.let_go(job.id) == []
    await jobs.dreamed(job, RESULT)
    assert await tellings.let_go_older(3600) == []
    assert await tellings.let_go_older(0) == [job.id]
    gone = await jobs.get(job.id)
    assert gone is not None
    assert (gone.source_hash, gone.result_hash, gone.token) == (None, None, None)
    assert gone.told_at is not None
    assert await tellings.let_go_older(0) == []


async def test_a_child_starts_from_its_parents_pictures_only(jobs: JobStore) -> None:
    parent = await a_running_job(jobs)
    with pytest.raises(UserError, match="no longer kept"):
        await jobs.accept([a_request(source_hash=DREAM.hash, parent_id=parent.id)], MINE)
    await jobs.dreamed(parent, RESULT)
    (child,), _ = await jobs.accept([a_request(source_hash=DREAM.hash, parent_id=parent.id)], MINE)
    assert child.source_hash == DREAM.hash
    with pytest.raises(UserError, match="no longer kept"):
        await jobs.accept([a_request(source_hash=DREAM.hash, parent_id=parent.id + 99)], MINE)


@pytest.mark.parametrize("picture", ["guide_hash", "mask_hash"])
async def test_a_guide_and_a_mask_of_ours_come_from_the_parent(
    jobs: JobStore, database: Database, picture: str
) -> None:
    parent = await a_queued_job(jobs)
    with pytest.raises(UserError, match="no longer kept"):
        await jobs.accept([a_request(**{picture: DREAM.hash}, parent_id=parent.id)], MINE)
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == parent.id).values({picture: DREAM.hash}))
    (child,), _ = await jobs.accept([a_request(**{picture: DREAM.hash}, parent_id=parent.id)], MINE)
    assert getattr(child, picture) == DREAM.hash
    with pytest.raises(UserError, match="no longer kept"):
        await jobs.accept([a_request(**{picture: DREAM.hash})], MINE)


async def test_age_restriction_is_inherited(jobs: JobStore) -> None:
    parent = await a_queued_job(jobs, restricted=True)
    (child,), _ = await jobs.accept([a_request(source_hash=PHOTO.hash, parent_id=parent.id)], MINE)
    assert child.restricted
