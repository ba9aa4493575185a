"""The rules of the gallery channels, on both databases. What Discord makes of them: tests/service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from galleries import DREAMER, change, row_of, settle, shown_entry
from noticeboard import Noticeboard
from sqlalchemy import delete, func, select

from bot.entry import Entry, EntryState, Hidden, Visitor
from bot.gallery.mirror import Mirror
from bot.gallery.mirroring import Answer
from bot.gallery.places import Pace
from bot.guilds import Guilds
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.jobs.clock import Clock
from bot.shards import Shards
from bot.store.admin.acts import By
from bot.store.admin.takedowns import Known, Named, Takedowns
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery.acts import THE_BOT, Act, Acts
from bot.store.gallery.copies import Copies
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import EntryStore
from bot.store.gallery.gone import GoneMessage
from bot.store.gallery.mirrors import Mirrors
from bot.store.gallery.tables import GoneMessageRow
from bot.store.guilds import GuildStore
from bot.store.privacy import PrivacyStore
from bot.store.tables import PeriodRow

SERVER, OTHER_SERVER = 2, 2 + (1 << 22)  # of the first and the second of two shards
CHANNEL, OTHER_CHANNEL = 30, 31
MODERATOR = Visitor(SERVER, 6, moderates=True, restricted=True)


@dataclass
class Scene:
    """A server with a gallery channel, and who looks after it."""

    database: Database
    images: ImageStore
    guilds: Guilds
    board: Noticeboard
    mirror: Mirror
    build: Callable[..., Mirror]
    now_s: list[float]
    staying: list[GoneMessage]

    async def entry(self, guild_id: int = SERVER, **values: Any) -> Entry:
        picture = f"picture {next(_pictures)}".encode()
        return await shown_entry(self.database, guild_id, await self.images.put(picture, "image/png", 1, 1), **values)

    async def entries(self, count: int) -> list[Entry]:
        """Have so many posted."""
        entries = [await self.entry() for _ in range(count)]
        await self.mirror.step()
        assert len(self.board.messages) >= count
        return entries

    async def settle(self, guild_id: int = SERVER, **gallery: Any) -> None:
        await settle(self.database, guild_id, **gallery)
        await self.guilds.refresh(guild_id)

    async def state(self, entry: Entry) -> tuple[EntryState, Hidden | None]:
        row = await row_of(self.database, entry.id)
        assert row is not None
        return row.state, row.hidden

    async def hour(self) -> None:
        """Let an hour pass, with what is done then."""
        self.now_s[0] += 3600.0
        async with self.database.write() as session:
            await session.execute(delete(PeriodRow))
        await self.mirror.hour()
        await self.mirror.step()

    async def lapse(self, entry: Entry) -> None:
        """Let whoever began to post an entry be there no more."""
        await change(self.database, entry.id, mirror_until=datetime.now(UTC) - timedelta(seconds=1))
        self.now_s[0] += 60.0

    async def age(self, **by: int) -> None:
        """Let what is to be deleted have waited for so long."""
        async with self.database.write() as session:
            for row in await session.scalars(select(GoneMessageRow)):
                row.created_at = datetime.now(UTC) - timedelta(**by)

    async def waiting(self) -> int:
        """Return how many messages are to be deleted."""
        async with self.database.read() as session:
            return await session.scalar(select(func.count()).select_from(GoneMessageRow)) or 0


_pictures = iter(range(10**6))


@pytest.fixture
async def scene(database: Database, tmp_path: Path) -> Scene:
    guilds = Guilds(GuildStore(database))
    images = ImageStore(Objects(tmp_path / "pictures"), BlobStore(database))
    board = Noticeboard()
    now_s = [0.0]
    staying: list[GoneMessage] = []

    async def at_once(_: float) -> None:
        return

    def build(on: Database = database, shards: Shards | None = None) -> Mirror:
        pace = Pace(clock=Clock(lambda: now_s[0], at_once))
        of: dict[str, Any] = {"images": images, "guilds": guilds, "poster": board, "shards": shards, "pace": pace}
        return Mirror(database=on, **of, on_staying=staying.append)

    made = Scene(database, images, guilds, board, build(), build, now_s, staying)
    await made.settle(channel=CHANNEL)
    return made


async def test_a_new_entry_is_posted_once(scene: Scene) -> None:
    first, second = await scene.entry(), await scene.entry()
    await scene.mirror.step()
    await scene.mirror.step()
    assert scene.board.did("post") == [first.id, second.id]
    row = await row_of(scene.database, first.id)
    assert row is not None
    assert [row.mirror_message_id] == scene.board.message_of(first.id)
    assert (row.mirror_channel_id, row.mirrored_votes, row.mirror_file) == (CHANNEL, 0, f"gallery-{first.id}.png")


async def test_what_is_old_or_not_shown_or_elsewhere_is_not_posted(scene: Scene) -> None:
    old = await scene.entry()
    await change(scene.database, old.id, shown_at=datetime.now(UTC) - timedelta(hours=25))
    waiting = await scene.entry()
    await change(scene.database, waiting.id, state=EntryState.PENDING)
    await scene.entry(OTHER_SERVER)
    await scene.mirror.step()
    scene.board.away.add(SERVER)
    await scene.entry()
    await scene.mirror.step()
    assert scene.board.done == []


async def test_what_is_age_restricted_is_posted_in_such_a_channel_only(scene: Scene) -> None:
    entry = await scene.entry(restricted=True)
    await scene.mirror.step()
    assert scene.board.did("post") == []
    scene.board.restricted_channels.add(CHANNEL)
    await scene.mirror.step()
    assert scene.board.did("post") == [entry.id]


async def test_a_process_looks_after_the_servers_of_its_shards_only(scene: Scene) -> None:
    await scene.settle(OTHER_SERVER, channel=OTHER_CHANNEL)
    here, there = await scene.entry(), await scene.entry(OTHER_SERVER)
    first, second = scene.build(shards=Shards(0, 0, 2)), scene.build(shards=Shards(1, 1, 2))
    await first.step()
    assert scene.board.did("post") == [here.id]
    await second.step()
    assert scene.board.did("post") == [here.id, there.id]
    for entry in (here, there):
        await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    await first.step()
    assert scene.board.message_of(here.id) == []
    assert len(scene.board.message_of(there.id)) == 1


async def test_of_two_processes_at_once_one_posts(scene: Scene, database_url: str) -> None:
    other = scene.database if scene.database.exclusive else Database(database_url)
    entries = [await scene.entry() for _ in range(5)]
    await asyncio.gather(scene.mirror.step(), scene.build(other).step())
    assert sorted(scene.board.did("post")) == [one.id for one in entries]
    if other is not scene.database:
        await other.close()


async def test_a_withdrawn_entry_loses_its_message(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    await scene.mirror.step()
    assert scene.board.messages == {}
    assert await scene.waiting() == 0


async def test_the_entries_of_a_forgotten_person_lose_their_messages(scene: Scene) -> None:
    await scene.entries(2)
    await PrivacyStore(scene.database).forget(DREAMER)
    await scene.mirror.step()
    assert scene.board.messages == {}
    assert await scene.waiting() == 0


async def test_what_is_hidden_by_reports_loses_its_message_and_gets_another_when_it_is_shown_again(
    scene: Scene,
) -> None:
    (entry,) = await scene.entries(1)
    decisions = Decisions(scene.database)
    await decisions.report(replace(MODERATOR, person_id=9), entry.id, "upside down", 1)
    await scene.mirror.step()
    assert scene.board.messages == {}
    # However long the moderators took: its message was not deleted by anybody but us.
    await change(scene.database, entry.id, shown_at=datetime.now(UTC) - timedelta(days=5))
    await decisions.show(MODERATOR, entry.id, EntryState.HIDDEN)
    await scene.mirror.step()
    await scene.mirror.step()
    assert scene.board.did("post") == [entry.id, entry.id]
    assert len(scene.board.messages) == 1


async def test_a_removed_entry_loses_its_message(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await Decisions(scene.database).remove(MODERATOR, entry.id, EntryState.SHOWN, "dull")
    await scene.mirror.step()
    assert scene.board.messages == {}


async def test_what_cannot_be_deleted_is_tried_again_each_hour_for_a_day(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    scene.board.answers["delete"] = [Answer.LATER, Answer.REFUSED]
    for _ in range(3):
        await scene.mirror.step()
    assert len(scene.board.did("delete")) == 1
    await scene.hour()
    assert len(scene.board.did("delete")) == 2
    assert await scene.waiting() == 1
    await scene.hour()
    assert await scene.waiting() == 0
    assert scene.board.messages == {}


async def test_what_could_not_be_deleted_for_a_day_stays(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    (entry,) = await scene.entries(1)
    await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    scene.board.answers["delete"] = [Answer.REFUSED] * 2
    await scene.mirror.step()
    async with scene.database.write() as session:
        (row,) = await session.scalars(select(GoneMessageRow))
        row.created_at = datetime.now(UTC) - timedelta(hours=25)
    await scene.hour()
    assert await scene.waiting() == 0
    assert len(scene.board.messages) == 1
    assert "could not be deleted for a day" in caplog.text


async def test_what_a_takedown_wants_gone_is_told_of_once_and_tried_for_a_month(scene: Scene) -> None:
    kept, (entry,) = 40, await scene.entries(1)
    copies = Copies(scene.database)
    copy_id = await copies.begin(entry, OTHER_CHANNEL)
    assert copy_id is not None
    await copies.posted(copy_id, kept)
    scene.board.messages[kept] = (OTHER_CHANNEL, entry.id)
    named = Named(frozenset({entry.picture_hash or ""}))
    number, _ = await Takedowns(scene.database).take_down(named, Known(), "Not theirs.", By(login="root"))
    scene.board.refused.add(kept)
    await scene.mirror.step()
    assert set(scene.board.messages) == {kept}, "its message in the gallery channel is deleted"
    for _ in range(2):
        await scene.hour()
    assert [(one.channel_id, one.message_id, one.takedown_id) for one in scene.staying] == [
        (OTHER_CHANNEL, kept, number)
    ]
    await scene.age(days=29)
    await scene.hour()
    scene.board.refused.clear()
    await scene.hour()
    assert scene.board.messages == {}
    assert (await scene.waiting(), len(scene.staying)) == (0, 1)


async def test_a_copy_that_was_posted_by_a_bot_that_died_meanwhile_is_looked_for_and_deleted(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    assert await Copies(scene.database).begin(entry, OTHER_CHANNEL) is not None
    scene.board.messages[50] = (OTHER_CHANNEL, entry.id)
    await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    await scene.mirror.step()
    assert set(scene.board.messages) == {50}, "somebody may be about to post it"
    await scene.age(minutes=2)
    await scene.mirror.step()
    assert (scene.board.messages, await scene.waiting()) == ({}, 0)


async def test_what_a_takedown_wants_gone_where_the_bot_is_no_more_is_told_after_a_day(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    named = Named(frozenset({entry.picture_hash or ""}))
    await Takedowns(scene.database).take_down(named, Known(), "Not theirs.", By(login="root"))
    scene.board.away.add(SERVER)
    await scene.hour()
    assert scene.staying == []
    await scene.age(hours=25)
    await scene.hour()
    await scene.hour()
    assert len(scene.staying) == 1
    await scene.age(days=31)
    await scene.hour()
    assert await scene.waiting() == 0


async def test_what_a_bot_that_was_away_for_days_has_left_is_deleted(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    async with scene.database.write() as session:
        (row,) = await session.scalars(select(GoneMessageRow))
        row.created_at = datetime.now(UTC) - timedelta(days=3)
    await scene.mirror.hour()
    assert scene.board.messages == {}


async def test_a_deleted_message_hides_its_entry_and_is_never_posted_again(scene: Scene) -> None:
    deleted, other = await scene.entries(2)
    scene.board.messages.pop(scene.board.message_of(deleted.id)[0])
    await scene.hour()
    assert await scene.state(deleted) == (EntryState.HIDDEN, Hidden.MIRROR)
    assert await scene.state(other) == (EntryState.SHOWN, None)
    assert scene.board.did("tell hidden") == [deleted.id]
    act = (await Acts(scene.database).newest(SERVER, 1))[0]
    assert (act.act, act.person_id, act.entry_id, act.about_id) == (Act.HIDDEN, THE_BOT, deleted.id, DREAMER)
    await Decisions(scene.database).show(MODERATOR, deleted.id, EntryState.HIDDEN)
    await scene.hour()
    assert await scene.state(deleted) == (EntryState.SHOWN, None)
    assert scene.board.did("post") == [deleted.id, other.id]


async def test_a_message_that_somebody_deleted_while_its_entry_was_hidden_is_not_posted_again(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await Decisions(scene.database).report(replace(MODERATOR, person_id=9), entry.id, "upside down", 1)
    scene.board.messages.clear()
    await scene.mirror.step()
    await Decisions(scene.database).show(MODERATOR, entry.id, EntryState.HIDDEN)
    await scene.mirror.step()
    assert scene.board.did("post") == [entry.id]


async def test_what_a_look_does_not_show_is_asked_for_before_it_hides_anything(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    scene.board.unseen |= set(scene.board.messages)
    await scene.hour()
    assert scene.board.did("is there") == scene.board.message_of(entry.id)
    assert await scene.state(entry) == (EntryState.SHOWN, None)


async def test_messages_before_the_newest_hundred_are_not_taken_for_deleted(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    (first,) = scene.board.messages
    scene.board.messages.pop(first)
    scene.board.messages |= {first + 1 + number: (CHANNEL, 0) for number in range(100)}
    await scene.hour()
    assert await scene.state(entry) == (EntryState.SHOWN, None)


async def test_a_purge_of_the_channel_hides_nothing_and_is_told_once(scene: Scene) -> None:
    entries = await scene.entries(21)
    scene.board.messages.clear()
    await scene.hour()
    await scene.hour()
    assert {(await scene.state(one))[0] for one in entries} == {EntryState.SHOWN}
    assert scene.board.did("tell purged") == [21]
    assert scene.board.did("tell hidden") == []
    assert len(scene.board.did("post")) == 21


async def test_twenty_deleted_messages_are_no_purge(scene: Scene) -> None:
    entries = await scene.entries(20)
    scene.board.messages.clear()
    await scene.hour()
    assert {await scene.state(one) for one in entries} == {(EntryState.HIDDEN, Hidden.MIRROR)}


async def test_where_the_channel_may_not_be_read_nothing_is_taken_for_deleted(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    scene.board.messages.clear()
    scene.board.answers["look"] = [Answer.REFUSED]
    await scene.hour()
    assert await scene.state(entry) == (EntryState.SHOWN, None)


async def test_a_gallery_without_messages_costs_no_look(scene: Scene) -> None:
    await scene.hour()
    assert scene.board.did("look") == []


@pytest.mark.parametrize("how", ["look", "post", "recount"])
async def test_a_deleted_channel_hides_nothing_and_is_told_once(scene: Scene, how: str) -> None:
    (entry,) = await scene.entries(1)
    if how == "recount":
        await change(scene.database, entry.id, votes=3)
    second = await scene.entry() if how == "post" else None
    scene.board.answers[how] = [Answer.NO_CHANNEL] * 5
    await scene.hour()
    await scene.hour()
    assert scene.guilds.of(SERVER).gallery.channel is None
    assert scene.board.did("tell no channel") == [SERVER]
    assert await scene.state(entry) == (EntryState.SHOWN, None)
    scene.board.answers.clear()
    await scene.settle(channel=OTHER_CHANNEL)
    await scene.mirror.step()
    # What had its message had it; what was about to be posted is posted in the new one.
    assert [scene.board.messages[one][0] for one in scene.board.messages] == [CHANNEL] + [OTHER_CHANNEL] * bool(second)


async def test_messages_in_an_earlier_channel_count_on(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await scene.settle(channel=OTHER_CHANNEL)
    await change(scene.database, entry.id, votes=2)
    await scene.hour()
    assert scene.board.did("recount") == [entry.id]
    row = await row_of(scene.database, entry.id)
    assert row is not None
    assert (row.mirror_channel_id, row.mirrored_votes) == (CHANNEL, 2)


async def test_the_most_changed_counts_are_brought_up_to_date_and_not_more_than_twenty_an_hour(scene: Scene) -> None:
    entries = await scene.entries(23)
    for votes, entry in enumerate(entries):
        await change(scene.database, entry.id, votes=votes)
    await change(scene.database, entries[22].id, shown_at=datetime.now(UTC) - timedelta(days=31))
    await scene.hour()
    assert scene.board.did("recount") == [one.id for one in reversed(entries[2:22])]
    await scene.hour()
    assert scene.board.did("recount")[20:] == [entries[1].id]
    await scene.hour()
    assert len(scene.board.did("recount")) == 21


async def test_an_edit_that_finds_no_message_hides_the_entry(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await scene.settle(channel=OTHER_CHANNEL)  # its own is not looked through any more
    scene.board.messages.clear()
    await change(scene.database, entry.id, votes=1)
    await scene.hour()
    assert await scene.state(entry) == (EntryState.HIDDEN, Hidden.MIRROR)
    assert scene.board.did("tell hidden") == [entry.id]


async def test_a_count_that_a_press_has_brought_up_to_date_is_not_edited_again(scene: Scene) -> None:
    (entry,) = await scene.entries(1)
    await change(scene.database, entry.id, votes=1)
    pressed = await EntryStore(scene.database).get(MODERATOR, entry.id)
    assert pressed is not None
    mirrors = Mirrors(scene.database)
    await mirrors.recounted(pressed, 77)  # its listing, somewhere else
    await mirrors.recounted(pressed, scene.board.message_of(entry.id)[0])
    await scene.hour()
    assert scene.board.did("recount") == []
    await change(scene.database, entry.id, votes=2)
    await mirrors.recounted(pressed, 77)
    await scene.hour()
    assert scene.board.did("recount") == [entry.id]


async def test_a_post_of_which_nobody_knows_is_looked_for_once_its_time_is_up(scene: Scene) -> None:
    entry = await scene.entry()
    scene.board.answers["post"], scene.board.lost_posts = [Answer.LATER], True
    await scene.mirror.step()
    scene.now_s[0] += 60.0
    await scene.mirror.step()
    assert scene.board.did("find") == []
    await scene.lapse(entry)
    await scene.mirror.step()
    assert scene.board.did("post") == [entry.id]
    row = await row_of(scene.database, entry.id)
    assert row is not None
    assert [row.mirror_message_id] == scene.board.message_of(entry.id)


async def test_a_post_that_was_not_done_is_done_again(scene: Scene) -> None:
    entry = await scene.entry()
    scene.board.answers["post"] = [Answer.LATER]
    await scene.mirror.step()
    await scene.lapse(entry)
    await scene.mirror.step()
    assert [what for what, _ in scene.board.done] == ["post", "find", "post"]
    assert len(scene.board.messages) == 1


async def test_where_nobody_may_look_for_it_nothing_is_posted_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await scene.entry()
    scene.board.answers = {"post": [Answer.LATER], "find": [Answer.REFUSED]}
    await scene.mirror.step()
    await scene.lapse(entry)
    for _ in range(3):
        await scene.mirror.step()
    assert scene.board.did("post") == [entry.id]
    assert "may not read its gallery channel" in caplog.text


async def test_an_entry_withdrawn_while_nobody_knows_of_its_message_loses_it(scene: Scene) -> None:
    entry = await scene.entry()
    scene.board.answers["post"], scene.board.lost_posts = [Answer.LATER], True
    await scene.mirror.step()
    await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    await scene.mirror.step()
    assert len(scene.board.messages) == 1  # whoever posts it may be alive
    async with scene.database.write() as session:
        (row,) = await session.scalars(select(GoneMessageRow))
        row.created_at = datetime.now(UTC) - timedelta(minutes=2)
    await scene.mirror.step()
    assert scene.board.messages == {}
    assert await scene.waiting() == 0


async def test_an_entry_withdrawn_while_it_is_posted_loses_its_message(scene: Scene) -> None:
    entry = await scene.entry()
    mirrors = Mirrors(scene.database)
    assert await mirrors.begin(entry.id, CHANNEL)
    posted = await scene.board.post(entry, CHANNEL, b"picture")
    await EntryStore(scene.database).withdraw(DREAMER, entry.id)
    assert not await mirrors.posted(entry, CHANNEL, posted.message_id, posted.file)
    await scene.mirror.step()
    assert scene.board.messages == {}


async def test_where_the_bot_may_not_post_it_tries_again_in_an_hour(scene: Scene) -> None:
    await scene.entry()
    scene.board.answers["post"] = [Answer.REFUSED]
    for _ in range(3):
        await scene.mirror.step()
    assert len(scene.board.did("post")) == 1
    await scene.hour()
    assert len(scene.board.messages) == 1


async def test_what_discord_never_takes_holds_up_no_other(scene: Scene) -> None:
    first, second = await scene.entry(), await scene.entry()
    scene.board.answers["post"] = [Answer.NOT_TAKEN]
    await scene.mirror.step()
    await scene.mirror.step()
    assert scene.board.did("post") == [first.id, second.id]
    assert await scene.state(first) == (EntryState.SHOWN, None)


async def test_a_picture_that_is_gone_holds_up_no_other(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    first, second = await scene.entry(), await scene.entry()
    await scene.images.objects.delete(f"blobs/{first.picture_hash[:2]}/{first.picture_hash}")
    await scene.mirror.step()
    assert scene.board.did("post") == [second.id]
    assert f"entry {first.id} cannot be posted" in caplog.text


async def test_an_hour_is_begun_by_one_process_for_the_same_shards(scene: Scene) -> None:
    await scene.entries(1)
    other = scene.build()
    await scene.mirror.hour()
    await other.hour()
    await scene.mirror.hour()
    assert scene.board.did("look") == [CHANNEL]
    await scene.build(shards=Shards(0, 0, 2)).hour()
    assert scene.board.did("look") == [CHANNEL, CHANNEL]


async def test_what_is_begun_when_it_stops_is_ended_and_nothing_more(scene: Scene) -> None:
    await scene.entry()
    await scene.mirror.start()
    async with asyncio.timeout(10):
        while not scene.board.messages:
            await asyncio.sleep(0.01)
    await scene.mirror.stop()
    await scene.entry()
    scene.mirror.wake()
    await asyncio.sleep(0.05)
    assert len(scene.board.messages) == 1
