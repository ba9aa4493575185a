"""Several at once on one gallery, through connections of their own, and connections that are lost after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

import pytest
from gallery_samples import DREAMER, GUILD, MODERATOR, VOTER, a_dream, a_visitor, an_entry
from sqlalchemy import func, select

from bot.entry import Entry, EntryState, Nominee
from bot.store.database import Database
from bot.store.gallery.acts import Act, Acts
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import Draft, EntryStore
from bot.store.gallery.leaving import Leavings
from bot.store.gallery.queues import Queues
from bot.store.gallery.tables import EntryRow, EntryTermRow, ReportRow, VoteRow
from bot.store.gallery.votes import Votes
from bot.store.privacy import PrivacyStore

T = TypeVar("T")
MOD = a_visitor(MODERATOR, moderates=True)
OWNER = a_visitor(DREAMER)


class Forgetful(Database):
    """A database whose connection is lost each time between the commit and its answer: everything is done twice."""

    async def _connected(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        await work()
        return await work()


@pytest.fixture
async def forgetful(database: Database, database_url: str) -> AsyncIterator[Database]:
    made = Forgetful(database_url)
    yield made
    await made.close()


async def a_nomination(database: Database) -> Entry:
    dream = await a_dream(database)
    return await EntryStore(database).nominate(OWNER, Nominee(dream, 64, 48))


async def now(database: Database, entry: Entry) -> EntryRow | None:
    async with database.read() as session:
        return await session.get(EntryRow, entry.id)


async def counted(database: Database, table: type[VoteRow | ReportRow | EntryTermRow], entry: Entry) -> int:
    async with database.read() as session:
        found = select(func.count()).select_from(table).where(table.entry_id == entry.id)
        return await session.scalar(found) or 0


async def acts(database: Database) -> list[Act]:
    return [line.act for line in await Acts(database).newest(GUILD, 100)][::-1]


async def test_votes_of_a_hundred_people_at_once_are_a_hundred(database: Database, other_database: Database) -> None:
    entry = await an_entry(database)
    stores = [Votes(database), Votes(other_database)]
    await asyncio.gather(
        *(stores[n % 2].cast(a_visitor(100 + n), entry.id, for_it=True) for n in range(100)),
        *(stores[n % 2].cast(a_visitor(100 + n), entry.id, for_it=True) for n in range(0, 100, 3)),
    )
    assert (await now(database, entry)).votes == await counted(database, VoteRow, entry) == 100  # type: ignore[union-attr]
    await asyncio.gather(*(stores[n % 2].cast(a_visitor(100 + n % 40), entry.id, for_it=False) for n in range(80)))
    assert (await now(database, entry)).votes == await counted(database, VoteRow, entry) == 60  # type: ignore[union-attr]


async def test_reports_at_once_hide_an_entry_once(database: Database, other_database: Database) -> None:
    entry = await an_entry(database)
    stores = [Decisions(database), Decisions(other_database)]
    await asyncio.gather(*(stores[n % 2].report(a_visitor(100 + n), entry.id, "no", 5) for n in range(20)))
    row = await now(database, entry)
    assert row is not None
    assert (row.state, row.reports) == (EntryState.HIDDEN, 5)
    assert (await acts(database)).count(Act.HIDDEN) == 1


async def test_of_two_moderators_one_decides(database: Database, other_database: Database) -> None:
    for _ in range(8):
        entry = await an_entry(database, state=EntryState.PENDING)
        approved, removed = await asyncio.gather(
            Decisions(database).show(MOD, entry.id, EntryState.PENDING),
            Decisions(other_database).remove(MOD, entry.id, EntryState.PENDING, "no"),
        )
        (decided,) = [one for one in (approved, removed) if one is not None]
        row = await now(database, entry)
        assert row is not None
        assert row.state is decided.state
        assert (await counted(database, EntryTermRow, entry) > 0) is (decided.state is EntryState.SHOWN)


async def test_what_is_removed_at_the_moment_it_is_withdrawn_stays_removed_or_goes(
    database: Database, other_database: Database
) -> None:
    for _ in range(8):
        entry = await an_entry(database)
        removed, withdrawn = await asyncio.gather(
            Decisions(database).remove(MOD, entry.id, EntryState.SHOWN, "no"),
            EntryStore(other_database).withdraw(DREAMER, entry.id),
        )
        assert (removed is None) is (withdrawn is not None), "one of them decided"
        row = await now(database, entry)
        assert (row is None) is (withdrawn is not None)
        assert await counted(database, EntryTermRow, entry) == 0


async def test_a_nomination_that_is_promoted_while_it_is_withdrawn_is_gone(
    database: Database, other_database: Database
) -> None:
    for _ in range(8):
        entry = await a_nomination(database)
        await Votes(database).cast(a_visitor(), entry.id, for_it=True)
        _, withdrawn = await asyncio.gather(
            Votes(database).promote(entry.id, 1, EntryState.SHOWN),
            EntryStore(other_database).withdraw(DREAMER, entry.id),
        )
        assert withdrawn is not None
        assert await now(database, entry) is None
        assert await counted(database, EntryTermRow, entry) == 0


async def test_votes_that_reach_the_number_at_once_promote_once(database: Database, other_database: Database) -> None:
    entry = await a_nomination(database)
    stores = [Votes(database), Votes(other_database)]

    async def vote(person: int) -> Entry | None:
        votes = stores[person % 2]
        await votes.cast(a_visitor(100 + person), entry.id, for_it=True)
        return await votes.promote(entry.id, 3, EntryState.SHOWN)

    promoted = [one for one in await asyncio.gather(*map(vote, range(12))) if one is not None]
    assert len(promoted) == 1
    assert await acts(database) == [Act.ADDED]


async def test_a_dream_that_is_added_twice_at_once_is_one_entry(database: Database, other_database: Database) -> None:
    dream = await a_dream(database)
    stores = [EntryStore(database), EntryStore(other_database)]
    adding = [one.add(OWNER, Nominee(dream, 64, 48), Draft(), EntryState.SHOWN, 10) for one in stores]
    nominating = [one.nominate(a_visitor(), Nominee(dream, 64, 48)) for one in stores]
    results = await asyncio.gather(*adding, *nominating, return_exceptions=True)
    assert len({one.id for one in results if isinstance(one, Entry)}) == 1
    assert await acts(database) == [Act.ADDED]


async def test_who_is_forgotten_while_they_vote_and_report_leaves_no_number_behind(
    database: Database, other_database: Database
) -> None:
    entries = [await an_entry(database) for _ in range(4)]
    votes, decisions, privacy = Votes(other_database), Decisions(other_database), PrivacyStore(database)
    for _ in range(6):
        for entry in entries[:2]:
            await votes.cast(a_visitor(), entry.id, for_it=True)
            await decisions.report(a_visitor(), entry.id, "no", 100)
        await asyncio.gather(
            privacy.forget(VOTER),
            *(votes.toggle(a_visitor(), entry.id) for entry in entries),
            *(decisions.report(a_visitor(), entry.id, "no", 100) for entry in entries),
        )
        for entry in entries:
            row = await now(database, entry)
            assert row is not None
            assert row.votes == await counted(database, VoteRow, entry)
            assert row.reports == await counted(database, ReportRow, entry)
        await privacy.forget(VOTER)


async def test_what_is_restored_while_removed_pictures_go_has_its_picture(
    database: Database, other_database: Database
) -> None:
    for _ in range(8):
        entry = await an_entry(database)
        await Decisions(database).remove(MOD, entry.id, EntryState.SHOWN, "no")
        _, shown = await asyncio.gather(
            Leavings(database).let_go_pictures(0.0, 10),
            Decisions(other_database).show(MOD, entry.id, EntryState.REMOVED),
        )
        row = await now(database, entry)
        assert row is not None
        assert (row.picture_hash is None) is (shown is None)
        assert row.state is (EntryState.REMOVED if shown is None else EntryState.SHOWN)


async def test_what_is_done_again_after_a_lost_connection_is_done_once(database: Database, forgetful: Database) -> None:
    entries, votes, decisions = EntryStore(forgetful), Votes(forgetful), Decisions(forgetful)
    dream = await a_dream(database)
    entry = await entries.add(OWNER, Nominee(dream, 64, 48), Draft("Waves"), EntryState.SHOWN, 1)
    assert entry.title == "Waves", "it is no refusal as one that is in already, nor as one too many today"
    voted = await votes.cast(a_visitor(), entry.id, for_it=True)
    assert voted is not None
    assert voted.votes == 1
    toggled = await votes.toggle(a_visitor(99), entry.id)
    assert toggled is not None
    assert (toggled[0].votes, toggled[1]) == (2, True), "it is not turned back"
    toggled = await votes.toggle(a_visitor(99), entry.id)
    assert toggled is not None
    assert (toggled[0].votes, toggled[1]) == (1, False)
    reported = await decisions.report(a_visitor(), entry.id, "no", 100)
    assert reported is not None
    assert reported.reports == 1
    await Queues(forgetful).keep(MOD, entry.id, EntryState.SHOWN, 1)
    await decisions.remove(MOD, entry.id, EntryState.SHOWN, "no")
    await decisions.show(MOD, entry.id, EntryState.REMOVED)
    await decisions.clear(MOD, DREAMER, None)
    nomination = await entries.nominate(OWNER, Nominee(await a_dream(database), 64, 48))
    await votes.cast(a_visitor(), nomination.id, for_it=True)
    await votes.promote(nomination.id, 1, EntryState.PENDING)
    await entries.withdraw(DREAMER, nomination.id)
    done = [Act.ADDED, Act.DISMISSED, Act.REMOVED, Act.RESTORED, Act.CLEARED, Act.ASKED, Act.WITHDRAWN]
    assert await acts(database) == done
