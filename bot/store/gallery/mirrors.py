"""The entries' messages in the gallery channels: which are to be posted, stand there, and are to be deleted.

An entry's row says how its message stands:

==============  ============  =================  ==============
..              mirroring_at  mirror_message_id  mirrored_votes
==============  ============  =================  ==============
none            None          None               None
begun           then          None               None
posted          then          its id             as shown
over            then          None               as shown
taken back      None          None               as shown
==============  ============  =================  ==============

*Over*: somebody deleted it, and it is never posted again. *Taken back*: we deleted it, or are about to, because its
entry was shown no more; once the entry is shown again it may be posted again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Entry, EntryState, Hidden
from bot.store.database import Database, whole
from bot.store.gallery import rows
from bot.store.gallery.acts import THE_BOT, Act, By, write_down
from bot.store.gallery.tables import MIRROR_BEGUN, TAKEN_BACK, TO_TAKE_BACK, CopyRow, EntryRow, GoneMessageRow
from bot.store.moments import lapsed, moment

LEASE_S = 60.0  # how long whoever began a post is left alone with it
NEW_S = 24 * 3600.0  # how long an entry is new
RECOUNTED_S = 30 * 24 * 3600.0  # for how long a message's count is brought up to date

_BEGUN: Any = MIRROR_BEGUN
_TO_TAKE_BACK: Any = TO_TAKE_BACK
_TAKEN_BACK: Any = TAKEN_BACK
_SHOWN = EntryRow.state == EntryState.SHOWN
_POSTED = EntryRow.mirror_message_id.is_not(None)
_UNCLAIMED = or_(EntryRow.mirror_until.is_(None), lapsed(EntryRow.mirror_until, LEASE_S))
_NONE: dict[str, Any] = {
    "mirroring_at": None,
    "mirror_until": None,
    "mirror_channel_id": None,
    "mirror_message_id": None,
    "mirror_file": None,
    "mirrored_votes": None,
}
_OVER: dict[str, Any] = {
    "mirroring_at": func.coalesce(EntryRow.mirroring_at, moment()),
    "mirror_until": None,
    "mirror_message_id": None,
    "mirrored_votes": func.coalesce(EntryRow.mirrored_votes, EntryRow.votes),
}


@dataclass(frozen=True)
class Mirrored:
    """An entry, and what is known of its message beside ``mirror_channel_id`` and ``mirror_message_id``."""

    entry: Entry
    begun_at: datetime | None
    file: str | None
    votes: int | None


class Mirrors:
    """The messages of one database's entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def due(self, servers: Mapping[int, bool], limit: int) -> list[Mirrored]:
        """Return entries that are new and shown, or shown again, and have no message, the oldest first.

        ``servers``: those that have a gallery channel, with whether it is age-restricted.
        """
        open_ = [guild_id for guild_id, restricted in servers.items() if not restricted]
        for_it = or_(EntryRow.guild_id.not_in(open_), ~EntryRow.restricted)
        new = and_(EntryRow.mirroring_at.is_(None), EntryRow.shown_at > moment(-NEW_S))
        found = (
            select(EntryRow)
            .where(EntryRow.guild_id.in_(list(servers)), _SHOWN, or_(new, _TAKEN_BACK), for_it)
            .order_by(EntryRow.shown_at, EntryRow.id)
            .limit(limit)
        )
        return await self._read(found)

    @whole
    async def begin(self, entry_id: int, channel_id: int) -> bool:
        """Note that an entry is about to be posted; False where it is shown no more, or another has begun."""
        none = and_(EntryRow.mirroring_at.is_(None), EntryRow.mirror_message_id.is_(None))
        begun = {**_NONE, "mirroring_at": moment(), "mirror_until": moment(LEASE_S), "mirror_channel_id": channel_id}
        async with self._database.write() as session:
            return await rows.change(session, and_(EntryRow.id == entry_id, _SHOWN, none), **begun) is not None

    @whole
    async def begun(self) -> list[Mirrored]:
        """Return entries whose post was begun, and nobody is at it: there may be a message, or none."""
        return await self._read(select(EntryRow).where(_BEGUN, _UNCLAIMED).order_by(EntryRow.id))

    @whole
    async def take_up(self, entry_id: int) -> bool:
        """Claim such an entry; False where another was faster."""
        async with self._database.write() as session:
            free = and_(EntryRow.id == entry_id, _BEGUN, _UNCLAIMED)
            return await rows.change(session, free, mirror_until=moment(LEASE_S)) is not None

    @whole
    async def posted(self, entry: Entry, channel_id: int, message_id: int, file: str) -> bool:
        """Note an entry's message, with as many votes as ``entry`` says; False where nobody wants it any more.

        Where the entry was withdrawn meanwhile, the message is among those to be deleted.
        """
        async with self._database.write() as session:
            values = {"mirror_message_id": message_id, "mirror_file": file, "mirrored_votes": entry.votes}
            begun = and_(EntryRow.id == entry.id, _BEGUN)
            if await rows.change(session, begun, mirror_channel_id=channel_id, mirror_until=None, **values):
                return True
            row = await rows.one(session, EntryRow.id == entry.id)
            if row is None:
                await session.execute(
                    insert(GoneMessageRow).values(
                        guild_id=entry.guild_id,
                        channel_id=channel_id,
                        message_id=message_id,
                        entry_id=entry.id,
                        begun_at=moment(),
                        created_at=moment(),
                    )
                )
            return row is not None and row.mirror_message_id == message_id

    async def release(self, one: Mirrored) -> None:
        """Note that an entry whose post was begun has no message: it stands as ``one`` says."""
        await self._change(and_(EntryRow.id == one.entry.id, _BEGUN), **{**_NONE, "mirrored_votes": one.votes})

    async def free(self) -> None:
        """Free what others have begun: on a database of ours alone they are all dead."""
        await self._change(_BEGUN, mirror_until=None)

    async def give_up(self, entry_ids: Collection[int]) -> None:
        """Note that these entries have no message, and never get one."""
        await self._change(EntryRow.id.in_(entry_ids), **_OVER)

    async def give_up_channel(self, guild_id: int, channel_id: int) -> None:
        """Note that a channel is there no more: its messages are not, and what was begun there is not."""
        there = and_(EntryRow.guild_id == guild_id, EntryRow.mirror_channel_id == channel_id)
        await self._change(and_(there, _BEGUN), **_NONE)
        await self._change(and_(there, _POSTED), **_OVER)

    async def recounted(self, entry: Entry, message_id: int) -> None:
        """Note that a message shows as many votes as ``entry`` has; of another than its own nothing is noted."""
        same = and_(EntryRow.id == entry.id, EntryRow.mirror_message_id == message_id)
        await self._change(same, mirrored_votes=entry.votes)

    @whole
    async def newest(self, guild_id: int, channel_id: int, limit: int) -> list[Mirrored]:
        """Return the newest of the shown entries that have a message in a channel."""
        there = and_(EntryRow.guild_id == guild_id, _SHOWN, EntryRow.mirror_channel_id == channel_id, _POSTED)
        found = select(EntryRow).where(there).order_by(EntryRow.mirror_message_id.desc()).limit(limit)
        return await self._read(found)

    @whole
    async def miscounted(self, guild_id: int, limit: int) -> list[Mirrored]:
        """Return a server's shown entries whose messages show other numbers of votes, the most wrong first."""
        wrong = func.abs(EntryRow.votes - EntryRow.mirrored_votes)
        recent = EntryRow.shown_at > moment(-RECOUNTED_S)
        found = (
            select(EntryRow)
            .where(EntryRow.guild_id == guild_id, _SHOWN, _POSTED, recent, wrong > 0)
            .order_by(wrong.desc(), EntryRow.id.desc())
            .limit(limit)
        )
        return await self._read(found)

    @whole
    async def hide(self, entry: Entry) -> Entry | None:
        """Hide an entry whose message somebody has deleted; None where it is shown no more, or has another message."""
        same = and_(EntryRow.id == entry.id, EntryRow.mirror_message_id == entry.mirror_message_id)
        async with self._database.write() as session:
            row = await rows.take_out(session, and_(same, _SHOWN), EntryState.HIDDEN, hidden=Hidden.MIRROR, **_OVER)
            if row is None:
                return None
            who = By(by=THE_BOT, entry_id=row.id, about=row.person_id)
            await write_down(session, row.guild_id, Act.HIDDEN, **who)
            return rows.entry_of(row)

    @whole
    async def take_back(self) -> int:
        """Note that the messages of entries that are shown no more are to be deleted; returns how many."""
        async with self._database.write() as session:
            found = await session.scalars(select(EntryRow.id).where(_TO_TAKE_BACK).with_for_update(skip_locked=True))
            ids = list(found)
            if ids:
                await _leave_mirrors(session, EntryRow.id.in_(ids))
                back = {**_NONE, "mirrored_votes": EntryRow.mirrored_votes}
                await session.execute(update(EntryRow).where(EntryRow.id.in_(ids)).values(back), **_UNSYNCHRONISED)
            return len(ids)

    async def _change(self, where: ColumnElement[bool], **values: Any) -> None:
        await self._write(update(EntryRow).where(where).values(**values))

    @whole
    async def _write(self, statement: Any) -> None:
        async with self._database.write() as session:
            await session.execute(statement, **_UNSYNCHRONISED)

    async def _read(self, found: Any) -> list[Mirrored]:
        async with self._database.read() as session:
            return [
                Mirrored(rows.entry_of(row), row.mirroring_at, row.mirror_file, row.mirrored_votes)
                for row in await session.scalars(found)
            ]


