"""How entries come in, one by one: who may, how many in a day, and what is written down with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gallery_samples import DREAMER, GUILD, MODERATOR, a_dream, a_visitor, an_entry
from sqlalchemy import select

from bot.entry import EntryState, Nominee
from bot.store.database import Database
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import Draft, EnoughTodayError, EntryStore, NearDuplicateError
from bot.store.gallery.tables import EntryRow, LikenessRow
from bot.store.gallery.votes import OwnEntryError, Votes


async def test_what_was_withdrawn_counts_among_those_of_today(database: Database) -> None:
    entries = EntryStore(database)
    for state in (EntryState.SHOWN, EntryState.PENDING):
        entry = await an_entry(database, state=state, a_day=2)
        assert await entries.withdraw(DREAMER, entry.id)
    with pytest.raises(EnoughTodayError):
        await an_entry(database, a_day=2)
    await an_entry(database, a_day=3)
    await an_entry(database, a_day=1, person_id=77)
    await an_entry(database, a_day=1, guild_id=GUILD + 1)


async def test_what_came_in_by_votes_counts_for_nobody(database: Database) -> None:
    nomination = await EntryStore(database).nominate(a_visitor(), Nominee(await a_dream(database), 64, 48))
    await Votes(database).cast(a_visitor(), nomination.id, for_it=True)
    assert await Votes(database).promote(nomination.id, 1, EntryState.SHOWN)
    await an_entry(database, a_day=1)


async def test_by_what_it_is_known_again_comes_in_with_it_and_stays_when_it_is_removed(database: Database) -> None:
    entries, mod = EntryStore(database), a_visitor(MODERATOR, moderates=True)

    async def add(likeness: int) -> int:
        of = Nominee(await a_dream(database), 64, 48, likeness)
        return (await entries.add(a_visitor(DREAMER), of, Draft(), EntryState.SHOWN, 100)).id

    first = await add(0)
    assert await add(0b1111111) != first
    with pytest.raises(NearDuplicateError) as caught:
        await add(0b111111)
    assert caught.value.entry.id == first + 1, "the nearest"
    assert await Decisions(database).remove(mod, first, EntryState.SHOWN, "no")
    with pytest.raises(NearDuplicateError) as caught:
        await add(0b111111)
    assert caught.value.entry.id == first, "the one that was removed, though it is farther away"
    async with database.read() as session:
        assert await session.get(LikenessRow, first)
        assert len(list(await session.scalars(select(EntryRow.id)))) == 2


async def test_whom_nobody_knows_does_nothing(database: Database) -> None:
    entry, nobody = await an_entry(database), a_visitor(None, moderates=True)
    with pytest.raises(ValueError, match="whom nobody knows"):
        await Votes(database).cast(nobody, entry.id, for_it=True)
    with pytest.raises(ValueError, match="whom nobody knows"):
        await Votes(database).toggle(nobody, entry.id)
    with pytest.raises(ValueError, match="whom nobody knows"):
        await Decisions(database).report(nobody, entry.id, "no", 1)
    with pytest.raises(ValueError, match="whom nobody knows"):
        await Decisions(database).bar(nobody, DREAMER, None)
    with pytest.raises(OwnEntryError):
        await Votes(database).cast(replace(nobody, person_id=DREAMER), entry.id, for_it=True)
    now = await EntryStore(database).get(a_visitor(), entry.id)
    assert now is not None
    assert (now.state, now.votes, now.reports) == (EntryState.SHOWN, 0, 0)
    assert await Decisions(database).bars(GUILD, 10) == []
