"""Moderators' decisions: on entries, on reports, on people. Each is fenced: of two at once, one decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Entry, EntryState, Hidden, Visitor
from bot.store.database import Database, whole
from bot.store.gallery import rows
from bot.store.gallery.acts import THE_BOT, Act, By, write_down
from bot.store.gallery.tables import BarRow, EntryRow, ReportRow
from bot.store.moments import moment
from bot.store.salting import hashed, salt


@dataclass(frozen=True)
class Report:
    """What somebody reported of an entry."""

    entry_id: int
    person_id: int
    reason: str
    created_at: datetime


@dataclass(frozen=True)
class Bar:
    """Somebody who may not add. ``person_id`` is None once they were forgotten."""

    id: int
    person_id: int | None
    barred_by: int
    reason: str | None
    created_at: datetime


class Decisions:
    """The decisions on one database's galleries. Rights are asked above: here only which server is looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def show(self, moderator: Visitor, entry_id: int, was: EntryState) -> Entry | None:
        """Approve or restore an entry that is still as it was; None where it is no longer. Its reports go."""
        act = Act.APPROVED if was is EntryState.PENDING else Act.RESTORED
        async with self._database.write() as session:
            # A removed one whose picture was let go is there to be recognised, and can be shown no more.
            where = and_(_as_it_was(moderator, entry_id, was), EntryRow.picture_hash.is_not(None))
            row = await rows.show(session, where, reports=0)
            if row is None:
                return None
            await session.execute(delete(ReportRow).where(ReportRow.entry_id == entry_id))
            return await _noted(session, row, act, moderator, None)

    @whole
    async def remove(self, moderator: Visitor, entry_id: int, was: EntryState, reason: str | None) -> Entry | None:
        """Take an entry out that is still as it was; None where it is no longer. Its reports go."""
        async with self._database.write() as session:
            where = _as_it_was(moderator, entry_id, was)
            row = await rows.take_out(session, where, EntryState.REMOVED, reason=reason, hidden=None, reports=0)
            if row is None:
                return None
            await session.execute(delete(ReportRow).where(ReportRow.entry_id == entry_id))
            return await _noted(session, row, Act.REMOVED, moderator, reason)

    @whole
    async def report(self, visitor: Visitor, entry_id: int, reason: str, hide_at: int) -> Entry | None:
        """Write down a visitor's report, one a person; with as many as ``hide_at`` the entry is hidden.

        Returns the entry as it is then; None where they see no shown one. Raises ValueError where nobody knows who
        reports.
        """
        mine = {"entry_id": entry_id, "person_id": visitor.somebody}
        async with self._database.write() as session:
            listed = and_(rows.listed_for(visitor), EntryRow.id == entry_id)
            row = await session.scalar(select(EntryRow).where(listed).with_for_update())
            if row is None:
                return None
            fresh = self._database.insert(ReportRow).values(**mine, reason=reason, created_at=moment())
            if await session.scalar(fresh.on_conflict_do_nothing().returning(ReportRow.entry_id)) is None:
                return rows.entry_of(row)
            row = await rows.change(session, EntryRow.id == entry_id, reports=EntryRow.reports + 1)
            if row is not None and row.reports >= hide_at:
                row = await rows.take_out(session, EntryRow.id == entry_id, EntryState.HIDDEN, hidden=Hidden.REPORTS)
                if row is not None:
                    who = By(by=THE_BOT, entry_id=row.id, about=row.person_id, reason=reason)
                    await write_down(session, row.guild_id, Act.HIDDEN, **who)
            return None if row is None else rows.entry_of(row)

    @whole
    async def reports_of(self, moderator: Visitor, entry_id: int, limit: int) -> list[Report]:
        """Return what was reported of an entry, the oldest first."""
        found = (
            select(ReportRow)
            .join(EntryRow, EntryRow.id == ReportRow.entry_id)
            .where(ReportRow.entry_id == entry_id, EntryRow.guild_id == moderator.guild_id)
            .order_by(ReportRow.created_at, ReportRow.person_id)
            .limit(limit)
        )
        async with self._database.read() as session:
            return [
                Report(row.entry_id, row.person_id, row.reason, row.created_at) for row in await session.scalars(found)
            ]

    @whole
    async def bar(self, moderator: Visitor, person_id: int, reason: str | None) -> bool:
        """Let a person add no more; False where they are barred already. Raises ValueError for no known moderator."""
        async with self._database.write(in_turn=True) as session:
            values = {
                "guild_id": moderator.guild_id,
                "who": hashed(await salt(self._database, session), person_id),
                "person_id": person_id,
                "barred_by": moderator.somebody,
                "reason": reason,
                "created_at": moment(),
            }
            fresh = self._database.insert(BarRow).values(**values).on_conflict_do_nothing().returning(BarRow.id)
            if await session.scalar(fresh) is None:
                return False
            by = By(by=moderator.somebody, about=person_id, reason=reason)
            await write_down(session, moderator.guild_id, Act.BARRED, **by)
            return True

    @whole
    async def unbar(self, moderator: Visitor, bar_id: int) -> bool:
        """Let somebody add again; False where they are not barred."""
        async with self._database.write() as session:
            gone = delete(BarRow).where(BarRow.id == bar_id, BarRow.guild_id == moderator.guild_id)
            row = (await session.execute(gone.returning(BarRow.id, BarRow.person_id))).one_or_none()
            if row is None:
                return False
            by = By(by=moderator.person_id or THE_BOT, about=row.person_id)
            await write_down(session, moderator.guild_id, Act.UNBARRED, **by)
            return True

    @whole
    async def bars(self, guild_id: int, limit: int, after: int = 0) -> list[Bar]:
        """Return who is barred on a server, the longest first, from the one after ``after``."""
        found = select(BarRow).where(BarRow.guild_id == guild_id, BarRow.id > after).order_by(BarRow.id).limit(limit)
        async with self._database.read() as session:
            return [
                Bar(row.id, row.person_id, row.barred_by, row.reason, row.created_at)
                for row in await session.scalars(found)
            ]

    @whole
    async def clear(self, moderator: Visitor, person_id: int, reason: str | None) -> list[Entry]:
        """Remove all of a person's entries from a server's gallery, nominations too; returns them."""
        theirs = and_(
            EntryRow.guild_id == moderator.guild_id,
            EntryRow.person_id == person_id,
            EntryRow.state != EntryState.REMOVED,
        )
        async with self._database.write() as session:
            cleared = []
            for entry_id in list(await session.scalars(select(EntryRow.id).where(theirs).order_by(EntryRow.id))):
                where = and_(theirs, EntryRow.id == entry_id)
                row = await rows.take_out(session, where, EntryState.REMOVED, reason=reason, hidden=None, reports=0)
                if row is not None:
                    await session.execute(delete(ReportRow).where(ReportRow.entry_id == entry_id))
                    cleared.append(rows.entry_of(row))
            if cleared:
                by = By(by=moderator.person_id or THE_BOT, about=person_id, reason=reason)
                await write_down(session, moderator.guild_id, Act.CLEARED, **by)
            return cleared


def _as_it_was(moderator: Visitor, entry_id: int, was: EntryState) -> ColumnElement[bool]:
    return and_(EntryRow.id == entry_id, EntryRow.guild_id == moderator.guild_id, EntryRow.state == was)


async def _noted(session: AsyncSession, row: EntryRow, act: Act, moderator: Visitor, reason: str | None) -> Entry:
    by = moderator.person_id or THE_BOT
    await write_down(session, row.guild_id, act, by=by, entry_id=row.id, about=row.person_id, reason=reason)
    return rows.entry_of(row)
