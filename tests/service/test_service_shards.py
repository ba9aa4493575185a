"""Two bot processes on one PostgreSQL, each with its shards: one answers, whichever is idle dreams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Server
from service_harness import Bot, Chat, is_outcome, text_of


@pytest.fixture
def two_bots(own_discord: dict[str, str], postgres: Server, tmp_path: Path) -> Iterator[list[Bot]]:
    """Two bots that share a database and a folder of pictures, and know nothing of each other."""
    with postgres.database() as url:
        settings = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "shared")}
        bots = [
            Bot(own_discord, tmp_path / name / "data", {**settings, "SHARDS": shards})
            for name, shards in (("first", "0/2"), ("second", "1/2"))
        ]
        for bot in bots:
            bot.log.parent.mkdir()
        yield bots
        for bot in bots:
            bot.close()


async def test_of_two_that_start_at_once_one_registers_the_commands(two_bots: list[Bot], own_chat: Chat) -> None:
    # A fault counts registrations, and keeps each under way for long enough that the other process comes meanwhile.
    most = 9
    slowly = {"path": "/commands$", "method": "PUT", "how": "delay", "delay_s": 2.0, "after": True, "times": most}
    await own_chat.post("faults/rest", **slowly)
    for bot in two_bots:
        bot.start()
    await own_chat.until(lambda state: state["connected"] == 2 and state["commands"])
    (left,) = (await own_chat.get("faults"))["faults"]
    assert left["left"] == most - 1


async def test_both_start_at_once_and_every_dream_comes_back_once(
    two_bots: list[Bot], own_chat: Chat, small_photo: bytes
) -> None:
    for bot in two_bots:
        bot.start()
    await own_chat.until(lambda state: state["connected"] == 2 and state["commands"])
    people = ("ada", "bob", "mod")
    asked = await asyncio.gather(
        *(own_chat.dream(f"{number}.png", small_photo, person=people[number % 3]) for number in range(4))
    )
    ended = await asyncio.gather(*(own_chat.ended(one["message_id"]) for one in asked))
    for message in ended:
        assert is_outcome(message)
        assert len(message["attachments"]) == 1, text_of(message)
    assert await own_chat.violations() == []
    for bot in two_bots:
        assert bot.stop() == 0
        assert "Traceback" not in bot.log.read_text()
