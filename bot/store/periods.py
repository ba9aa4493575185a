"""Acts that are done once a period, by one of several processes: whoever writes the period's row does it."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.store.database import Database, whole
from bot.store.moments import periods_passed
from bot.store.tables import PeriodRow


class Periods:
    """The periods of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def now(self) -> float:
        """Return the database's time, in whole seconds since 1970."""
        async with self._database.read() as session:
            return (await session.scalars(select(periods_passed(1.0)))).one()

    @whole
    async def begin(self, act: str, every_s: float) -> bool:
        """Tell whether ``act`` is ours to do in this period of ``every_s`` seconds; of all who ask, once."""
        async with self._database.write() as session:
            begun = await session.scalar(
                self._database.insert(PeriodRow)
                .values(act=act, number=periods_passed(every_s))
                .on_conflict_do_nothing()
                .returning(PeriodRow.number)
            )
            if begun is not None:
                await session.execute(delete(PeriodRow).where(PeriodRow.act == act, PeriodRow.number < begun))
            return begun is not None
