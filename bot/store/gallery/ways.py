"""How a listing's entries are found. No one way is quick for a tag of three entries and for one of thirty thousand.

So they are counted first, up to a bound, along the index of each filter; then one of three ways is taken:

* *gather*: all entries of the rarest filter, and the other filters asked of each; then they are sorted.
* *follow*: the index of a person, a tag or a preset, which has its entries by when they were shown. Not that of the
  words that begin so: it has them word by word.
* *walk*: the index of the listing's order, and every filter asked of each entry until a page is full. Where all
  filters are common, that is soon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.entry import EntryState, Listing, Order, Period, Visitor
from bot.store.gallery import rows, terms
from bot.store.gallery.tables import EntryRow, EntryTermRow
from bot.store.moments import moment

FEW = 5_000  # entries that are gathered and sorted in about 10 ms; of 100,000, one in twenty fills a page in 200 looks
MOST_WORDS = 8  # of a search; what is typed beyond them is not asked
DAY_S = 24 * 3600.0
PERIODS_S = {Period.DAY: DAY_S, Period.WEEK: 7 * DAY_S, Period.MONTH: 30 * DAY_S}
ORDERED_BY: dict[Order, Any] = {
    Order.NEWEST: EntryRow.shown_at,
    Order.TOP: EntryRow.votes,
    Order.RANDOM: EntryRow.place,
}


@dataclass(frozen=True)
class Filter:
    """One thing that a listing asks of its entries: an index of those that have it, or a question to each entry."""

    # The rows that one index has of them, of those alone that the visitor sees.
    id: Any
    shown_at: Any
    where: Sequence[ColumnElement[bool]]
    asked: ColumnElement[bool]  # of ``EntryRow``
    repeats: bool = False  # an entry may have several rows

    def ids(self) -> Select[Any]:
        """Return the ids in the index."""
        return select(self.id).where(*self.where)


@dataclass(frozen=True)
class Way:
    """The entries of a listing, by one way of finding them."""

    # What they are ordered by, and their ids, in the rows that are looked through.
    key: Any
    id: Any
    where: Sequence[ColumnElement[bool]]

    def ids(self) -> Select[Any]:
        """Return their ids, in no order."""
        return select(self.id).where(*self.where)

    def take(self, where: ColumnElement[bool], limit: int, *, back: bool) -> Select[EntryRow]:
        """Return the first of those that ``where`` lets through, in the listing's order or against it."""
        # Only what was chosen is read whole: its recipe is most of a row.
        chosen = select(self.key.label("key"), self.id.label("id")).where(*self.where, where)
        some = chosen.order_by(*_ordered(self.key, self.id, back=back)).limit(limit).subquery()
        return select(EntryRow).join(some, EntryRow.id == some.c.id).order_by(*_ordered(*some.c, back=back))


async def way(session: AsyncSession, visitor: Visitor, listing: Listing) -> Way:
    """Choose how to find a listing's entries, by how many there are."""
    key = ORDERED_BY[listing.order]
    filters = _filters(visitor, listing)
    if not filters:
        return Way(key, EntryRow.id, [rows.listed_for(visitor)])
    sizes = [await _size(session, one) for one in filters]
    few, rarest = min(zip(sizes, filters, strict=True), key=lambda pair: pair[0])
    if few <= FEW:
        return _gathered(key, rarest, [one.asked for one in filters if one is not rarest])
    if len(filters) == 1 and listing.order is Order.NEWEST and not rarest.repeats:
        return Way(rarest.shown_at, rarest.id, rarest.where)
    return Way(key, EntryRow.id, [rows.listed_for(visitor), *(one.asked for one in filters)])


def _gathered(key: Any, rarest: Filter, others: Sequence[ColumnElement[bool]]) -> Way:
    """Look up the entries of one filter, each by its id, whatever the database thinks of their number.

    A join would let PostgreSQL read the whole table for a few thousand of them: 60 ms instead of 10.
    """
    some = rarest.ids().distinct().limit(FEW + 1).subquery()  # a bound that is never reached
    of_one = select(key).where(EntryRow.id == some.c[0], *others).correlate(some).scalar_subquery()
    found = select(some.c[0].label("id"), of_one.label("key")).cte().prefix_with("MATERIALIZED")
    return Way(found.c.key, found.c.id, [found.c.key.is_not(None)])


async def _size(session: AsyncSession, one: Filter) -> int:
    """Return how many rows a filter's index has, counted up to one more than a few."""
    some = one.ids().limit(FEW + 1).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


def _ordered(key: Any, id_: Any, *, back: bool) -> list[ColumnElement[Any]]:
    return [key.asc(), id_.asc()] if back else [key.desc(), id_.desc()]


def _filters(visitor: Visitor, listing: Listing) -> list[Filter]:
    found = []
    if listing.order is Order.TOP and listing.period is not Period.EVER:
        # Asked once: PostgreSQL looks up no index by a clock that goes on meanwhile.
        since = select(moment(-PERIODS_S[listing.period])).scalar_subquery()
        found.append(_of_the_row(visitor, lambda row: row.shown_at > since))
    if listing.person_id is not None:
        found.append(_of_the_row(visitor, lambda row: row.person_id == listing.person_id))
    if listing.credit is not None:
        found.append(_of_the_row(visitor, lambda row: row.credit == listing.credit))
    if listing.tag is not None:
        found.append(_of_a_term(visitor, terms.TAG, EntryTermRow.term == terms.folded(listing.tag)))
    if listing.preset is not None:
        found.append(_of_a_term(visitor, terms.PRESET, EntryTermRow.term == terms.preset_key(listing.preset)))
    if listing.words is not None:
        # A search for nothing that can be searched finds nothing.
        starts = [terms.begins_with(word) for word in terms.words_of(listing.words)[:MOST_WORDS]] or [false()]
        found += [_of_a_term(visitor, terms.WORD, start, repeats=True) for start in starts]
    return found


def _of_the_row(visitor: Visitor, asks: Callable[[type[EntryRow]], ColumnElement[bool]]) -> Filter:
    row = aliased(EntryRow)
    where = [*rows.placed(row, visitor), row.state == EntryState.SHOWN, asks(row)]
    return Filter(row.id, row.shown_at, where, asks(EntryRow))


def _of_a_term(visitor: Visitor, kind: str, wanted: ColumnElement[bool], *, repeats: bool = False) -> Filter:
    row = EntryTermRow
    where = [*rows.placed(row, visitor), row.kind == kind, wanted]
    # The offset of nothing keeps PostgreSQL from making a join of it, for which it would read both tables whole.
    of_one = select(row.entry_id).where(row.entry_id == EntryRow.id, row.kind == kind, wanted).correlate(EntryRow)
    asked = of_one.offset(0).exists()
    return Filter(row.entry_id, row.shown_at, where, asked, repeats)
