"""Copies of entries that somebody shared: written down before they are posted, and gone with their entry."""

from __future__ import annotations

from typing import Any

import pytest
from gallery_samples import DREAMER, GUILD, a_dream, an_entry
from sqlalchemy import select

from bot.entry import Entry, EntryState
from bot.job import State
from bot.store.admin.acts import By
from bot.store.admin.left import LeftStore
from bot.store.admin.reports import Reports
from bot.store.admin.takedowns import Known, Takedowns
from bot.store.changes import change
from bot.store.database import Database
from bot.store.gallery.copies import Copies
from bot.store.gallery.entries import EntryStore
from bot.store.gallery.gone import GoneMessages
from bot.store.gallery.tables import CopyRow
from bot.store.privacy import PrivacyStore
from bot.store.tables import JobRow

ROOT = By(login="root")
CHANNEL, MESSAGE = 71, 72


@pytest.fixture
def copies(database: Database) -> Copies:
    return Copies(database)


async def shared(database: Database, entry: Entry, message_id: int = MESSAGE) -> int:
    copies = Copies(database)
    copy_id = await copies.begin(entry, CHANNEL)
    assert copy_id is not None
    assert await copies.posted(copy_id, message_id)
    return copy_id


async def gone(database: Database) -> list[tuple[int, int, int | None, bool]]:
    found = await GoneMessages(database).all()
    return [(one.guild_id, one.channel_id, one.message_id, one.takedown_id is not None) for one in found]


async def rows(database: Database) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(CopyRow.id)))


async def test_a_takedown_finds_an_entry_by_its_copy_and_takes_all_of_them(database: Database) -> None:
    entry, other = await an_entry(database), await an_entry(database)
    for number, of in enumerate((entry, entry, other)):
        await shared(database, of, MESSAGE + number)
    takedowns = Takedowns(database)
    assert await takedowns.picture_at(CHANNEL, MESSAGE) == entry.picture_hash
    named = await takedowns.at_message(CHANNEL, MESSAGE)
    assert entry.picture_hash in named.pictures
    assert not await takedowns.at_message(CHANNEL + 1, MESSAGE)
    assert len((await takedowns.spread(named)).copies) == 2
    _, spread = await takedowns.take_down(named, Known(), "Not theirs.", ROOT)
    assert (spread.entries, len(spread.copies)) == ({entry.id}, 2)
    assert await gone(database) == [(GUILD, CHANNEL, MESSAGE + number, True) for number in (0, 1)]
    assert len(await rows(database)) == 1, "the other entry's copy stays"
    (one,) = await takedowns.all()
    assert one.copies == 2


@pytest.mark.parametrize("how", ["withdrawn", "forgotten"])
async def test_a_copy_goes_when_its_dreamer_takes_the_dream_back(database: Database, how: str) -> None:
    entry = await an_entry(database)
    await shared(database, entry)
    if how == "withdrawn":
        await EntryStore(database).withdraw(DREAMER, entry.id)
    else:
        await PrivacyStore(database).forget(DREAMER)
    assert await gone(database) == [(GUILD, CHANNEL, MESSAGE, False)]
    assert await rows(database) == []


async def test_what_goes_while_it_is_posted_is_known_to_have_gone(database: Database, copies: Copies) -> None:
    entry = await an_entry(database)
    copy_id = await copies.begin(entry, CHANNEL)
    assert copy_id is not None
    await EntryStore(database).withdraw(DREAMER, entry.id)
    assert not await copies.posted(copy_id, MESSAGE)
    assert await copies.begin(entry, CHANNEL) is None
    waiting = await an_entry(database, state=EntryState.PENDING)
    assert await copies.begin(waiting, CHANNEL) is None, "what is not shown is not shared"


async def test_a_copy_that_was_not_posted_is_forgotten(database: Database, copies: Copies) -> None:
    copy_id = await copies.begin(await an_entry(database), CHANNEL)
    assert copy_id is not None
    await copies.forget(copy_id)
    assert await rows(database) == []


async def test_a_report_of_a_copy_knows_whose_dream_it_is(database: Database) -> None:
    await shared(database, await an_entry(database))
    await Reports(database).add(9, guild_id=GUILD, channel_id=CHANNEL, message_id=MESSAGE, reason="Odd.")
    (one,) = await Reports(database).undecided()
    assert one.about_id == DREAMER


async def test_what_a_takedown_does_not_reach_is_listed_until_it_is_gone(database: Database) -> None:
    entry = await an_entry(database, job := await a_dream(database, channel_id=81))
    await shared(database, entry)
    private = await a_dream(database, private=True)
    takedowns, messages = Takedowns(database), GoneMessages(database)
    for one in (job, private):
        await takedowns.take_down(await takedowns.of_job(one.id), Known(), "Not theirs.", ROOT)
    left = await LeftStore(database).all()
    assert {(one.channel_id, one.message_id, one.refused) for one in left} == {
        (CHANNEL, MESSAGE, False),
        (81, job.message_id, False),
    }
    (copy,) = await messages.all()
    assert (await messages.stays(copy), await messages.stays(copy)) == (True, False), "it is told once"
    assert await messages.overdue(0.0) == []
    assert await messages.give_up(0.0, 3600.0) == 0, "those of a takedown are tried for longer"
    async with database.write() as session:
        await change(session, JobRow.id == job.id, told_at=job.told_at, state=State.FAILED)
    assert [(one.message_id, one.refused) for one in await LeftStore(database).all()] == [(MESSAGE, True)]
    await messages.done(copy, by_somebody=True)
    assert await LeftStore(database).all() == []
