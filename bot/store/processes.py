"""The bot processes that work on one database: each says what its workers do, so that all can foresee the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import delete, select

from bot.store.changes import LEASE_S
from bot.store.database import Database, whole
from bot.store.moments import moment
from bot.store.tables import ProcessRow


@dataclass(frozen=True)
class Told:
    """What a process tells of one of its workers."""

    speed: float | None = None  # GFLOP a second; None before it is measured
    # By look, what its dreams have shown: GFLOP a second, and seconds that every dream takes beside.
    paces: dict[str, list[float]] = field(default_factory=dict)
    job_id: int | None = None  # what it dreams, and for how much longer
    left_s: float = 0.0


class Processes:
    """The processes of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def report(self, owner: str, workers: Sequence[Told]) -> None:
        """Say what ``owner``'s workers do; it counts for a lease's time. Rows of the dead go."""
        now = {"workers": [asdict(one) for one in workers], "alive_until": moment(LEASE_S)}
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
    async def others(self, owner: str) -> list[Told]:
        """Return the workers of every living process but ``owner``."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(ProcessRow)
                .where(ProcessRow.owner != owner, ProcessRow.alive_until >= moment())
                .order_by(ProcessRow.owner)
            )
            return [Told(**one) for row in rows for one in row.workers]
