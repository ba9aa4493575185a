"""Messages that are to be deleted, in gallery channels and where entries were shared: their entries have gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database, whole
from bot.store.gallery.mirrors import LEASE_S
from bot.store.gallery.tables import EntryRow, GoneMessageRow
from bot.store.moments import moment


@dataclass(frozen=True)
class GoneMessage:
    """One message. ``message_id`` is None where it may have been posted, and is to be looked for."""

    id: int
    guild_id: int
    channel_id: int
    message_id: int | None
    entry_id: int
    begun_at: datetime
    takedown_id: int | None = None  # that its entry went by: whoever runs the bot is told where it stays


class GoneMessages:
    """The messages of one database that are to be deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def all(self) -> list[GoneMessage]:
        """Return them, the oldest first; those that a living process may be about to post stay with it."""
        known = or_(GoneMessageRow.message_id.is_not(None), GoneMessageRow.created_at < moment(-LEASE_S))
        async with self._database.read() as session:
            return [
                _gone(row)
                for row in await session.scalars(select(GoneMessageRow).where(known).order_by(GoneMessageRow.id))
            ]

    @whole
    async def found(self, one: GoneMessage, message_id: int) -> None:
        """Note which message it is."""
        async with self._database.write() as session:
            same = GoneMessageRow.id == one.id
            await session.execute(update(GoneMessageRow).where(same).values(message_id=message_id))

    @whole
    async def done(self, one: GoneMessage, *, by_somebody: bool) -> None:
        """Note that it is there no more. Where somebody else has deleted it, its entry is never posted again."""
        async with self._database.write() as session:
            await session.execute(delete(GoneMessageRow).where(GoneMessageRow.id == one.id))
            taken_back = and_(EntryRow.mirroring_at.is_(None), EntryRow.mirrored_votes.is_not(None))
            if by_somebody:
                over = update(EntryRow).where(EntryRow.id == one.entry_id, taken_back).values(mirroring_at=moment())
                await session.execute(over, execution_options={"synchronize_session": False})

    @whole
    async def stays(self, one: GoneMessage) -> bool:
        """Note that Discord does not let a message be deleted that a takedown wants gone; True where that is new."""
        async with self._database.write() as session:
            return bool(await _note_staying(session, GoneMessageRow.id == one.id))

    @whole
    async def overdue(self, older_than_s: float) -> list[GoneMessage]:
        """Note the same of those that could not be deleted for so long, for whatever reason; returns them."""
        async with self._database.write() as session:
            return await _note_staying(session, GoneMessageRow.created_at < moment(-older_than_s))

    @whole
    async def give_up(self, older_than_s: float, taken_down_s: float) -> int:
        """Forget those that could not be deleted for so long, those of takedowns for longer; returns how many."""
        of_takedown = GoneMessageRow.takedown_id.is_not(None)
        old = or_(
            and_(~of_takedown, GoneMessageRow.created_at < moment(-older_than_s)),
            and_(of_takedown, GoneMessageRow.created_at < moment(-taken_down_s)),
        )
        async with self._database.write() as session:
            return len((await session.scalars(delete(GoneMessageRow).where(old).returning(GoneMessageRow.id))).all())


async def _note_staying(session: AsyncSession, which: ColumnElement[bool]) -> list[GoneMessage]:
    new = and_(which, GoneMessageRow.takedown_id.is_not(None), GoneMessageRow.told_at.is_(None))
    noted = update(GoneMessageRow).where(new).values(told_at=moment()).returning(GoneMessageRow)
    return [_gone(row) for row in await session.scalars(noted, execution_options={"synchronize_session": False})]


def _gone(row: GoneMessageRow) -> GoneMessage:
    return GoneMessage(
        row.id, row.guild_id, row.channel_id, row.message_id, row.entry_id, row.begun_at, row.takedown_id
    )
