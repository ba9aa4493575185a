"""The bot is killed about a message in the gallery channel, and started again: there is one message, or none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from service_deaths import change, rows, start, start_next
from service_galleries import Gallery, gallery, until
from service_harness import Bot, Chat

from bot.fail_points import FailPoint
from bot.store.database import default_url
from bot.store.gallery.entries import EntryStore
from bot.store.upgrade import upgrade


@pytest.fixture
async def place(own_bot: Bot, own_chat: Chat) -> AsyncIterator[Gallery]:
    """A gallery in the database of a bot that is not there yet."""
    own_bot.data.mkdir()
    await upgrade(default_url(own_bot.data))
    async with gallery(own_chat, default_url(own_bot.data), own_bot.data) as made:
        yield made


async def mirrored(bot: Bot) -> tuple[object, ...]:
    """Return the id of the entry's message, once it is noted."""

    async def noted() -> list[tuple[object, ...]]:
        return rows(bot, "SELECT mirror_message_id FROM gallery_entry WHERE mirror_message_id IS NOT NULL")

    (row,) = await until(noted)
    return tuple(row)


async def test_deaths_about_a_message_in_the_gallery_channel_post_it_once(
    own_bot: Bot, own_chat: Chat, place: Gallery
) -> None:
    await place.entry()
    await place.database.close()
    start(own_bot, FailPoint.MIRRORING)
    await start_next(own_bot, own_chat, FailPoint.MIRRORED)
    await start_next(own_bot, own_chat, None)
    (message_id,) = await mirrored(own_bot)
    assert [int(one["id"]) for one in await place.posted()] == [message_id]
    # Found, and not posted again: within minutes Discord would have given it the same message.
    log = own_bot.log.read_text()
    assert len(re.findall(rf"POST \S+/channels/{place.channel}/messages .* has returned", log)) == 1
    assert await own_chat.violations() == []


@pytest.mark.long
async def test_a_death_after_a_post_where_nobody_may_look_for_it_posts_nothing_more(
    own_bot: Bot, own_chat: Chat, place: Gallery
) -> None:
    await place.entry()
    await place.database.close()
    await own_chat.post("permissions", channel=place.channel, permission="read_message_history", granted=False)
    start(own_bot, FailPoint.MIRRORED)
    await start_next(own_bot, own_chat, None)

    async def given_up() -> list[tuple[object, ...]]:
        return rows(own_bot, "SELECT 1 FROM gallery_entry WHERE mirrored_votes IS NOT NULL")

    await until(given_up)
    assert len(await place.posted()) == 1
    assert "may not read its gallery channel" in own_bot.log.read_text()


@pytest.mark.long
async def test_an_entry_withdrawn_after_a_death_about_its_message_loses_it(
    own_bot: Bot, own_chat: Chat, place: Gallery
) -> None:
    entry = await place.entry()
    start(own_bot, FailPoint.MIRRORED)
    assert await own_bot.died()
    await own_chat.until_gone()
    await EntryStore(place.database).withdraw(entry.person_id, entry.id)
    await place.database.close()
    # Whoever was about to post it is dead: nobody has to be waited for.
    change(own_bot, "UPDATE gallery_gone_message SET created_at = datetime('now', '-5 minutes') || '.000000'")
    assert len(await place.posted()) == 1
    start(own_bot, None)

    async def emptied() -> bool:
        return not await place.posted()

    await until(emptied)
