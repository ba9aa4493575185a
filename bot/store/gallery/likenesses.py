"""Pictures that are known again: the entries of a server whose likeness differs in a few bits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Entry, EntryState
from bot.store.database import Database, whole
from bot.store.gallery import rows
from bot.store.gallery.tables import EntryRow, LikenessRow

FARTHEST = 7  # bits: with four parts, one of them differs in one bit at most
PART_BITS = 16
_PARTS: tuple[Any, ...] = (LikenessRow.part_0, LikenessRow.part_1, LikenessRow.part_2, LikenessRow.part_3)
_LEAST_UNSIGNED = 1 << 64


class Likenesses:
    """The likenesses of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def has(self, guild_id: int, picture_hash: str) -> bool:
        """Tell whether a server has an entry of this very picture, in any state."""
        same = select(EntryRow.id).where(EntryRow.guild_id == guild_id, EntryRow.picture_hash == picture_hash)
        async with self._database.read() as session:
            return await session.scalar(same) is not None

    @whole
    async def near(self, guild_id: int, likeness: int, distance: int, states: Collection[EntryState]) -> list[Entry]:
        """Return a server's entries in these states that differ in up to ``distance`` bits, the nearest first.

        ``distance`` is at most ``FARTHEST``; ``likeness`` is a signed number of 64 bits.
        """
        async with self._database.read() as session:
            return [rows.entry_of(row) for row in await near(session, guild_id, likeness, distance, states)]


async def near(
    session: AsyncSession, guild_id: int, likeness: int, distance: int, states: Collection[EntryState]
) -> list[EntryRow]:
    """Return the rows that ``Likenesses.near`` returns the entries of, in a transaction."""
    if not 0 <= distance <= FARTHEST:
        raise ValueError(f"entries are found within {FARTHEST} bits")
    # Each part by itself: one condition for all four would have the database look through the whole table.
    alike = union(
        *(
            select(LikenessRow.entry_id, LikenessRow.likeness).where(
                LikenessRow.guild_id == guild_id, column.in_(_neighbours(part))
            )
            for column, part in zip(_PARTS, parts(likeness), strict=True)
        )
    )
    found = {row.entry_id: differing(row.likeness, likeness) for row in await session.execute(alike)}
    close = [entry_id for entry_id, bits in found.items() if bits <= distance]
    entries = select(EntryRow).where(EntryRow.id.in_(close), EntryRow.state.in_(states))
    return sorted(await session.scalars(entries), key=lambda row: (found[row.id], row.id))


def parts(likeness: int) -> tuple[int, int, int, int]:
    """Return a likeness in four numbers of 16 bits."""
    bits = likeness % _LEAST_UNSIGNED
    mask = (1 << PART_BITS) - 1
    return bits & mask, bits >> 16 & mask, bits >> 32 & mask, bits >> 48


def differing(one: int, other: int) -> int:
    """Return in how many bits two likenesses differ."""
    return ((one ^ other) % _LEAST_UNSIGNED).bit_count()


def columns_of(likeness: int) -> dict[str, int]:
    """Return a likeness as its row has it."""
    return {"likeness": likeness, **{f"part_{number}": part for number, part in enumerate(parts(likeness))}}


async def write(database: Database, session: AsyncSession, row: EntryRow, likeness: int) -> None:
    """Keep the likeness of an entry's picture."""
    fresh = {"guild_id": row.guild_id, **columns_of(likeness)}
    await session.execute(
        database.insert(LikenessRow)
        .values(entry_id=row.id, **fresh)
        .on_conflict_do_update(index_elements=[LikenessRow.entry_id], set_=fresh)
    )


def _neighbours(part: int) -> list[int]:
    return [part, *(part ^ (1 << bit) for bit in range(PART_BITS))]
