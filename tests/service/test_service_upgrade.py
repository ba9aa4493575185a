"""Dreams that waited when an older version was killed are dreamed by this one, on its folder as it was left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from typing import Any

import aiohttp
import kept_versions
import pytest
from kept_versions import OLDER, VERSIONS
from service_harness import DREAM_S, Bot, Chat, buttons_of

OFF_S = 3600  # how long it took to upgrade: replies cannot be edited by their tokens any more
WAITED = "SELECT id, channel_id FROM job WHERE state IN ('queued', 'running') ORDER BY id"
ENDED = "SELECT state, shown FROM job WHERE id IN (SELECT value FROM json_each(?)) AND told_at IS NOT NULL"
# A reply of components, as every version's: a container's text, and nothing else.
A_REPLY = {"flags": 1 << 15, "components": [{"type": 10, "content": "It waits."}]}


@contextlib.contextmanager
def database_of(bot: Bot) -> Any:
    """Open a bot's database, beside the bot."""
    with contextlib.closing(sqlite3.connect(bot.data / "oneiros.sqlite")) as database, database:
        yield database


async def left_by(version: str, bot: Bot, chat: Chat) -> dict[int, str]:
    """Lay an older version's folder before a bot, as if it had been killed an hour ago, with the chat as it was then.

    Returns the jobs that wait there, each with its reply.
    """
    file = kept_versions.unpacked(version, bot.data)
    kept_versions.renewed(file, OFF_S)
    kept_versions.moved(file, kept_versions.places_of(version), kept_versions.places_now(await chat.get("state")))
    replies = {}
    with database_of(bot) as database:
        for number, channel in database.execute(WAITED).fetchall():
            replies[number] = await replied(bot, channel)
            database.execute("UPDATE job SET message_id = ? WHERE id = ?", (int(replies[number]), number))
    return replies


async def replied(bot: Bot, channel: int) -> str:
    """Post a message as the bot; returns its id."""
    url, token = f"{bot.addresses['api']}/channels/{channel}/messages", bot.addresses["bot_token"]
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bot {token}"}) as session,
        session.post(url, json=A_REPLY) as response,
    ):
        assert response.status == 200, await response.text()
        return str((await response.json())["id"])


# The oldest goes through every revision; `make long` has the others too.
@pytest.mark.parametrize("version", [VERSIONS[0], *(pytest.param(one, marks=pytest.mark.long) for one in VERSIONS[1:])])
async def test_what_waited_is_dreamed_and_shown(version: str, own_bot: Bot, own_chat: Chat) -> None:
    replies = await left_by(version, own_bot, own_chat)
    assert len(replies) >= 3
    own_bot.settings |= {"DREAM_SIZE": "64", "FILM_SIZE": "64"}
    own_bot.start()
    await own_chat.until_ready()
    async with asyncio.timeout(DREAM_S):
        told: list[tuple[str, str]] = []
        while len(told) < len(replies):
            await asyncio.sleep(0.1)  # what another process writes into a file is told to nobody
            with database_of(own_bot) as database:
                told = database.execute(ENDED, [json.dumps(list(replies))]).fetchall()
    assert told == [("dreamed", "posted")] * len(replies)
    shown = {one["id"]: one for one in await own_chat.messages()}
    assert all(len(shown[reply]["attachments"]) == 1 for reply in replies.values())
    # Lena is spoken to in her own language.
    first = next(shown[reply] for reply in replies.values() if "Again" in buttons_of(shown[reply]))
    again = await own_chat.press(first["id"], buttons_of(first)["Again"])
    assert (await own_chat.ended(again["message_id"]))["attachments"]
    assert own_bot.stop() == 0
    assert len(list(own_bot.data.glob("oneiros.sqlite.before-leaving-*"))) == (version in OLDER)
    assert await own_chat.violations() == []
