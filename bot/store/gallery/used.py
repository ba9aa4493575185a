"""What a gallery's entries can be found by: its tags, its presets, its people; those with the most entries first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.entry import Visitor
from bot.store.database import Database, whole
from bot.store.gallery import rows, terms
from bot.store.gallery.tables import EntryRow, EntryTermRow

MOST = 25  # Discord shows as many suggestions


@dataclass(frozen=True)
class Use:
    """A tag or a preset as one of its entries has it, and how many of those that the visitor sees have it."""

    name: str
    entries: int


class Used:
    """What is used in the galleries of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def tags(self, visitor: Visitor, start: str = "", limit: int = MOST) -> list[Use]:
        """Return the tags that begin with ``start``, the most used first."""
        return await self._found(visitor, terms.TAG, terms.folded(start), limit, lambda row: row.tags.split())

    @whole
    async def presets(self, visitor: Visitor, start: str = "", limit: int = MOST) -> list[Use]:
        """Return the presets whose names begin with ``start``, the most used first."""
        return await self._found(visitor, terms.PRESET, terms.preset_key(start), limit, lambda row: [row.preset or ""])

    @whole
    async def people(self, visitor: Visitor, limit: int = MOST) -> list[int]:
        """Return the ids of those who dreamed its entries, who dreamed the most first."""
        counted = (
            select(EntryRow.person_id)
            .where(rows.listed_for(visitor))
            .group_by(EntryRow.person_id)
            .order_by(func.count().desc(), EntryRow.person_id)
            .limit(limit)
        )
        async with self._database.read() as session:
            return list(await session.scalars(counted))

    async def _found(
        self, visitor: Visitor, kind: str, start: str, limit: int, names_of: Callable[[EntryRow], Iterable[str]]
    ) -> list[Use]:
        term = EntryTermRow.term
        begins = [terms.begins_with(start)] if start else []
        counted = (
            select(term, func.count().label("entries"), func.max(EntryTermRow.entry_id).label("newest"))
            .where(*rows.placed(EntryTermRow, visitor), EntryTermRow.kind == kind, *begins)
            .group_by(term)
            .order_by(func.count().desc(), term)
            .limit(limit)
            .subquery()
        )
        # A term is folded; how it is written, the newest entry that has it says.
        found = (
            select(EntryRow, counted.c.term, counted.c.entries)
            .join(counted, counted.c.newest == EntryRow.id)
            .order_by(counted.c.entries.desc(), counted.c.term)
        )
        key = terms.preset_key if kind == terms.PRESET else terms.folded
        async with self._database.read() as session:
            return [
                Use(next((name for name in names_of(row) if key(name) == one), one), entries)
                for row, one, entries in await session.execute(found)
            ]
