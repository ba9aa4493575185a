"""The gallery channel as a server sees it: the real bot, PostgreSQL, the loopback Discord, and hours of seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hurried_bot
import psycopg
import pytest
from databases import Server
from galleries import change
from service_galleries import Gallery, gallery, until
from service_harness import Bot, Chat, buttons_of, discord_process, text_of

from bot.entry import EntryState, Hidden
from bot.store.gallery.entries import EntryStore
from bot.store.guilds import GuildStore
from bot.store.upgrade import upgrade

EDITS = {"path": "/messages/[0-9]+$", "method": "PATCH"}
PROGRAM = (str(Path(hurried_bot.__file__)),)


@pytest.fixture(scope="module")
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as url:
        asyncio.run(upgrade(url))
        yield url


@pytest.fixture(scope="module")
def bot(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A hurried bot, in a Discord whose guilds may be turned upside down."""
    data = tmp_path_factory.mktemp("gallery") / "data"
    with discord_process("--no-rate-limits") as addresses:
        one = Bot(addresses, data, {"DATABASE_URL": url}, PROGRAM)
        one.start()
        yield one
        one.close()


@pytest.fixture
async def chat(bot: Bot) -> AsyncIterator[Chat]:
    async with Chat(bot.addresses) as remote:
        await remote.until_ready()
        yield remote
        await remote.delete("faults")
        assert await remote.violations() == []


@pytest.fixture
async def place(chat: Chat, bot: Bot, url: str) -> AsyncIterator[Gallery]:
    async with gallery(chat, url, bot.data) as made:
        yield made


async def break_posts(place: Gallery, **fault: object) -> None:
    """Let the next posts in the gallery channel go wrong."""
    await place.chat.post("faults/rest", path=f"/channels/{place.channel}/messages$", method="POST", **fault)


async def some_hours() -> None:
    """Let at least one hour begin and be over."""
    await asyncio.sleep(2.5 * hurried_bot.HOUR_S)


async def test_a_new_entry_is_posted_with_its_picture_and_nobody_is_called(place: Gallery) -> None:
    entry = await place.entry(title="Waves @everyone")
    row = await place.mirrored(entry)
    (message,) = await place.posted()
    assert int(message["id"]) == row.mirror_message_id
    (file,) = message["attachments"]
    assert file["filename"] == row.mirror_file
    assert "Waves" in text_of(message)
    assert f"<@{entry.person_id}>" in text_of(message)
    assert message.get("mentions", []) == []


async def test_a_spoiler_is_covered(place: Gallery) -> None:
    await place.mirrored(await place.entry(spoiler=True))
    (message,) = await place.posted()
    assert message["attachments"][0]["filename"].startswith("SPOILER_")


async def test_it_speaks_the_servers_language(place: Gallery) -> None:
    store = GuildStore(place.database)
    now = await store.get(place.guild_id)
    await store.change(place.guild_id, 1, now.version, lambda settings: settings.changed(language="de"))
    await some_hours()  # others' settings are read now and then
    await place.mirrored(await place.entry())
    (message,) = await place.posted()
    assert "Hundegesichter" in text_of(message)


async def test_what_is_age_restricted_waits_for_such_a_channel(place: Gallery) -> None:
    restricted, other = await place.entry(restricted=True), await place.entry()
    await place.mirrored(other)
    assert len(await place.posted()) == 1
    await place.chat.patch(f"channels/{place.channel}", nsfw=True)
    await place.mirrored(restricted)
    assert len(await place.posted()) == 2


