"""From rows to entries, who sees which, and the one way an entry comes to be shown or is taken out."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Entry, EntryState, Visitor
from bot.store.gallery import terms
from bot.store.gallery.tables import EntryRow, EntryTermRow
from bot.store.moments import moment

_FIELDS = tuple(field.name for field in fields(Entry))


def entry_of(row: EntryRow) -> Entry:
    """Return a row's entry, which is safe to hand out."""
    return Entry(**{name: getattr(row, name) for name in _FIELDS} | {"tags": tuple(row.tags.split())})


def listed_for(visitor: Visitor) -> ColumnElement[bool]:
    """Match the entries that a visitor finds in lists."""
    return and_(EntryRow.state == EntryState.SHOWN, *placed(EntryRow, visitor))


def placed(table: type[EntryRow | EntryTermRow], visitor: Visitor) -> list[ColumnElement[bool]]:
    """Match what is of the visitor's server, and may be shown where they look at it."""
    may = [table.guild_id == visitor.guild_id]
    if visitor.web or not visitor.restricted:
        may.append(table.restricted.is_(False))
    if visitor.web:
        may.append(table.on_web.is_(True))
    return may


def seen_by(visitor: Visitor) -> ColumnElement[bool]:
    """Match the entries that a visitor may look at: their own in any state, and a moderator's whole server's."""
    if visitor.web:
        return listed_for(visitor)
    if visitor.moderates:
        return and_(*placed(EntryRow, visitor))
    theirs = or_(EntryRow.state == EntryState.SHOWN, EntryRow.person_id == visitor.person_id)
    return and_(theirs, *placed(EntryRow, visitor))


async def one(session: AsyncSession, where: ColumnElement[bool]) -> EntryRow | None:
    """Return the row that ``where`` matches."""
    return await session.scalar(select(EntryRow).where(where))


async def change(session: AsyncSession, where: ColumnElement[bool], **values: Any) -> EntryRow | None:
    """Change the one row that ``where`` matches, and return it as it is now; None where nothing matches."""
    return await session.scalar(
        update(EntryRow).where(where).values(**values).returning(EntryRow),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )


async def show(session: AsyncSession, where: ColumnElement[bool], **values: Any) -> EntryRow | None:
    """Show the entry that ``where`` matches: from now on it is listed and found."""
    row = await change(session, where, state=EntryState.SHOWN, hidden=None, reason=None, removed_at=None, **values)
    if row is None:
        return None
    if row.shown_at is None:
        row = await change(session, EntryRow.id == row.id, shown_at=moment())
    if row is not None:
        await terms.write(session, row)
    return row


async def take_out(
    session: AsyncSession, where: ColumnElement[bool], state: EntryState, **values: Any
) -> EntryRow | None:
    """Take the entry that ``where`` matches out of all lists."""
    removed_at = moment() if state is EntryState.REMOVED else None
    row = await change(session, where, state=state, removed_at=removed_at, **values)
    if row is not None:
        await terms.take_away(session, row.id)
    return row
