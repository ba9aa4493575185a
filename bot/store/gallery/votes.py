"""Votes: one a person and entry. Their number stands in the entry's row, changed in the vote's own transaction."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert

from bot.entry import Entry, EntryState, Visitor
from bot.store.database import Database, whole
from bot.store.gallery import coming_in, rows
from bot.store.gallery.acts import THE_BOT
from bot.store.gallery.tables import EntryRow, VoteRow


class OwnEntryError(Exception):
    """Nobody votes for a dream of their own."""


class Votes:
    """The votes of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cast(self, visitor: Visitor, entry_id: int, *, for_it: bool) -> Entry | None:
        """Let the visitor's vote be for an entry, or be taken back; returns the entry. None where they see none.

        Whoever says the same twice has said it once. A nomination may be voted on too. Raises OwnEntryError, and
        ValueError where nobody knows who votes.
        """
        cast = await self._cast(visitor, entry_id, [for_it])
        return None if cast is None else cast[0]

    async def toggle(self, visitor: Visitor, entry_id: int) -> tuple[Entry, bool] | None:
        """Let the visitor vote for an entry, or take their vote back; True with it where it is for it now.

        None where they see no entry. Raises as ``cast`` does. Of any number of presses at once, each turns the vote
        over.
        """
        return await self._cast(visitor, entry_id, [])

    @whole
    async def _cast(self, visitor: Visitor, entry_id: int, wish: list[bool]) -> tuple[Entry, bool] | None:
        """Cast a vote as ``wish`` says, which an empty one comes to say: so that done again it is not turned back."""
        mine = {"entry_id": entry_id, "person_id": visitor.somebody}
        async with self._database.write() as session:
            seen = and_(EntryRow.id == entry_id, _votable(visitor))
            # The entry's row first: whoever votes or takes it out meanwhile waits, and no two wait for one another.
            row = await session.scalar(select(EntryRow).where(seen).with_for_update())
            if row is None:
                return None
            if row.person_id == visitor.person_id:
                raise OwnEntryError
            if not wish:
                voted = await session.scalar(select(VoteRow.entry_id).filter_by(**mine))
                wish.append(voted is None)
            for_it = wish[0]
            cast: ReturningInsert[int] | ReturningDelete[int]
            if for_it:
                cast = (
                    self._database.insert(VoteRow).values(**mine).on_conflict_do_nothing().returning(VoteRow.entry_id)
                )
            else:
                cast = delete(VoteRow).filter_by(**mine).returning(VoteRow.entry_id)
            if await session.scalar(cast) is not None:
                row = await rows.change(session, EntryRow.id == entry_id, votes=EntryRow.votes + (1 if for_it else -1))
            return None if row is None else (rows.entry_of(row), for_it)

    @whole
    async def mine(self, visitor: Visitor, entry_ids: Collection[int]) -> frozenset[int]:
        """Return for which of these entries the visitor has voted."""
        found = select(VoteRow.entry_id).where(VoteRow.person_id == visitor.person_id, VoteRow.entry_id.in_(entry_ids))
        async with self._database.read() as session:
            return frozenset(await session.scalars(found))

    @whole
    async def promote(self, entry_id: int, at_least: int, state: EntryState) -> Entry | None:
        """Let a nomination with so many votes become an entry; None where it has fewer, or is one already.

        ``state``: shown or pending. None too where an entry that is as good as the same came in, or was removed,
        meanwhile.
        """
        enough = and_(EntryRow.id == entry_id, EntryRow.state == EntryState.NOMINATED, EntryRow.votes >= at_least)
        async with self._database.write(in_turn=True) as session:
            known = await rows.one(session, enough)
            if known is None or await coming_in.alike(session, known.guild_id, known) is not None:
                return None
            row = await coming_in.settle(session, enough, state, by=THE_BOT)
            return None if row is None else rows.entry_of(row)


def _votable(visitor: Visitor) -> ColumnElement[bool]:
    return and_(EntryRow.state.in_((EntryState.SHOWN, EntryState.NOMINATED)), *rows.placed(EntryRow, visitor))
