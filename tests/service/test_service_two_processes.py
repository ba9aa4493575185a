"""What whoever runs the bot settles holds in each of two processes on one PostgreSQL, seconds later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from databases import Server
from service_gallery import added
from service_harness import Bot, Chat, Json, text_of
from service_operator import Ran, answered, heeded, ids, says, typed_here
from test_service_copies import share

from bot.shards import Shards

REASON = "It is not yours."


@dataclass
class Pair:
    """Two bots, a channel in a server of each, and the database that both are on."""

    bots: list[Bot]
    chat: Chat
    channels: tuple[str, str]
    guilds: tuple[str, str]
    database: psycopg.Connection[tuple[int]]

    async def admin(self, *words: str) -> Ran:
        """Run ``oneiros admin`` beside both, and wait until both heed it."""
        ran = await asyncio.to_thread(typed_here, self.bots[0].environment(), ("admin", *words))
        row = self.database.execute("SELECT version FROM regime").fetchone()
        await heeded(self.bots, row[0] if row is not None else 0)
        return ran


@pytest.fixture
def two_bots(own_discord: dict[str, str], postgres: Server, tmp_path: Path) -> Iterator[list[Bot]]:
    """Two bots on one database and one folder of pictures, each with one of two shards."""
    with postgres.database() as url:
        shared = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "shared"), "DREAM_SIZE": "64"}
        bots = [Bot(own_discord, tmp_path / str(one) / "data", {**shared, "SHARDS": f"{one}/2"}) for one in range(2)]
        for bot in bots:
            bot.log.parent.mkdir()
        yield bots
        for bot in bots:
            bot.close()


@pytest.fixture
async def pair(two_bots: list[Bot], own_chat: Chat) -> AsyncIterator[Pair]:
    founded = [await found(own_chat, shard) for shard in range(2)]
    for bot in two_bots:
        bot.start()
    await own_chat.until(lambda state: state["connected"] == 2 and state["commands"])
    url = two_bots[0].settings["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
    (first, one), (second, other) = founded
    with psycopg.connect(url, autocommit=True) as database:
        yield Pair(two_bots, own_chat, (one, other), (first, second), database)
    assert await own_chat.violations() == []


async def found(chat: Chat, shard: int) -> tuple[str, str]:
    """Found a server of one of two shards, with the bot and everybody in it; returns it and a channel there."""
    while True:  # which shard it is follows from its id, and that from the time
        guild = str((await chat.post("guilds", owner="ada", name=f"Shard {shard}"))["guild"]["id"])
        if Shards(shard, shard, 2).have(int(guild)):
            break
    await chat.post("members", guild=guild, person="bob", here=True)
    return guild, str((await chat.post("channels", guild=guild, name=f"dreams-{shard}"))["channel"]["id"])


async def test_a_block_and_a_pause_hold_in_both_and_end_what_either_dreams(pair: Pair, tiny_photo: bytes) -> None:
    chat, bob = pair.chat, await ids(pair.chat, "people", "bob")
    async with pair.bots[0].held(ready=True), pair.bots[1].held(ready=True):
        asked = [await chat.dream("cup.png", tiny_photo, person="bob", channel=one) for one in pair.channels]
        running = "SELECT count(DISTINCT owner) FROM job WHERE state = 'running'"
        while pair.database.execute(running).fetchone() != (2,):
            await asyncio.sleep(0.05)  # the database tells nobody
        assert "2 dreams under way ended" in (await pair.admin("people", "block", bob, "--reason", "Spam.")).said
        for one in asked:
            told = await says(chat, one, "Whoever runs me has ended this dream.", person="bob")
            assert told["attachments"] == []
    for channel in pair.channels:
        await answered(chat, "has shut you out. The reason: Spam.", person="bob", channel=channel, command="about")
    assert (await pair.admin("people", "unblock", bob)).code == 0
    await pair.admin("pause", "I move.")
    for channel in pair.channels:
        await answered(chat, "I take no new dreams for now", person="bob", channel=channel, command="dream")
    await pair.admin("resume")
    for channel in pair.channels:
        ended = await chat.dream("cup.png", tiny_photo, person="bob", channel=channel)
        assert (await chat.ended(ended["message_id"], person="bob"))["attachments"]


async def test_a_takedown_reaches_what_either_has_posted_and_both_refuse_it(pair: Pair, tiny_photo: bytes) -> None:
    chat = pair.chat
    asked = [await chat.dream("cup.png", tiny_photo, channel=one) for one in pair.channels]
    messages = [await chat.ended(one["message_id"]) for one in asked]
    await added(chat, messages[1], title="Shared")
    copy = await share(chat, "Shared", pair.channels[1])
    link = f"https://discord.com/channels/{pair.guilds[0]}/{pair.channels[0]}/{messages[0]['id']}"
    ran = await pair.admin("takedown", link, "--reason", REASON, "--yes")
    assert "2 dreams, 1 gallery entry, 1 shared copy" in ran.said
    for one in asked:
        assert (await says(chat, one, REASON))["attachments"] == []
    while [one for one in await chat.messages(channel=pair.channels[1]) if one["id"] == copy["id"]]:
        await asyncio.sleep(0.05)
    again: list[Json] = [await chat.dream("cup.png", tiny_photo, person="bob", channel=one) for one in pair.channels]
    for one in again:
        assert "it was taken down by whoever runs me" in text_of(await says(chat, one, "I cannot take", person="bob"))
    left = await asyncio.to_thread(typed_here, pair.bots[0].environment(), ("admin", "takedowns", "left"))
    assert left.said == "No message is left."
