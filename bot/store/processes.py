"""The bot processes that work on one database: each says what its workers can do, so that all can foresee the queue."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select

from bot.store.changes import LEASE_S
from bot.store.database import Database, whole
from bot.store.moments import moment
from bot.store.tables import ProcessRow


@dataclass(frozen=True)
class Workers:
    """The workers of one process."""

    count: int
    speed: float | None  # of one of them, in GFLOP a second; None before it is measured


class Processes:
    """The processes of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def report(self, owner: str, workers: Workers) -> None:
        """Say what ``owner``'s workers can do; it counts for a lease's time. Rows of the dead go."""
        now = {"workers": workers.count, "speed": workers.speed, "alive_until": moment(LEASE_S)}
        async with self._database.write() as session:
            await session.execute(
                self._database.insert(ProcessRow)
                .values(owner=owner, **now)
                .on_conflict_do_update(index_elements=[ProcessRow.owner], set_=now)
            )
            await session.execute(delete(ProcessRow).where(ProcessRow.alive_until < moment()))

    @whole
    async def leave(self, owner: str) -> None:
        """Take back what ``owner`` has said: its workers end."""
        async with self._database.write() as session:
            await session.execute(delete(ProcessRow).where(ProcessRow.owner == owner))

    @whole
    async def others(self, owner: str) -> list[Workers]:
        """Return the workers of every living process but ``owner``."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(ProcessRow).where(ProcessRow.owner != owner, ProcessRow.alive_until >= moment())
            )
            return [Workers(row.workers, row.speed) for row in rows]
