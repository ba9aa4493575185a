"""Two bot processes on one PostgreSQL, each with its shards: one answers, whichever is idle dreams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from databases import Server
from service_harness import DREAM_S, Bot, Chat, is_outcome, text_of


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


@pytest.mark.long
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


async def test_a_dream_whose_process_is_gone_is_claimed_by_another_when_its_lease_has_lapsed(
    two_bots: list[Bot], own_chat: Chat, small_photo: bytes
) -> None:
    for bot in two_bots:
        bot.start()
    await own_chat.until(lambda state: state["connected"] == 2 and state["commands"])
    url = two_bots[0].settings["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as database:
        async with two_bots[0].held(), two_bots[1].held():
            asked = await own_chat.dream("cup.png", small_photo)
            pid = await claimed_by(database)
            assert pid in {bot.pid for bot in two_bots}
            (dies,) = (bot for bot in two_bots if bot.pid == pid)
            dies.kill()
            database.execute("UPDATE job SET lease_until = clock_timestamp()")
        answer = await own_chat.ended(asked["message_id"])
        assert len(answer["attachments"]) == 1, text_of(answer)
        row = database.execute("SELECT state, attempt, strikes FROM job").fetchone()
    assert row == ("dreamed", 2, 0)


async def claimed_by(database: psycopg.Connection[tuple[object, ...]]) -> int:
    """Wait until the only job is claimed; returns the process that did."""
    async with asyncio.timeout(DREAM_S):
        while (row := database.execute("SELECT owner FROM job WHERE state = 'running'").fetchone()) is None:
            await asyncio.sleep(0.05)  # the database tells nobody
    return int(str(row[0]).split(":")[1])
