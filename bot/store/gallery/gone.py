"""Messages in gallery channels that are to be deleted: their entries are shown no more, or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update

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
                GoneMessage(row.id, row.guild_id, row.channel_id, row.message_id, row.entry_id, row.begun_at)
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
    async def give_up(self, older_than_s: float) -> int:
        """Forget those that could not be deleted for so long; returns how many."""
        async with self._database.write() as session:
            old = GoneMessageRow.created_at < moment(-older_than_s)
            return len((await session.scalars(delete(GoneMessageRow).where(old).returning(GoneMessageRow.id))).all())