async def leave_messages(session: AsyncSession, where: ColumnElement[bool], takedown_id: int | None = None) -> None:
    """Write down the messages of entries that are about to go, copies of them too: they are to be deleted."""
    await _leave_mirrors(session, where, takedown_id)
    copies = (
        select(*_gone(CopyRow.channel_id, CopyRow.message_id, CopyRow.created_at, takedown_id))
        .join(EntryRow, EntryRow.id == CopyRow.entry_id)
        .where(where)
    )
    await session.execute(insert(GoneMessageRow).from_select(_GONE, copies))


async def _leave_mirrors(session: AsyncSession, where: ColumnElement[bool], takedown_id: int | None = None) -> None:
    begun_at = func.coalesce(EntryRow.mirroring_at, moment())
    mirrors = select(*_gone(EntryRow.mirror_channel_id, EntryRow.mirror_message_id, begun_at, takedown_id)).where(
        where, EntryRow.mirror_channel_id.is_not(None), or_(_POSTED, _BEGUN)
    )
    await session.execute(insert(GoneMessageRow).from_select(_GONE, mirrors))


_GONE = ("guild_id", "channel_id", "message_id", "begun_at", "entry_id", "created_at", "takedown_id")


def _gone(channel_id: Any, message_id: Any, begun_at: Any, takedown_id: int | None) -> list[Any]:
    """Return what is written down of an entry's message, in the order of ``_GONE``."""
    return [
        EntryRow.guild_id,
        channel_id,
        message_id,
        begun_at,
        EntryRow.id,
        moment(),
        cast(takedown_id, GoneMessageRow.takedown_id.type),
    ]


_UNSYNCHRONISED: dict[str, Any] = {"execution_options": {"synchronize_session": False}}
