"""Galleries that move: read entry by entry, and written down in another database as they were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Entry, EntryState
from bot.store.database import Database, whole
from bot.store.gallery import likenesses, rows, terms
from bot.store.gallery.acts import THE_BOT, Act, write_down
from bot.store.gallery.coming_in import hold_pictures, new_slug
from bot.store.gallery.tables import BarRow, EntryRow, LikenessRow, VoteRow
from bot.store.salting import hashed, salt

MOVED = (EntryState.PENDING, EntryState.SHOWN, EntryState.HIDDEN, EntryState.REMOVED)
_AT_ONCE = 500  # rows of one statement
_PICTURES = ("picture_hash", "original_hash", "guide_hash", "mask_hash")
# What an entry is on its way. Its thumbnail is made anew, and its job, messages and reports are of the other bot.
_COLUMNS = (
    *("slug", "state", "person_id", "credit", "title", "recipe", "preset", *_PICTURES, "width", "height", "restricted"),
    *("spoiler", "on_web", "nominated", "place", "created_at", "shown_at", "removed_at", "hidden", "reason"),
)


@dataclass(frozen=True)
class Moved:
    """An entry on its way, with who voted for it, and by what its picture is known."""

    entry: Entry
    likeness: int | None
    voters: tuple[int, ...]


@dataclass(frozen=True)
class KnownBar:
    """Somebody barred, whose id is known."""

    person_id: int
    barred_by: int
    reason: str | None
    created_at: datetime


class Moving:
    """What moves from and to one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def count(self, guild_id: int) -> int:
        """Return how many entries a server has that move."""
        async with self._database.read() as session:
            return await session.scalar(select(func.count()).select_from(EntryRow).where(_moved(guild_id))) or 0

    @whole
    async def next(self, guild_id: int, after: int) -> Moved | None:
        """Return a server's entry that comes after the one with the id ``after``."""
        found = select(EntryRow).where(_moved(guild_id), EntryRow.id > after).order_by(EntryRow.id).limit(1)
        async with self._database.read() as session:
            row = await session.scalar(found)
            if row is None:
                return None
            voters = select(VoteRow.person_id).where(VoteRow.entry_id == row.id).order_by(VoteRow.person_id)
            known = await session.get(LikenessRow, row.id)
            return Moved(
                rows.entry_of(row), None if known is None else known.likeness, tuple(await session.scalars(voters))
            )

    @whole
    async def bars(self, guild_id: int) -> list[KnownBar]:
        """Return who is barred on a server, as far as their ids are known."""
        known = select(BarRow).where(BarRow.guild_id == guild_id, BarRow.person_id.is_not(None)).order_by(BarRow.id)
        async with self._database.read() as session:
            return [
                KnownBar(row.person_id, row.barred_by, row.reason, row.created_at)
                for row in await session.scalars(known)
                if row.person_id is not None
            ]

    @whole
    async def is_there(self, guild_id: int, moved: Moved) -> bool:
        """Tell whether an entry has come to a server before, or its picture is in its gallery."""
        async with self._database.read() as session:
            return await _same(session, guild_id, moved) is not None

    @whole
    async def take_in(self, guild_id: int, moved: Moved) -> bool:
        """Write an entry down whose pictures are in the store; False where it is there already.

        Raises UserError where they are not.
        """
        entry = moved.entry
        async with self._database.write(in_turn=True) as session:
            if await _same(session, guild_id, moved) is not None:
                return False
            values: dict[str, Any] = {name: getattr(entry, name) for name in _COLUMNS}
            values |= {"guild_id": guild_id, "tags": " ".join(entry.tags), "votes": len(moved.voters)}
            if await session.scalar(select(EntryRow.id).where(EntryRow.slug == entry.slug)) is not None:
                values["slug"] = new_slug()
            await hold_pictures(session, {values[name] for name in _PICTURES})
            row = await session.scalar(insert(EntryRow).values(**values).returning(EntryRow))
            if row is None:
                raise RuntimeError("an inserted row was not returned")
            if moved.likeness is not None:
                await likenesses.write(self._database, session, row, moved.likeness)
            for begin in range(0, len(moved.voters), _AT_ONCE):
                some = moved.voters[begin : begin + _AT_ONCE]
                await session.execute(insert(VoteRow), [{"entry_id": row.id, "person_id": one} for one in some])
            if row.state is EntryState.SHOWN:
                await terms.write(session, row)
            await write_down(session, guild_id, Act.IMPORTED, by=THE_BOT, entry_id=row.id, about=row.person_id)
            return True

    @whole
    async def take_in_bar(self, guild_id: int, bar: KnownBar) -> bool:
        """Bar somebody who was barred elsewhere; False where they are barred already."""
        async with self._database.write(in_turn=True) as session:
            who = hashed(await salt(self._database, session), bar.person_id)
            values = {"guild_id": guild_id, "who": who, **vars(bar)}
            fresh = self._database.insert(BarRow).values(**values).on_conflict_do_nothing().returning(BarRow.id)
            return await session.scalar(fresh) is not None


def with_pictures(moved: Moved, hashes: dict[str, Any]) -> Moved:
    """Return an entry with its pictures by other hashes: column → hash."""
    return replace(moved, entry=replace(moved.entry, **hashes))


def _moved(guild_id: int) -> Any:
    return and_(EntryRow.guild_id == guild_id, EntryRow.state.in_(MOVED))


async def _same(session: AsyncSession, guild_id: int, moved: Moved) -> int | None:
    entry = moved.entry
    same = [EntryRow.slug == entry.slug]
    if entry.picture_hash is not None:
        same.append(EntryRow.picture_hash == entry.picture_hash)
    else:  # only its likeness is left
        same.append(and_(EntryRow.person_id == entry.person_id, EntryRow.created_at == entry.created_at))
    found = select(EntryRow.id).where(EntryRow.guild_id == guild_id, or_(*same)).limit(1)
    known: int | None = await session.scalar(found)
    return known
