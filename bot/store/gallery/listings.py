"""Listings: pages of entries, by a cursor that names a place and not a number: what comes or goes shifts nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from bot.entry import Cursor, Entry, Listing, Order, Page, Period, Visitor
from bot.store.database import Database, whole
from bot.store.gallery import offers, rows, terms
from bot.store.gallery.tables import EntryRow, EntryTermRow
from bot.store.moments import moment

DAY_S = 24 * 3600.0
PERIODS_S = {Period.DAY: DAY_S, Period.WEEK: 7 * DAY_S, Period.MONTH: 30 * DAY_S}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Listings:
    """The listings of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def page(self, visitor: Visitor, listing: Listing, at: Cursor | None, limit: int) -> Page:
        """Return up to ``limit`` entries of a listing from ``at`` on, from its beginning for None."""
        back = at is not None and at.back
        found = select(EntryRow).where(*_filters(visitor, listing))
        column: Any = _ORDERED_BY[listing.order]
        if at is not None:
            place = tuple_(_key_in_sql(listing.order, at.key), at.id)
            here = tuple_(column, EntryRow.id)
            found = found.where(here > place if back else here < place)
        order = (column.asc(), EntryRow.id.asc()) if back else (column.desc(), EntryRow.id.desc())
        async with self._database.read() as session:
            entries = [rows.entry_of(row) for row in await session.scalars(found.order_by(*order).limit(limit + 1))]
        more = len(entries) > limit
        entries = entries[:limit]
        if back:
            entries.reverse()
        if not entries:
            return Page((), None, None)
        first, last = entries[0], entries[-1]
        before = (more if back else at is not None) and _cursor(listing.order, first, back=True)
        after = (True if back else more) and _cursor(listing.order, last, back=False)
        return Page(tuple(entries), before or None, after or None)

    @whole
    async def count(self, visitor: Visitor, listing: Listing, at_most: int) -> int:
        """Return how many entries a listing has, counted up to ``at_most``."""
        some = select(EntryRow.id).where(*_filters(visitor, listing)).limit(at_most).subquery()
        async with self._database.read() as session:
            return await session.scalar(select(func.count()).select_from(some)) or 0

    @whole
    async def tags(self, visitor: Visitor, typed: str, limit: int) -> list[str]:
        """Return tags that a visitor's listings have and that begin as ``typed``."""
        async with self._database.read() as session:
            return await offers.terms(session, visitor, terms.TAG, terms.folded(typed), limit)

    @whole
    async def presets(self, visitor: Visitor, typed: str, limit: int) -> list[str]:
        """Return presets that dreams in a visitor's listings began from and that begin as ``typed``."""
        async with self._database.read() as session:
            found = await offers.terms(session, visitor, terms.PRESET, terms.preset_key(typed), limit)
            return [await offers.preset_of(session, visitor, term) for term in found]


_ORDERED_BY = {Order.NEWEST: EntryRow.shown_at, Order.TOP: EntryRow.votes, Order.RANDOM: EntryRow.place}


def _filters(visitor: Visitor, listing: Listing) -> list[ColumnElement[bool]]:
    wanted = [rows.listed_for(visitor)]
    if listing.order is Order.TOP and listing.period is not Period.EVER:
        wanted.append(EntryRow.shown_at > moment(-PERIODS_S[listing.period]))
    if listing.person_id is not None:
        wanted.append(EntryRow.person_id == listing.person_id)
    if listing.tag is not None:
        wanted.append(_has(visitor, terms.TAG, terms.folded(listing.tag)))
    if listing.preset is not None:
        wanted.append(_has(visitor, terms.PRESET, terms.preset_key(listing.preset)))
    for word in terms.words_of(listing.words or ""):
        wanted.append(_has(visitor, terms.WORD, word, begins=True))
    return wanted


def _has(visitor: Visitor, kind: str, term: str, *, begins: bool = False) -> ColumnElement[bool]:
    same = EntryTermRow.term.startswith(term, autoescape=True) if begins else EntryTermRow.term == term
    of_guild = and_(EntryTermRow.guild_id == visitor.guild_id, EntryTermRow.kind == kind)
    return EntryRow.id.in_(select(EntryTermRow.entry_id).where(of_guild, same))


def _key_in_sql(order: Order, key: int) -> Any:
    return _EPOCH + timedelta(microseconds=key) if order is Order.NEWEST else key


def _cursor(order: Order, entry: Entry, *, back: bool) -> Cursor:
    if order is Order.NEWEST:
        if entry.shown_at is None:
            raise RuntimeError("a shown entry has no moment when it was shown")
        return Cursor((entry.shown_at - _EPOCH) // timedelta(microseconds=1), entry.id, back)
    return Cursor(entry.votes if order is Order.TOP else entry.place, entry.id, back)
