"""Whether anything was committed to the database since: what was made of its rows before is right until then."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import make_url

from bot.store.database import sqlite_file

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

log = logging.getLogger(__name__)


class Pulse(Protocol):
    """Feels what any process commits. Two moments with the same beat have nothing committed between them."""

    async def beat(self) -> object | None:
        """Return the beat of now, which was felt after this was called; None where nobody can tell."""

    async def close(self) -> None:
        """Close its connection."""


def pulse_of(url: str) -> Pulse:
    """Return the pulse of the database at ``url``."""
    file = sqlite_file(url)
    if file is not None:
        return SqlitePulse(file)
    return PostgresPulse(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


class SqlitePulse:
    """SQLite counts the commits of all other connections, in every process, in memory that they share.

    Asking takes microseconds and no lock (8 µs measured), so it is done on the event loop.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._opened = 0  # times: each connection counts for itself

    async def beat(self) -> object | None:
        """Return the count, with the number of the connection that counts."""
        try:
            if self._connection is None:
                self._opened += 1
                self._connection = sqlite3.connect(self._file, timeout=0, isolation_level=None)
            (count,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            log.warning("whether the database has changed could not be told: %s", type(error).__name__)
            await self.close()
            return None
        return self._opened, count

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresPulse:
    """PostgreSQL names its snapshot: as long as that is the same, every transaction sees the same rows.

    All who ask while a question is under way share the next one, which begins after they asked.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[tuple[str]] | None = None
        self._under_way: asyncio.Task[object | None] | None = None
        self._next: asyncio.Task[object | None] | None = None

    async def beat(self) -> object | None:
        """Return the snapshot's name."""
        if self._next is None:
            self._next = asyncio.create_task(self._ask_after(self._under_way), name="pulse")
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Finish the questions under way and close the connection."""
        await asyncio.gather(*filter(None, (self._under_way, self._next)), return_exceptions=True)
        await self._disconnect()

    async def _ask_after(self, before: asyncio.Task[object | None] | None) -> object | None:
        if before is not None:
            await asyncio.wait([before])
        self._under_way, self._next = self._next, None
        return await self._ask()

    async def _ask(self) -> object | None:
        import psycopg  # an extra

        try:
            if self._connection is None:
                self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
            found = await self._connection.execute("SELECT pg_current_snapshot()::text")
            row = await found.fetchone()
        except (psycopg.Error, OSError) as error:
            log.warning("whether the database has changed could not be told: %s", type(error).__name__)
            await self._disconnect()
            return None
        return row[0] if row is not None else None

    async def _disconnect(self) -> None:
        if self._connection is not None:
            import psycopg

            with suppress(psycopg.Error, OSError):
                await self._connection.close()
            self._connection = None
