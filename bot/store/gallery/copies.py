"""Copies: messages that *Share here* posted. Each is written down before it is posted, and goes with its entry."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, insert, literal, or_, select, update

from bot.entry import Entry, EntryState
from bot.store.database import Database, whole
from bot.store.gallery.tables import CopyRow, EntryRow
from bot.store.moments import moment


class Copies:
    """The copies of one database's entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def begin(self, entry: Entry, channel_id: int) -> int | None:
        """Note that a copy is about to be posted in a channel; None where its entry is shown no more."""
        shown = and_(EntryRow.id == entry.id, EntryRow.state == EntryState.SHOWN)
        new = select(EntryRow.id, literal(channel_id, CopyRow.channel_id.type), moment()).where(shown)
        async with self._database.write() as session:
            added = insert(CopyRow).from_select(["entry_id", "channel_id", "created_at"], new).returning(CopyRow.id)
            return await session.scalar(added)

    @whole
    async def posted(self, copy_id: int, message_id: int) -> bool:
        """Note which message a copy is; False where its entry has gone meanwhile, and the copy is to go too."""
        async with self._database.write() as session:
            there = update(CopyRow).where(CopyRow.id == copy_id).values(message_id=message_id).returning(CopyRow.id)
            return await session.scalar(there) is not None

    @whole
    async def forget(self, copy_id: int) -> None:
        """Note that a copy was not posted."""
        async with self._database.write() as session:
            await session.execute(delete(CopyRow).where(CopyRow.id == copy_id))


def shown_at(channel_id: int, message_id: int) -> ColumnElement[bool]:
    """Match the entry that a message shows, in the gallery channel or where somebody shared it."""
    copies = select(CopyRow.entry_id).where(CopyRow.channel_id == channel_id, CopyRow.message_id == message_id)
    mirrored = and_(EntryRow.mirror_channel_id == channel_id, EntryRow.mirror_message_id == message_id)
    return or_(mirrored, EntryRow.id.in_(copies))
