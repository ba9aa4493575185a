"""Entries: how they come in, are looked at, and are withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import PLACES, Entry, EntryState, Nominee, Visitor
from bot.errors import KEPT_NO_MORE, UserError
from bot.store.database import Database, whole
from bot.store.gallery import likenesses, rows, terms
from bot.store.gallery.acts import Act, By, write_down
from bot.store.gallery.mirrors import leave_messages
from bot.store.gallery.tables import ENTRY_PICTURES, BarRow, EntryRow
from bot.store.moments import moment
from bot.store.salting import hashed, salt
from bot.store.tables import BlobRow, JobRow

DAY_S = 24 * 3600.0
_UNSYNCHRONISED = {"synchronize_session": False}


class AlreadyInError(Exception):
    """The picture is in the gallery; ``entry`` is the one."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


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

        ``state``: shown or pending. Raises AlreadyInError, BarredError, EnoughTodayError, and UserError where the
        picture is no longer kept.
        """
        return await self._add(visitor, of, draft, state, a_day, _slug())

    @whole
    async def _add(
        self, visitor: Visitor, of: Nominee, draft: Draft, state: EntryState, a_day: int, slug: str
    ) -> Entry:
        async with self._database.write(in_turn=True) as session:
            known = await self._known(session, visitor.guild_id, of)
            if known is not None and known.slug == slug:  # it was us, and the connection was lost before we knew
                return rows.entry_of(known)
            await _check_there(session, of)
            await self._check_may_add(session, visitor.guild_id, of.job.person_id, a_day)
            if known is not None and known.state is not EntryState.NOMINATED:
                raise AlreadyInError(rows.entry_of(known))
            said = {**_said(draft, of), "slug": slug}
            if known is None:
                known = await _insert(session, visitor.guild_id, of, said)
            else:
                # Nobody knows a nomination's slug yet.
                await _hold_pictures(session, {said["original_hash"]})
                await rows.change(session, EntryRow.id == known.id, **said, nominated=False)
            return await _settle(session, known.id, state, by=of.job.person_id)

    @whole
    async def nominate(self, visitor: Visitor, of: Nominee) -> Entry:
        """Return the entry of a dream that members vote on, made where there is none; it may be in any state.

        Raises BarredError where its dreamer may not add, UserError where the picture is no longer kept.
        """
        async with self._database.write(in_turn=True) as session:
            known = await self._known(session, visitor.guild_id, of)
            if known is None:
                await _check_there(session, of)
            if known is None or known.state is EntryState.NOMINATED:
                await self._check_may_add(session, visitor.guild_id, of.job.person_id, None)
            if known is None:
                known = await _insert(session, visitor.guild_id, of, {"nominated": True})
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
        today = and_(EntryRow.guild_id == guild_id, EntryRow.person_id == person_id, ~EntryRow.nominated)
        counted = select(func.count()).where(today, EntryRow.created_at > moment(-DAY_S))
        if a_day is not None and (await session.scalar(counted) or 0) >= a_day:
            raise EnoughTodayError


def _slug() -> str:
    return secrets.token_urlsafe(16)


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


async def _check_there(session: AsyncSession, of: Nominee) -> None:
    """Raise UserError where the dream was deleted, or its dreamer forgotten, since it was looked at."""
    job = of.job
    same = and_(JobRow.id == job.id, JobRow.person_id == job.person_id, JobRow.result_hash == job.result_hash)
    if await session.scalar(select(JobRow.id).where(same)) is None:
        raise UserError(KEPT_NO_MORE)


async def _insert(session: AsyncSession, guild_id: int, of: Nominee, said: dict[str, Any]) -> EntryRow:
    """Write down a nomination of a dream. Raises UserError where its picture is no longer kept."""
    job = of.job
    values: dict[str, Any] = {
        "guild_id": guild_id,
        "slug": _slug(),
        "state": EntryState.NOMINATED,
        "person_id": job.person_id,
        "recipe": job.recipe,
        "preset": job.preset,
        "picture_hash": job.result_hash,
        "guide_hash": job.guide_hash,
        "mask_hash": job.mask_hash,
        "width": of.width,
        "height": of.height,
        "restricted": job.restricted,
        "spoiler": job.spoiler,
        "on_web": False,
        "place": secrets.randbelow(PLACES),
        "created_at": moment(),
        "job_id": job.id,
        "channel_id": job.channel_id,
        **said,
    }
    if job.result_hash is None:
        raise UserError(KEPT_NO_MORE)
    await _hold_pictures(session, {values.get(column.key) for column in ENTRY_PICTURES})
    row: EntryRow | None = await session.scalar(insert(EntryRow).values(**values).returning(EntryRow))
    if row is None:
        raise RuntimeError("an inserted row was not returned")
    return row


async def _hold_pictures(session: AsyncSession, hashes: set[str | None]) -> None:
    """Keep pictures until the row that refers to them is there. Raises UserError where one is gone."""
    wanted = hashes - {None}
    held = await session.scalars(
        update(BlobRow).where(BlobRow.hash.in_(wanted)).values(touched_at=moment()).returning(BlobRow.hash)
    )
    if set(held) != wanted:
        raise UserError(KEPT_NO_MORE)


async def _settle(session: AsyncSession, entry_id: int, state: EntryState, by: int) -> Entry:
    """Let a nomination be shown, or wait for approval."""
    if state is EntryState.SHOWN:
        row = await rows.show(session, EntryRow.id == entry_id)
    else:
        row = await rows.change(session, EntryRow.id == entry_id, state=state)
    if row is None:
        raise RuntimeError("an entry that was just written is not there")
    act = Act.ADDED if state is EntryState.SHOWN else Act.ASKED
    await write_down(session, row.guild_id, act, by=by, entry_id=row.id, about=row.person_id)
    return rows.entry_of(row)
