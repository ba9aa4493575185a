"""Time that costs nothing: an event loop, and databases, whose time jumps to the next timer when nothing is left to do.

While anything real is under way (a statement, a file, a thread) time stands still. So a day takes as long as its work,
and what happens in it does not depend on how fast the machine is.
"""

from __future__ import annotations

import asyncio
import selectors
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import aiosqlite.core
import psycopg
from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from bot.images.objects import Objects
from bot.store.database import Database

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)  # time 0 of the loop
PATIENCE_S = 60.0  # real ones, for one thing that is under way

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds pass only while nothing is under way."""

    def __init__(self) -> None:
        self._now = 0.0
        self._under_way = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._now

    @property
    def date(self) -> datetime:
        """The time by the wall."""
        return BEGINS + timedelta(seconds=self._now)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold time while something real is done."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Do it at once: nobody is kept waiting where time stands still."""
        future: asyncio.Future[T] = self.create_future()
        _do(future, lambda: func(*args))
        return future


def _do(future: asyncio.Future[Any] | None, work: Callable[[], Any]) -> None:
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - whoever awaits it sees it
        if future is not None:
            future.set_exception(error)
    else:
        if future is not None:
            future.set_result(result)


class _AtOnce:
    """In place of aiosqlite's thread and of the queue to it: to and fro took most of a day's time."""

    daemon = True

    def __init__(self, *_: Any, **_more: Any) -> None:
        return

    def start(self) -> None:
        return

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        _do(*item)


@contextmanager
def without_threads() -> Iterator[None]:
    """Have SQLite's statements done on the loop's own thread."""
    names = ("SimpleQueue", "Thread")
    before = {name: getattr(aiosqlite.core, name) for name in names}
    try:
        for name in names:
            setattr(aiosqlite.core, name, _AtOnce)
        yield
    finally:
        for name, was in before.items():
            setattr(aiosqlite.core, name, was)


class _Selector(selectors.DefaultSelector):
    """Waits for what is under way; else skips to where the loop would have waited until."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop._under_way:
            events = super().select(PATIENCE_S)
            if not events:
                raise RuntimeError(f"something real was not done within {PATIENCE_S} s")
            return events
        events = super().select(0)
        if not events:
            if timeout is None:
                raise RuntimeError("everything waits for what cannot come")
            self._loop._now += timeout
        return events


class SimulatedObjects(Objects):
    """The object store; time stands still while it works."""

    def __init__(self, folder: Path, loop: SimulatedLoop) -> None:
        super().__init__(folder)
        self._loop = loop

    async def put(self, key: str, data: bytes) -> None:
        with self._loop.at_work():
            await super().put(key, data)

    async def get(self, key: str) -> bytes | None:
        with self._loop.at_work():
            return await super().get(key)

    async def has(self, key: str) -> bool:
        with self._loop.at_work():
            return await super().has(key)

    async def delete(self, key: str) -> None:
        with self._loop.at_work():
            await super().delete(key)


class SimulatedDatabase(Database):
    """The database; its own time is the loop's, which stands still while it works."""

    def __init__(self, url: str, loop: SimulatedLoop) -> None:
        super().__init__(url)
        self._loop = loop
        self._wall = None if self.exclusive else _Wall(url, loop)
        if self.exclusive:
            event.listen(self._engine.sync_engine, "connect", self._set_up)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        with self._loop.at_work():
            self._tell_time()
            async with super().read() as session:
                yield session

    @asynccontextmanager
    async def write(self, *, in_turn: bool = False) -> AsyncIterator[AsyncSession]:
        with self._loop.at_work():
            self._tell_time()
            async with super().write(in_turn=in_turn) as session:
                yield session

    async def close(self) -> None:
        with self._loop.at_work():
            await super().close()
        if self._wall is not None:
            self._wall.close()

    def _tell_time(self) -> None:
        if self._wall is not None:
            self._wall.tell()

    def _set_up(self, connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")  # nothing here has to outlive a power cut
        cursor.close()
        real = sqlite3.connect(":memory:", check_same_thread=False)

        def strftime(pattern: str, _now: str, *shifts: str) -> Any:
            marks = ", ?" * len(shifts)
            now = self._loop.date.strftime("%Y-%m-%d %H:%M:%S.%f")
            return real.execute(f"SELECT strftime(?, ?{marks})", (pattern, now, *shifts)).fetchone()[0]

        # A function of this name takes the place of SQLite's own. "Deterministic" is what SQLite's is too: once for
        # each statement, not for each row.
        connection.create_function("strftime", -1, strftime, deterministic=True)


class _Wall:
    """The time of a PostgreSQL database, where every connection sees it: a function in front of the server's own."""

    def __init__(self, url: str, loop: SimulatedLoop) -> None:
        self._loop = loop
        self._told = -1.0
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(plain, autocommit=True)
        name = make_url(url).database
        for statement in (
            "CREATE SCHEMA IF NOT EXISTS simulated",
            "CREATE TABLE IF NOT EXISTS simulated.wall AS SELECT 0.0::double precision AS seconds",
            "CREATE OR REPLACE FUNCTION simulated.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS"
            " 'SELECT pg_catalog.to_timestamp(seconds) FROM simulated.wall'",
            f"ALTER DATABASE {name} SET search_path TO simulated, pg_catalog, public",
        ):
            self._connection.execute(statement.encode())

    def tell(self) -> None:
        if self._told != self._loop.time():
            self._told = self._loop.time()
            self._connection.execute("UPDATE simulated.wall SET seconds = %s", (self._loop.date.timestamp(),))

    def close(self) -> None:
        self._connection.close()
