"""What the operator settles holds in the transaction that writes a dream down, ends what is under way, and is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from gallery_samples import a_dream
from store_samples import a_queued_job, a_request

from bot.errors import UserError
from bot.job import State
from bot.regime import Block, Regime
from bot.store.admin.acts import AdminActs, By
from bot.store.admin.regimes import ENDED, Regimes
from bot.store.admin.reports import MOST_OPEN, Decision, Reports
from bot.store.admin.takedowns import Known, Takedowns
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.opening import opened_beside
from bot.store.tellings import Tellings

ROOT = By(login="root")
PERSON, GUILD, OTHER = 1, 2, 9


@pytest.fixture
def regimes(database: Database) -> Regimes:
    return Regimes(database)


async def test_nothing_is_settled_at_first(regimes: Regimes, jobs: JobStore) -> None:
    assert await regimes.get() == (Regime(), None)
    assert await regimes.version() == 0
    assert await jobs.accept([a_request()], "mine")


async def test_who_is_shut_out_or_comes_in_a_pause_writes_nothing_down(
    database: Database, regimes: Regimes, jobs: JobStore
) -> None:
    await regimes.block_person(PERSON, Block("Spam."), ROOT)
    with pytest.raises(UserError, match=r"shut you out.*Spam"):
        await jobs.accept([a_request(person_id=PERSON)], "mine")
    await regimes.unblock_person(PERSON, ROOT)
    await regimes.block_server(GUILD, Block("A raid."), ROOT)
    with pytest.raises(UserError, match=r"this server out.*A raid"):
        await jobs.accept([a_request(guild_id=GUILD)], "mine")
    await jobs.accept([a_request(guild_id=None)], "mine")
    await regimes.unblock_server(GUILD, ROOT)
    await regimes.pause("Moving.", None, ROOT)
    with pytest.raises(UserError, match=r"no new dreams.*Moving\."):
        await jobs.accept([a_request()], "mine")
    assert await regimes.resume(ROOT)
    assert not await regimes.resume(ROOT)
    await jobs.accept([a_request()], "mine")
    acts = [one.act for one in await AdminActs(database).newest(9)]
    assert acts == ["resumed", "paused", "unblocked", "blocked", "unblocked", "blocked"]


async def test_what_is_over_holds_no_more(regimes: Regimes, jobs: JobStore) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    await regimes.block_person(PERSON, Block("Spam.", past), ROOT)
    await regimes.block_server(GUILD, Block("A raid.", past), ROOT)
    await regimes.pause("Moving.", past, ROOT)
    await jobs.accept([a_request()], "mine")
    assert (await regimes.get())[0].paused is None


async def test_what_is_under_way_ends_and_is_told_and_others_go_on(
    regimes: Regimes, jobs: JobStore, tellings: Tellings
) -> None:
    waiting = await a_queued_job(jobs, person_id=PERSON)
    running = await jobs.claim("worker", [])
    assert running is not None
    (accepted,), _ = await jobs.accept([a_request(person_id=PERSON)], "arrivals")
    other = await a_queued_job(jobs, person_id=OTHER)
    assert await regimes.block_person(PERSON, Block("Spam."), ROOT) == 2
    for job in (waiting, accepted):
        now = await jobs.get(job.id)
        assert now is not None
        assert (now.state, now.failure) == (State.FAILED, ENDED)
    assert await jobs.renew("worker", [running.id]) == frozenset(), "who dreams it notices"
    assert {job.id for job in await tellings.take("worker", [], 9)} == {running.id}
    assert {job.id for job in await tellings.take("arrivals", [], 9)} == {accepted.id}
    assert [job.id for job in await jobs.waiting()] == [other.id]


async def test_the_first_server_on_the_list_switches_it_on(regimes: Regimes) -> None:
    assert await regimes.allow(GUILD, ROOT)
    assert not await regimes.allow(GUILD, ROOT)
    regime, _ = await regimes.get()
    assert [regime.serves(one) for one in (GUILD, OTHER, None)] == [True, False, True]
    assert await regimes.disallow(GUILD, ROOT)
    assert not await regimes.disallow(GUILD, ROOT)
    assert not (await regimes.get())[0].serves(GUILD), "an empty list stays on"
    await regimes.list_only(ROOT, on=False)
    assert (await regimes.get())[0].serves(OTHER)


async def test_it_is_settled_beside_a_process_that_works_with_the_database(database_url: str, regimes: Regimes) -> None:
    async with opened_beside(database_url) as beside:
        await Regimes(beside).pause("Moving.", None, ROOT)
    assert (await regimes.get())[0].paused is not None


async def test_a_message_is_reported_once_by_each_and_ten_wait_at_most(database: Database) -> None:
    reports = Reports(database)

    async def report(person_id: int, message_id: int) -> None:
        await reports.add(person_id, guild_id=GUILD, channel_id=3, message_id=message_id, reason="Odd.")

    await report(PERSON, 1)
    with pytest.raises(UserError, match="already"):
        await report(PERSON, 1)
    await report(OTHER, 1)
    for number in range(2, MOST_OPEN + 1):
        await report(PERSON, number)
    with pytest.raises(UserError, match="wait to be looked at"):
        await report(PERSON, 99)
    first, *_ = await reports.undecided()
    assert await reports.decide(first.id, Decision.DISMISSED, 7)
    assert not await reports.decide(first.id, Decision.TAKEN_DOWN, 8)
    assert {one.message_id for one in await reports.undecided()} == set(range(2, MOST_OPEN + 1)), "both of the message"
    await report(PERSON, 99)
    decided = await reports.get(first.id)
    assert decided is not None
    assert (decided.decision, decided.decided_by) == (Decision.DISMISSED, 7)
    await reports.let_go(-1.0)
    assert await reports.get(first.id) is None


async def test_a_report_is_taken_up_by_one_and_posted_once(database: Database) -> None:
    reports = Reports(database)
    await reports.add(PERSON, guild_id=None, channel_id=3, message_id=1, reason="Odd.")
    due = await reports.due()
    assert due is not None
    assert await reports.due() is None, "another process posts it"
    await reports.posted(due, 3, 5)
    assert await reports.stale() is None, "its post shows that nothing is decided"
    assert await reports.due() is None


async def test_posts_of_what_was_decided_elsewhere_are_shown_anew_once(database: Database) -> None:
    reports = Reports(database)
    for person_id in (PERSON, OTHER):
        await reports.add(person_id, guild_id=None, channel_id=3, message_id=1, reason="Odd.")
        due = await reports.due()
        assert due is not None
        await reports.posted(due, 30, 40 + person_id)
    first, second = await reports.undecided()
    assert await reports.decide(first.id, Decision.DISMISSED, 7)
    decided = await reports.get(first.id)
    assert decided is not None
    await reports.shown(decided)  # by the press that decided it
    stale = await reports.stale()
    assert stale is not None
    assert (stale.id, stale.posted_channel_id, stale.posted_id, stale.decided_by) == (second.id, 30, 40 + OTHER, 7)
    assert await reports.stale() is None, "another process shows it"
    await reports.shown(stale)
    assert await reports.stale() is None


async def test_a_takedown_decides_the_reports_of_what_it_takes(database: Database) -> None:
    reports, takedowns = Reports(database), Takedowns(database)
    job = await a_dream(database)
    assert job.message_id is not None
    for message_id in (job.message_id, job.message_id + 1):
        await reports.add(PERSON, guild_id=None, channel_id=job.channel_id, message_id=message_id, reason="Odd.")
    await takedowns.take_down(await takedowns.of_job(job.id), Known(), "Not theirs.", By(login="root"))
    (waits,) = await reports.undecided()
    assert waits.message_id == job.message_id + 1
    decided = await reports.get(waits.id - 1)
    assert decided is not None
    assert (decided.decision, decided.decided_by) == (Decision.TAKEN_DOWN, None)
