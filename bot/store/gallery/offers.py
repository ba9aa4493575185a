"""What a gallery can be searched for while somebody types: its tags, and the presets its dreams began from."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Visitor
from bot.store.gallery import rows
from bot.store.gallery.tables import EntryRow, EntryTermRow


async def terms(session: AsyncSession, visitor: Visitor, kind: str, begins: str, limit: int) -> list[str]:
    """Return up to ``limit`` terms of a kind that the visitor's listings have and that begin so, in their order.

    Each is one step through the index to the next term: however many entries share one, none of them is read twice.
    """
    found: list[str] = []
    while len(found) < limit:
        of_guild = and_(EntryTermRow.guild_id == visitor.guild_id, EntryTermRow.kind == kind)
        after = EntryTermRow.term > found[-1] if found else EntryTermRow.term >= begins
        another = (
            select(EntryTermRow.term)
            .join(EntryRow, EntryRow.id == EntryTermRow.entry_id)
            .where(of_guild, after, rows.listed_for(visitor))
            .order_by(EntryTermRow.term)
            .limit(1)
        )
        term = await session.scalar(another)
        if term is None or not term.startswith(begins):
            break
        found.append(term)
    return found


async def preset_of(session: AsyncSession, visitor: Visitor, term: str) -> str:
    """Return what a preset is called that entries are found by, as one of them has it."""
    named = (
        select(EntryRow.preset)
        .join(EntryTermRow, EntryTermRow.entry_id == EntryRow.id)
        .where(EntryTermRow.guild_id == visitor.guild_id, EntryTermRow.kind == "preset", EntryTermRow.term == term)
        .limit(1)
    )
    return await session.scalar(named) or term
