"""Readiness tells the truth: each part is asked, goes away, and comes back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import aiohttp
import databases
import pytest
from sqlalchemy import make_url

from bot.images.objects import Objects
from bot.store.database import Database, default_url
from bot.store.opening import opened
from bot.watching.readiness import Part, Readiness
from bot.watching.server import Watchpost


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(default_url(tmp_path)) as one:
        yield one


async def no_metrics() -> bytes:
    return b"oneiros_ready 1\n"


@asynccontextmanager
async def watchpost(look: Callable[[], Awaitable[dict[str, bool]]]) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    post = Watchpost("127.0.0.1", 0, look=look, metrics=no_metrics, is_paused=lambda: False)
    await post.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield session, f"http://127.0.0.1:{post.port}"
    finally:
        await post.stop()


async def test_a_locked_database_is_not_ready_until_it_is_let_go(database: Database, tmp_path: Path) -> None:
    readiness = Readiness({"database": Part("database", database.check, within_s=0.2)}, {})
    async with watchpost(readiness.look) as (session, address):
        with closing(sqlite3.connect(tmp_path / "oneiros.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with session.get(f"{address}/readyz") as answer:
                assert answer.status == 503
                assert await answer.json() == {"ready": False, "parts": {"database": False}, "paused": False}
            async with session.get(f"{address}/healthz") as answer:
                assert (answer.status, await answer.json()) == (200, {"alive": True})
        async with asyncio.timeout(30):
            while not (await readiness.look())["database"]:
                await asyncio.sleep(0.05)  # SQLite's waiting writer looks by itself
        async with session.get(f"{address}/readyz") as answer:
            assert (answer.status, await answer.json()) == (
                200,
                {"ready": True, "parts": {"database": True}, "paused": False},
            )
    await readiness.stop()


class Way:
    """The way to a server on this machine, which can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._door: asyncio.Server | None = None
        self.port = 0

    async def mend(self) -> None:
        self._door = await asyncio.start_server(self._lead, "127.0.0.1", self.port)
        self.port = self._door.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._door is not None
        self._door.close()
        for writer in self._writers:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        self._writers |= {writer, there_writer}
        await asyncio.gather(_pass_on(reader, there_writer), _pass_on(there_reader, writer))
        self._writers -= {writer, there_writer}


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_a_postgresql_out_of_reach_is_not_ready_until_it_is_there_again(
    postgres: databases.Server, postgres_template: str
) -> None:
    assert postgres.address.port is not None
    way = Way(postgres.address.port)
    await way.mend()
    with postgres.database(template=postgres_template) as url:
        await _cut_and_mended(way, make_url(url).set(port=way.port).render_as_string(hide_password=False))


async def _cut_and_mended(way: Way, url: str) -> None:
    database = Database(url)
    part = Part("database", database.check, within_s=1.0)
    try:
        async with asyncio.timeout(60):
            while not await part.answers():
                pass
            await way.cut()
            while await part.answers():
                await asyncio.sleep(0.01)
            await way.mend()
            while not await part.answers():
                pass
    finally:
        await part.stop()
        await database.close()
        await way.cut()


async def test_a_question_under_way_is_asked_once_and_a_good_answer_holds(tmp_path: Path) -> None:
    asked: list[int] = []
    going_on = asyncio.Event()

    async def ask() -> None:
        asked.append(1)
        await going_on.wait()

    part = Part("store", ask, within_s=0.05, holds_s=1e6)
    assert await asyncio.gather(part.answers(), part.answers()) == [False, False]
    going_on.set()
    assert await part.answers()
    assert await part.answers()
    assert len(asked) == 1


async def test_a_store_that_cannot_be_written_is_not_ready(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    part = Part("store", Objects(folder).check)
    folder.write_text("a file where a folder should be")
    assert await Readiness({"store": part}, {"other": lambda: True}).look() == {"store": False, "other": True}
    folder.unlink()
    assert await part.answers()


async def test_metrics_are_told_as_text_and_nothing_else_is_there() -> None:
    async def look() -> dict[str, bool]:
        return {}

    async with watchpost(look) as (session, address):
        async with session.get(f"{address}/metrics") as answer:
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert await answer.read() == await no_metrics()
        async with session.get(f"{address}/g/anything") as answer:
            assert answer.status == 404
        async with session.post(f"{address}/readyz") as answer:
            assert answer.status == 405
