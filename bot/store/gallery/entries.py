"""Entries: how they come in, are looked at, and are withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.store.database import Database, whole
from bot.store.gallery import coming_in, likenesses, rows, terms
from bot.store.gallery.acts import Act, By, write_down
from bot.store.gallery.mirrors import leave_messages
from bot.store.gallery.tables import ActRow, BarRow, EntryRow
from bot.store.moments import moment
from bot.store.salting import hashed, salt

DAY_S = 24 * 3600.0
_ADDED = (Act.ADDED.value, Act.ASKED.value)
_UNSYNCHRONISED = {"synchronize_session": False}


class AlreadyInError(Exception):
    """The picture is in the gallery; ``entry`` is the one."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


class NearDuplicateError(AlreadyInError):
    """A picture so alike that it is the same is in the gallery, or was removed from it; ``entry`` is the one."""


class BarredError(Exception):
    """The person may not add to this gallery."""


class EnoughTodayError(Exception):
    """The person has added as many entries in the last 24 hours as they may."""


@dataclass(frozen=True)
class Draft:
    """How a dreamer lets a dream stand in the gallery, with texts that may be shown."""

    title: str | None = None
    tags: Sequence[str] = ()
    on_web: bool = False
    with_original: bool = False
    credit: str | None = None


class EntryStore:
    """The entries of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, visitor: Visitor, of: Nominee, draft: Draft, state: EntryState, a_day: int) -> Entry:
        """Add a dream of the visitor's own; a nomination of the same picture becomes the entry.

        ``state``: shown or pending. Raises AlreadyInError, NearDuplicateError, BarredError, EnoughTodayError, and
        UserError where the picture is no longer kept.
        """
        return await self._add(visitor, of, draft, state, a_day, coming_in.new_slug())

    @whole
    async def _add(
        self, visitor: Visitor, of: Nominee, draft: Draft, state: EntryState, a_day: int, slug: str
    ) -> Entry:
        async with self._database.write(in_turn=True) as session:
            known = await self._known(session, visitor.guild_id, of)
            if known is not None and known.slug == slug:  # it was us, and the connection was lost before we knew
                return rows.entry_of(known)
            await coming_in.check_there(session, of)
            await self._check_may_add(session, visitor.guild_id, of.job.person_id, a_day)
            if known is not None and known.state is not EntryState.NOMINATED:
                raise AlreadyInError(rows.entry_of(known))
            await _check_alike(session, visitor, of, known)
            said = {**_said(draft, of), "slug": slug}
            if known is None:
                known = await coming_in.insert_nomination(self._database, session, visitor.guild_id, of, said)
            else:
                # Nobody knows a nomination's slug yet.
                await coming_in.hold_pictures(session, {said["original_hash"]})
                await rows.change(session, EntryRow.id == known.id, **said, nominated=False)
            row = await coming_in.settle(session, EntryRow.id == known.id, state, by=of.job.person_id)
            if row is None:
                raise RuntimeError("an entry that was just written is not there")
            return rows.entry_of(row)

    @whole
    async def nominate(self, visitor: Visitor, of: Nominee) -> Entry:
        """Return the entry of a dream that members vote on, made where there is none; it may be in any state.

        Raises BarredError where its dreamer may not add, NearDuplicateError, and UserError where the picture is no
        longer kept.
        """
        async with self._database.write(in_turn=True) as session:
            known = await self._known(session, visitor.guild_id, of)
            if known is None:
                await coming_in.check_there(session, of)
            if known is None or known.state is EntryState.NOMINATED:
                await self._check_may_add(session, visitor.guild_id, of.job.person_id, None)
                await _check_alike(session, visitor, of, known)
            if known is None:
                nominated = {"nominated": True}
                known = await coming_in.insert_nomination(self._database, session, visitor.guild_id, of, nominated)
            return rows.entry_of(known)

    @whole
    async def get(self, visitor: Visitor, entry_id: int) -> Entry | None:
        """Return an entry that a visitor may look at."""
        return await self._read(rows.seen_by(visitor), EntryRow.id == entry_id)

    @whole
    async def by_slug(self, visitor: Visitor, slug: str) -> Entry | None:
        """Return an entry by what it is called on the web."""
        return await self._read(rows.seen_by(visitor), EntryRow.slug == slug)

    @whole
    async def of_job(self, visitor: Visitor, job_id: int) -> Entry | None:
        """Return the entry that a job's dream became on a server, in any state."""
        return await self._read(EntryRow.guild_id == visitor.guild_id, EntryRow.job_id == job_id)

    @whole
    async def own(self, person_id: int, entry_id: int) -> Entry | None:
        """Return an entry of the person's own, on whichever server and in any state."""
        return await self._read(_own(person_id, entry_id))

    @whole
    async def of_person(
        self, person_id: int, limit: int, before: int | None = None, guild_id: int | None = None
    ) -> list[Entry]:
        """Return a person's own entries, on all servers or one, the newest first, nominations too."""
        found = select(EntryRow).where(EntryRow.person_id == person_id).order_by(EntryRow.id.desc()).limit(limit)
        if guild_id is not None:
            found = found.where(EntryRow.guild_id == guild_id)
        if before is not None:
            found = found.where(EntryRow.id < before)
        async with self._database.read() as session:
            return [rows.entry_of(row) for row in await session.scalars(found)]

    @whole
    async def let_on_web(self, person_id: int, entry_id: int, *, on_web: bool, credit: str | None) -> Entry | None:
        """Let an entry of the person's own be shown on the web, or no more."""
        async with self._database.write() as session:
            row = await rows.change(session, _own(person_id, entry_id), on_web=on_web, credit=credit)
            if row is None:
                return None
            if row.state is EntryState.SHOWN:
                await terms.write(session, row)
            return rows.entry_of(row)

    @whole
    async def withdraw(self, person_id: int, entry_id: int) -> Entry | None:
        """Remove an entry of the person's own, with its row; returns it as it was. None where there is none.

        A removed one stays: it is known by its likeness when somebody adds it again.
        """
        async with self._database.write() as session:
            # In one statement: a moderator may remove it at the same moment.
            mine = and_(_own(person_id, entry_id), EntryRow.state != EntryState.REMOVED)
            await leave_messages(session, mine)
            row = await session.scalar(
                delete(EntryRow).where(mine).returning(EntryRow), execution_options=_UNSYNCHRONISED
            )
            if row is None:
                return None
            entry = rows.entry_of(row)
            if entry.state is not EntryState.NOMINATED:
                who = By(by=person_id, entry_id=entry.id, about=person_id)
                await write_down(session, entry.guild_id, Act.WITHDRAWN, **who)
            return entry

    @whole
    async def without_thumbnail(self, but: frozenset[int]) -> Entry | None:
        """Return an entry whose thumbnail and likeness are missing, the newest first; none of ``but``."""
        there = EntryRow.picture_hash.is_not(None)
        missing = and_(there, EntryRow.thumbnail_hash.is_(None), EntryRow.id.not_in(but))
        async with self._database.read() as session:
            row = await session.scalar(select(EntryRow).where(missing).order_by(EntryRow.id.desc()).limit(1))
            return None if row is None else rows.entry_of(row)

    @whole
    async def set_thumbnail(self, entry_id: int, hash_: str, likeness: int) -> None:
        """Keep an entry's thumbnail, and by what its picture is known again."""
        async with self._database.write() as session:
            row = await rows.change(session, EntryRow.id == entry_id, thumbnail_hash=hash_)
            if row is not None:
                await likenesses.write(self._database, session, row, likeness)

    async def _read(self, *where: ColumnElement[bool]) -> Entry | None:
        async with self._database.read() as session:
            row = await rows.one(session, and_(*where))
            return None if row is None else rows.entry_of(row)

    async def _known(self, session: AsyncSession, guild_id: int, of: Nominee) -> EntryRow | None:
        same = and_(EntryRow.guild_id == guild_id, EntryRow.picture_hash == of.job.result_hash)
        return await rows.one(session, same)

    async def _check_may_add(self, session: AsyncSession, guild_id: int, person_id: int, a_day: int | None) -> None:
        who = hashed(await salt(self._database, session), person_id)
        barred = select(BarRow.id).where(BarRow.guild_id == guild_id, BarRow.who == who)
        if await session.scalar(barred) is not None:
            raise BarredError
        # From the log: who withdraws an entry has added it all the same, and everybody has seen it.
        added = and_(ActRow.person_id == person_id, ActRow.guild_id == guild_id, ActRow.act.in_(_ADDED))
        counted = select(func.count()).select_from(ActRow).where(added, ActRow.created_at > moment(-DAY_S))
        if a_day is not None and (await session.scalar(counted) or 0) >= a_day:
            raise EnoughTodayError


async def _check_alike(session: AsyncSession, visitor: Visitor, of: Nominee, known: EntryRow | None) -> None:
    near = await coming_in.alike(session, visitor.guild_id, known, of.likeness)
    if near is not None:
        raise NearDuplicateError(rows.entry_of(near))


def _own(person_id: int, entry_id: int) -> ColumnElement[bool]:
    return and_(EntryRow.id == entry_id, EntryRow.person_id == person_id)


def _said(draft: Draft, of: Nominee) -> dict[str, Any]:
    return {
        "title": draft.title,
        "tags": " ".join(draft.tags),
        "on_web": draft.on_web,
        "credit": draft.credit,
        # Somebody else's photo, or the photo behind their dream, is not the dreamer's to show.
        "original_hash": of.job.source_hash if draft.with_original and not of.job.borrowed else None,
        "created_at": moment(),
    }
