"""Listings: pages of entries, by a cursor that names a place and not a number: what comes or goes shifts nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Cursor, Entry, Listing, Order, Page, Visitor
from bot.store.database import Database, whole
from bot.store.gallery import rows
from bot.store.gallery.ways import Way, way
from bot.store.tables import UtcDateTime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Listings:
    """The listings of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def page(self, visitor: Visitor, listing: Listing, at: Cursor | None, limit: int) -> Page:
        """Return up to ``limit`` entries of a listing from ``at`` on, from its beginning for None.

        Where nothing is left after ``at``, that is the last page; where too little is left before it, the first.
        """
        async with self._database.read() as session:
            found = _Pages(session, await way(session, visitor, listing), listing, limit)
            if at is not None and at.back:
                page = await found.before(at)
                return page if page.previous is not None else await found.after(None)
            page = await found.after(at)
            return page if page.entries or at is None else await found.before(None)

    @whole
    async def count(self, visitor: Visitor, listing: Listing, at_most: int) -> int:
        """Return how many entries a listing has, counted up to ``at_most``."""
        async with self._database.read() as session:
            some = (await way(session, visitor, listing)).ids().limit(at_most).subquery()
            return await session.scalar(select(func.count()).select_from(some)) or 0

    @whole
    async def beside(self, visitor: Visitor, listing: Listing, entry: Entry) -> tuple[Entry | None, Entry | None]:
        """Return the entries that stand before and after one in a listing: None where it is the first or last.

        ``entry`` has to be one that was shown; it need not be in the listing.
        """
        here = _cursor(listing.order, entry, back=False)
        async with self._database.read() as session:
            found = _Pages(session, await way(session, visitor, listing), listing, 1)
            before, after = (await found.before(here)).entries, (await found.after(here)).entries
        return next(iter(before), None), next(iter(after), None)


class _Pages:
    """The pages of one listing, in one state of the database."""

    def __init__(self, session: AsyncSession, along: Way, listing: Listing, limit: int) -> None:
        self._session = session
        self._along = along
        self._listing = listing
        self._limit = limit

    async def after(self, at: Cursor | None) -> Page:
        """Return the page that begins after a place, or at the beginning."""
        found = await self._take(at, back=False)
        entries = found[: self._limit]
        return self._page(entries, previous=at is not None, following=len(found) > self._limit)

    async def before(self, at: Cursor | None) -> Page:
        """Return the page that ends before a place, or at the end."""
        found = await self._take(at, back=True)
        entries = found[: self._limit][::-1]
        return self._page(entries, previous=len(found) > self._limit, following=at is not None)

    def _page(self, entries: list[Entry], *, previous: bool, following: bool) -> Page:
        if not entries:
            return Page((), None, None)
        first, last = (
            _cursor(self._listing.order, one, back=back) for one, back in ((entries[0], True), (entries[-1], False))
        )
        return Page(tuple(entries), first if previous else None, last if following else None)

    async def _take(self, at: Cursor | None, *, back: bool) -> list[Entry]:
        """Return one entry more than a page has, in the order that they are met in."""
        found: list[Entry] = []
        for leg in self._legs(at, back):
            wanted = self._limit + 1 - len(found)
            if wanted:
                found += [
                    rows.entry_of(row) for row in await self._session.scalars(self._along.take(leg, wanted, back=back))
                ]
        return found

    def _legs(self, at: Cursor | None, back: bool) -> list[ColumnElement[bool]]:
        """Return the stretches of the order that are to be walked, one after the other.

        There is one, but for a random walk: that goes down from where it begins, and then from the highest place on.
        """
        key, id_ = self._along.key, self._along.id
        beyond: ColumnElement[bool] = true()
        if at is not None:
            place = tuple_(_key_in_sql(self._listing.order, at.key), at.id)
            here: Any = tuple_(key, id_)
            beyond = here > place if back else here < place
        if self._listing.order is not Order.RANDOM:
            return [beyond]
        start = self._listing.start
        first, second = key <= start, key > start
        in_first = at is None or at.key <= start
        if back:
            return [first & beyond] if at is not None and in_first else [second & beyond, first]
        return [first & beyond, second] if in_first else [second & beyond]


def _key_in_sql(order: Order, key: int) -> Any:
    return literal(_EPOCH + timedelta(microseconds=key), UtcDateTime()) if order is Order.NEWEST else key


def _cursor(order: Order, entry: Entry, *, back: bool) -> Cursor:
    if order is Order.NEWEST:
        if entry.shown_at is None:
            raise ValueError("an entry that was never shown has no place among the newest")
        return Cursor((entry.shown_at - _EPOCH) // timedelta(microseconds=1), entry.id, back)
    return Cursor(entry.votes if order is Order.TOP else entry.place, entry.id, back)