async def test_a_message_that_somebody_deletes_hides_its_entry_and_moderators_may_restore_it(place: Gallery) -> None:
    deleted, other = await place.entry(), await place.entry()
    await place.mirrored(deleted)
    await place.mirrored(other)
    await place.chat.delete_message(str((await place.row(deleted)).mirror_message_id))
    row = await place.until(deleted, lambda row: row.state is EntryState.HIDDEN)
    assert row.hidden is Hidden.MIRROR
    (line,) = await until(place.logged)
    assert buttons_of(line) == {"Restore": f"oneiros:gallery:restore:{deleted.id}"}
    assert f"<#{place.channel}>" in text_of(line)
    # As a moderator restores it:
    await change(place.database, deleted.id, state=EntryState.SHOWN, hidden=None)
    await some_hours()
    assert [int(one["id"]) for one in await place.posted()] == [(await place.row(other)).mirror_message_id]
    assert len(await place.logged()) == 1
    assert (await place.row(deleted)).state is EntryState.SHOWN


async def test_a_withdrawn_entry_loses_its_message(place: Gallery) -> None:
    entry = await place.entry()
    await place.mirrored(entry)
    await EntryStore(place.database).withdraw(entry.person_id, entry.id)
    await until(lambda: nothing_in(place))


async def nothing_in(place: Gallery) -> bool:
    return not await place.posted()


async def test_what_cannot_be_deleted_says_no_more_than_that_it_is_gone(place: Gallery) -> None:
    entry = await place.entry(title="Waves")
    await place.mirrored(entry)
    fault = {"path": "/messages/[0-9]+$", "method": "DELETE", "status": 403, "code": 50013, "times": None}
    await place.chat.post("faults/rest", **fault)
    await EntryStore(place.database).withdraw(entry.person_id, entry.id)

    async def emptied() -> bool:
        (message,) = await place.posted()
        return "Waves" not in text_of(message)

    await until(emptied)
    (message,) = await place.posted()
    assert text_of(message) == "This dream is no longer in the gallery."
    assert message["attachments"] == []


async def test_a_deleted_channel_hides_nothing_and_is_told_once(place: Gallery) -> None:
    entry = await place.entry()
    await place.mirrored(entry)
    await place.chat.delete(f"channels/{place.channel}")
    (line,) = await until(place.logged)
    assert "The gallery channel was deleted" in text_of(line)
    await some_hours()
    assert len(await place.logged()) == 1
    assert (await place.row(entry)).state is EntryState.SHOWN


async def test_a_purge_of_the_channel_hides_nothing(place: Gallery) -> None:
    entries = [await place.entry() for _ in range(21)]
    for entry in entries:
        await place.mirrored(entry)
    # All of them in one moment, or an hour passes between two: the bot holds still meanwhile.
    fault = {"path": "/messages$", "method": "GET", "status": 503, "times": None}
    await place.chat.post("faults/rest", **fault)
    for message in await place.posted():
        await place.chat.delete_message(message["id"])
    await place.chat.delete("faults")
    (line,) = await until(place.logged)
    assert text_of(line).startswith("🖼️ 21 messages")
    await some_hours()
    assert len(await place.logged()) == 1
    assert {(await place.row(one)).state for one in entries} == {EntryState.SHOWN}
    assert await place.posted() == []


async def test_without_the_right_to_read_what_was_deleted_is_not_looked_for(place: Gallery) -> None:
    entry = await place.entry()
    await place.mirrored(entry)
    await place.chat.post("permissions", channel=place.channel, permission="read_message_history", granted=False)
    await place.chat.delete_message(str((await place.row(entry)).mirror_message_id))
    await some_hours()
    assert (await place.row(entry)).state is EntryState.SHOWN
    await change(place.database, entry.id, votes=4)  # an edit tells, all the same
    await place.until(entry, lambda row: row.hidden is Hidden.MIRROR)


async def test_where_the_bot_may_not_post_entries_wait(place: Gallery) -> None:
    await place.chat.post("permissions", channel=place.channel, permission="send_messages", granted=False)
    entry = await place.entry()
    await some_hours()
    assert (await place.row(entry)).mirroring_at is None
    await place.chat.post("permissions", channel=place.channel, permission="send_messages", granted=True)
    await place.mirrored(entry)
    assert len(await place.posted()) == 1


