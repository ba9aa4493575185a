"""What a gallery's entries can be found by: its tags, its presets, its people; those with the most entries first.

To count the tags of 100,000 entries takes longer than somebody who types waits for a suggestion: so what was counted is
kept for a minute. A tag that is new or gone since then is suggested a little late, or in vain.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.entry import Visitor
from bot.store.database import Database, whole
from bot.store.gallery import rows, terms
from bot.store.gallery.tables import EntryRow, EntryTermRow

MOST = 25  # Discord shows as many suggestions
NAMES = 2_000  # of a server that are kept: those that are used least are not suggested
KEPT_S = 60.0
MOST_KEPT = 60  # lists of names, about 0.3 MiB each at the most

PEOPLE = "people"


@dataclass(frozen=True)
class Use:
    """A tag or a preset as one of its entries has it, and how many of those that the visitor sees have it."""

    name: str
    entries: int


class Used:
    """What is used in the galleries of one database."""

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        """``now`` tells seconds."""
        self._database = database
        self._now = now
        self._kept: OrderedDict[Any, tuple[float, Any]] = OrderedDict()

    async def tags(self, visitor: Visitor, start: str = "", limit: int = MOST) -> list[Use]:
        """Return the tags that begin with ``start``, the most used first."""
        return await self._beginning(visitor, terms.TAG, start, limit)

    async def presets(self, visitor: Visitor, start: str = "", limit: int = MOST) -> list[Use]:
        """Return the presets whose names begin with ``start``, the most used first."""
        return await self._beginning(visitor, terms.PRESET, start, limit)

    async def people(self, visitor: Visitor, limit: int = MOST) -> list[int]:
        """Return the ids of those who dreamed its entries, who dreamed the most first."""
        found: list[int] = await self._once(visitor, PEOPLE, lambda: self._people(visitor))
        return found[:limit]

    async def _beginning(self, visitor: Visitor, kind: str, start: str, limit: int) -> list[Use]:
        found: list[Use] = await self._once(visitor, kind, lambda: self._found(visitor, kind))
        wanted = terms.folded(start)
        return [one for one in found if terms.folded(one.name).startswith(wanted)][:limit]

    async def _once(self, visitor: Visitor, what: str, count: Callable[[], Awaitable[Any]]) -> Any:
        """Return what was counted in the last minute for those who see the same entries, or count it now."""
        key = what, visitor.guild_id, visitor.restricted, visitor.web
        counted_at, found = self._kept.pop(key, (None, None))
        if counted_at is None or self._now() - counted_at > KEPT_S:
            counted_at, found = self._now(), await count()
        self._kept[key] = counted_at, found
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found

    @whole
    async def _people(self, visitor: Visitor) -> list[int]:
        counted = (
            select(EntryRow.person_id)
            .where(rows.listed_for(visitor))
            .group_by(EntryRow.person_id)
            .order_by(func.count().desc(), EntryRow.person_id)
            .limit(NAMES)
        )
        async with self._database.read() as session:
            return list(await session.scalars(counted))

    @whole
    async def _found(self, visitor: Visitor, kind: str) -> list[Use]:
        term = EntryTermRow.term
        counted = (
            select(term, func.count().label("entries"), func.max(EntryTermRow.entry_id).label("newest"))
            .where(*rows.placed(EntryTermRow, visitor), EntryTermRow.kind == kind)
            .group_by(term)
            .order_by(func.count().desc(), term)
            .limit(NAMES)
            .subquery()
        )
        # A term is folded; how it is written, the newest entry that has it says.
        found = (
            select(EntryRow.tags, EntryRow.preset, counted.c.term, counted.c.entries)
            .join(counted, counted.c.newest == EntryRow.id)
            .order_by(counted.c.entries.desc(), counted.c.term)
        )
        async with self._database.read() as session:
            return [
                Use(_written(one, tags.split() if kind == terms.TAG else [preset or ""]), entries)
                for tags, preset, one, entries in await session.execute(found)
            ]


def _written(term: str, names: Iterable[str]) -> str:
    """Return how a term is written, among the names of an entry that has it."""
    return next((name for name in names if terms.preset_key(name) == term), term)
