"""What a storm reads in the bot's database, and does to it."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from service_harness import Json
from sqlalchemy import make_url

OUTCOMES = frozenset({"dreamed", "failed", "cancelled"})
OURS = "oneiros-storm"  # the storm's own connections, which it does not cut
OF_JOBS = "SELECT id, interaction_id, channel_id, state, told_at, shown, failure FROM job ORDER BY id"
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name <> %s"
)
# What a dead process has sent to Discord is there within 2 s (the longest delay of a storm): no need to wait a minute.
LAPSE = (
    "UPDATE job SET lease_until = LEAST(lease_until, clock_timestamp() + interval '3 seconds') "
    "WHERE owner LIKE '%%:' || %s || ':%%'"
)


@dataclass
class Rows:
    """The jobs in ``file`` (SQLite), or in the PostgreSQL database at ``address``."""

    file: Path
    address: str | None
    changed: set[int] = field(default_factory=set)  # jobs that ended a second time, otherwise
    _ends: dict[int, str] = field(default_factory=dict)

    async def read(self) -> list[Json]:
        """Return every job's row, and note those whose outcome is another than before."""
        rows = await self._all()
        for row in rows:
            if self._ends.get(row["id"], row["state"]) != row["state"]:
                self.changed.add(row["id"])
            if row["state"] in OUTCOMES:
                self._ends[row["id"]] = row["state"]
        return rows

    async def cut_connections(self) -> None:
        """Cut everybody's connections but our own (PostgreSQL)."""
        async with await self._connection() as connection:
            await connection.execute(CUT, [OURS])

    async def lapse(self, pid: int) -> None:
        """Have the leases of a process that is gone lapse soon; on SQLite the next start frees them."""
        if self.address is not None:
            async with await self._connection() as connection:
                await connection.execute(LAPSE, [str(pid)])

    async def _all(self) -> list[Json]:
        if self.address is not None:
            async with await self._connection() as connection:
                return await (await connection.execute(OF_JOBS)).fetchall()
        if not self.file.exists():
            return []
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as file:
            file.row_factory = sqlite3.Row
            return [dict(row) for row in file.execute(OF_JOBS)]

    async def _connection(self) -> psycopg.AsyncConnection[Json]:
        plain = make_url(self.address or "").set(drivername="postgresql").render_as_string(hide_password=False)
        return await psycopg.AsyncConnection.connect(plain, row_factory=dict_row, application_name=OURS)