@pytest.mark.parametrize("fault", [{"status": 429, "retry_after_s": 0.5}, {"status": 500}])
async def test_what_discord_does_not_take_for_now_is_posted_once(place: Gallery, fault: dict[str, object]) -> None:
    await break_posts(place, **fault, times=2)
    await place.mirrored(await place.entry())
    assert len(await place.posted()) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_what_ended_in_an_error_of_discords_is_looked_for_before_it_is_posted_again(
    place: Gallery, after: bool
) -> None:
    await break_posts(place, status=503, after=after)  # the library does not repeat it
    entry = await place.entry()
    await place.until(entry, lambda row: row.mirroring_at is not None)
    await until_unarmed(place)
    assert len(await place.posted()) == after
    await change(place.database, entry.id, mirror_until=None)
    await place.mirrored(entry)
    assert len(await place.posted()) == 1


async def until_unarmed(place: Gallery) -> None:
    """Wait until the faults have befallen their calls."""

    async def unarmed() -> bool:
        return not (await place.chat.get("faults"))["faults"]

    await until(unarmed)


async def test_a_post_whose_answer_is_lost_is_there_once(place: Gallery) -> None:
    await break_posts(place, status=502, after=True)
    await place.mirrored(await place.entry())
    assert len(await place.posted()) == 1


async def test_a_picture_that_is_too_large_is_sent_smaller(place: Gallery) -> None:
    await break_posts(place, status=413, code=40005)
    entry = await place.entry(256)
    await place.mirrored(entry)
    (message,) = await place.posted()
    original = await place.images.get(entry.picture_hash)
    assert len(await place.chat.download(message["attachments"][0]["url"])) < 0.6 * len(original)


async def test_counts_are_brought_up_to_date_and_the_picture_stays(place: Gallery) -> None:
    entry = await place.entry()
    await place.mirrored(entry)
    (before,) = await place.posted()
    await change(place.database, entry.id, votes=12)
    await place.until(entry, lambda row: row.mirrored_votes == 12)
    (after,) = await place.posted()
    assert after["id"] == before["id"]
    assert [one["id"] for one in after["attachments"]] == [one["id"] for one in before["attachments"]]


async def test_an_old_message_that_may_not_be_edited_now_is_edited_later(place: Gallery) -> None:
    entry = await place.entry()
    await place.mirrored(entry)
    await place.chat.post("faults/rest", **EDITS, status=400, code=30046)
    await change(place.database, entry.id, votes=3)
    await place.until(entry, lambda row: row.mirrored_votes == 3)


@pytest.mark.long
async def test_of_two_bots_that_both_have_the_server_one_posts(bot: Bot, place: Gallery, tmp_path: Path) -> None:
    other = Bot(bot.addresses, tmp_path / "data", {**bot.settings, "DATA_DIR": str(bot.data)}, PROGRAM)
    other.start()
    try:
        await place.chat.until(lambda state: state["connected"] == 2)
        entries = [await place.entry() for _ in range(8)]
        for entry in entries:
            await place.mirrored(entry)
        await some_hours()
        assert len(await place.posted()) == len(entries)
        await place.chat.delete_message((await place.posted())[0]["id"])
        assert await until(place.logged)
        await some_hours()
        assert len(await place.logged()) == 1
    finally:
        other.close()
    assert "Traceback" not in other.log.read_text()


async def test_a_post_begun_by_a_bot_that_is_gone_is_taken_up_when_its_lease_has_lapsed(
    place: Gallery, url: str
) -> None:
    entry = await place.entry(restricted=True)  # nobody posts it, until it is begun
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as database:
        database.execute(
            "UPDATE gallery_entry SET mirroring_at = clock_timestamp(), mirror_channel_id = %s, restricted = false,"
            " mirror_until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
            [int(place.channel), 6.0, entry.id],
        )
    await asyncio.sleep(2.0)
    assert await place.posted() == []
    await place.mirrored(entry)
    assert len(await place.posted()) == 1
