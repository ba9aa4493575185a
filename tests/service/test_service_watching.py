"""Watched from outside: the real bot tells metrics and readiness, unready and back with each part that it needs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from service_harness import START_S, Bot, Chat, discord_process
from service_processes import kill, send


@dataclass
class Watcher:
    """Who watches a bot."""

    session: aiohttp.ClientSession
    address: str

    async def parts(self) -> dict[str, bool]:
        async with self.session.get(f"{self.address}/readyz") as answer:
            told = await answer.json()
            assert answer.status == (200 if told["ready"] else 503)
            assert told["ready"] == all(told["parts"].values())
            return dict(told["parts"])

    async def until(self, wanted: Callable[[dict[str, bool]], Any]) -> None:
        async with asyncio.timeout(START_S):
            while not wanted(await self.parts()):
                await asyncio.sleep(0.002)

    async def samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        async with self.session.get(f"{self.address}/metrics") as answer:
            assert answer.status == 200
            families = text_string_to_metric_families(await answer.text())
            return {(one.name, frozenset(one.labels.items())): one.value for of in families for one in of.samples}


def all_but(unready: str) -> dict[str, bool]:
    return {part: part != unready for part in ("database", "store", "gateway", "handles", "workers")}


def are_ready(parts: dict[str, bool]) -> bool:
    return all(parts.values())


async def port_of(bot: Bot) -> int:
    """Return the port that a bot is watched on, once it says so."""
    async with asyncio.timeout(START_S):
        while not (found := re.findall(r"told on port (\d+)", bot.log.read_text())):
            await asyncio.sleep(0.02)
    return int(found[-1])


@contextlib.asynccontextmanager
async def watching(bot: Bot) -> AsyncIterator[Watcher]:
    """Start a bot; yields who watches it, once it is ready."""
    bot.settings |= {"METRICS_PORT": "0", "LOG_FORMAT": "json", "DREAM_SIZE": "64"}
    bot.start()
    port = await port_of(bot)
    async with aiohttp.ClientSession() as session:
        one = Watcher(session, f"http://127.0.0.1:{port}")
        await one.until(are_ready)
        yield one


@pytest.fixture
async def watcher(own_bot: Bot, own_chat: Chat) -> AsyncIterator[Watcher]:
    """Who watches a bot that is ready and in the chat."""
    async with watching(own_bot) as one:
        await own_chat.until_ready()
        yield one


async def test_a_dream_is_in_the_metrics_and_its_life_in_the_log(
    own_bot: Bot, own_chat: Chat, watcher: Watcher, tiny_photo: bytes
) -> None:
    asked = await own_chat.dream("tiny.png", tiny_photo)
    await own_chat.ended(asked["message_id"])
    row = await own_bot.told(asked)
    samples = await watcher.samples()
    picture = ("kind", "picture")
    assert samples["oneiros_jobs_ended_total", frozenset({picture, ("outcome", "dreamed")})] == 1
    assert samples["oneiros_wait_seconds_count", frozenset({picture})] == 1
    assert samples["oneiros_dream_seconds_sum", frozenset({picture, ("network", "lite2")})] == row["seconds"]
    assert samples["oneiros_jobs", frozenset({picture, ("state", "queued")})] == 0
    assert samples["oneiros_ready", frozenset({("part", "gateway")})] == 1
    assert samples["oneiros_gateway_latency_seconds", frozenset({("shard", "0")})] > 0
    assert samples["oneiros_worker_starts_total", frozenset({("worker", "cpu")})] == 1
    assert samples["oneiros_worker_memory_bytes", frozenset({("worker", "cpu")})] > 2**20
    assert own_bot.stop() == 0
    lines = [json.loads(line) for line in own_bot.log.read_text().splitlines()]
    (life,) = [line for line in lines if line["logger"] == "bot.watching.lives"]
    told = {"job": row["id"], "interaction": int(asked["id"]), "kind": "picture", "network": "lite2", "size": 64}
    assert life.items() >= (told | {"outcome": "dreamed", "delivery": "posted", "attempts": 1, "fault": None}).items()
    assert life["waited_s"] >= 0
    assert life["dreamed_s"] > 0
    assert str(row["person_id"]) not in json.dumps(life)
    assert own_bot.addresses["bot_token"] not in own_bot.log.read_text()


async def test_it_turns_unready_and_back_with_each_part(own_bot: Bot, own_chat: Chat, watcher: Watcher) -> None:
    async with own_bot.held(ready=True) as (worker,):
        await watcher.until(lambda parts: not parts["workers"])
        assert await watcher.parts() == all_but("workers")
        send(signal.SIGCONT, [worker])
        await watcher.until(are_ready)
        kill(worker)
    starts = ("oneiros_worker_starts_total", frozenset({("worker", "cpu")}))
    async with asyncio.timeout(START_S):
        # Its successor is there in three seconds, which one slow answer may take.
        while (await watcher.samples())[starts] < 2:
            await asyncio.sleep(0.05)
    await watcher.until(are_ready)
    with contextlib.closing(sqlite3.connect(own_bot.data / "oneiros.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await watcher.until(lambda parts: not parts["database"])
    await watcher.until(are_ready)


@pytest.mark.long
async def test_it_turns_unready_and_back_with_the_gateway(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as ends:
        with discord_process() as addresses:
            bot = Bot(addresses, tmp_path / "data")
            ends.callback(bot.close)
            watcher = await ends.enter_async_context(watching(bot))
        await watcher.until(lambda parts: not parts["gateway"])
        assert await watcher.parts() == all_but("gateway")
        again = ("--port", str(urlsplit(addresses["api"]).port), "--token", addresses["bot_token"])
        ends.enter_context(discord_process(*again))
        await watcher.until(are_ready)
        assert bot.stop() == 0
