"""How galleries go: by themselves after a time, or with their server."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import EntryState
from bot.store.database import Database, whole
from bot.store.gallery.mirrors import leave_messages
from bot.store.gallery.tables import ENTRY_PICTURES, ActRow, BarRow, EntryRow
from bot.store.moments import moment
from bot.store.tables import GuildRow, JobRow

_UNSYNCHRONISED = {"synchronize_session": False}


@dataclass(frozen=True)
class Removed:
    """What was removed of a gallery: so many entries, which held these pictures. Others may hold them too."""

    entries: int
    pictures: frozenset[str]


class Leavings:
    """What may go from the galleries of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def remove_entries(self, guild_id: int, at_most: int, left_s: float | None = None) -> Removed:
        """Remove some of a server's entries, with all that belongs to them.

        With ``left_s`` only where the bot left the server that many seconds ago, and did not come back.
        """
        async with self._database.write() as session:
            if not await _may_go(session, guild_id, left_s):
                return Removed(0, frozenset())
            some = select(EntryRow.id).where(EntryRow.guild_id == guild_id).limit(at_most)
            ids = list(await session.scalars(some))
            if left_s is None:  # the bot may be there, and can delete its messages
                await leave_messages(session, EntryRow.id.in_(ids))
            held = [tuple(row) for row in await session.execute(select(*ENTRY_PICTURES).where(EntryRow.id.in_(ids)))]
            await session.execute(delete(EntryRow).where(EntryRow.id.in_(ids)), execution_options=_UNSYNCHRONISED)
            return Removed(len(ids), frozenset(hash_ for row in held for hash_ in row if hash_ is not None))

    @whole
    async def remove_rest(self, guild_id: int, left_s: float | None = None) -> bool:
        """Remove a server's bars and log; False where the bot came back meanwhile."""
        async with self._database.write() as session:
            if not await _may_go(session, guild_id, left_s):
                return False
            for table in (BarRow, ActRow):
                await session.execute(delete(table).where(table.guild_id == guild_id))
            return True

    @whole
    async def let_go_pictures(self, removed_s: float, at_most: int) -> int:
        """Let go of the pictures of entries that a moderator removed that long ago; the rows stay.

        They are known by their likeness when somebody adds them again. Returns how many.
        """
        old = and_(EntryRow.state == EntryState.REMOVED, EntryRow.removed_at <= moment(-removed_s))
        something = or_(*(column.is_not(None) for column in ENTRY_PICTURES))
        nothing = {column.key: None for column in ENTRY_PICTURES}
        async with self._database.write() as session:
            ids = list(await session.scalars(select(EntryRow.id).where(old, something).limit(at_most)))
            # A moderator may have restored one meanwhile.
            still = update(EntryRow).where(EntryRow.id.in_(ids), old).values(nothing)
            await session.execute(still, execution_options=_UNSYNCHRONISED)
            return len(ids)

    @whole
    async def let_go_removed(self, removed_s: float, at_most: int) -> int:
        """Remove the rows of entries that a moderator removed that long ago; returns how many."""
        return await self._remove(
            and_(EntryRow.state == EntryState.REMOVED, EntryRow.removed_at <= moment(-removed_s)), at_most
        )

    @whole
    async def let_go_nominations(self, at_most: int) -> int:
        """Remove nominations whose dream is no longer kept: nobody can vote for it any more. Returns how many."""
        kept = select(JobRow.id).where(JobRow.id == EntryRow.job_id, JobRow.result_hash.is_not(None)).exists()
        return await self._remove(and_(EntryRow.state == EntryState.NOMINATED, ~kept), at_most)

    async def _remove(self, which: ColumnElement[bool], at_most: int) -> int:
        async with self._database.write() as session:
            ids = list(await session.scalars(select(EntryRow.id).where(which).limit(at_most)))
            still = and_(EntryRow.id.in_(ids), which)
            await leave_messages(session, still)
            await session.execute(delete(EntryRow).where(still), execution_options=_UNSYNCHRONISED)
            return len(ids)


async def _may_go(session: AsyncSession, guild_id: int, left_s: float | None) -> bool:
    if left_s is None:
        return True
    gone = and_(GuildRow.guild_id == guild_id, GuildRow.left_at <= moment(-left_s))
    return await session.scalar(select(GuildRow.guild_id).where(gone).with_for_update()) is not None
