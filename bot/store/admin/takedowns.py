"""Takedowns: what goes, and by what it is known again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.job import LIVE, Shown, State
from bot.store.admin.acts import Act, By, write_down
from bot.store.admin.regimes import count_change
from bot.store.admin.reports import Decision, decide_all
from bot.store.admin.spread import AT_ONCE, Spread, all_of, ancestry_of, spread_of
from bot.store.admin.tables import DreamReportRow, TakedownRow, TakenDigestRow, TakenImprintRow
from bot.store.changes import FETCHED, change, ended
from bot.store.database import Database, whole
from bot.store.fairness import close_up, unserved_of
from bot.store.gallery.copies import shown_at
from bot.store.gallery.mirrors import leave_messages
from bot.store.gallery.tables import CopyRow, EntryRow
from bot.store.moments import moment
from bot.store.tables import PICTURES, JobRow, PresetRow
from engine.sentences import Sentence, mark

TAKEN_DOWN = mark("It was taken down by whoever runs me. The reason: {reason}")
REFUSED = mark("I cannot take this picture: it was taken down by whoever runs me.")
_UNSYNCHRONISED = {"synchronize_session": False}


@dataclass(frozen=True)
class Named:
    """What somebody named to be taken down: pictures of ours by their hashes, dreams, or both."""

    pictures: frozenset[str] = frozenset()
    jobs: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.pictures or self.jobs)


@dataclass(frozen=True)
class Known:
    """By what pictures are known again: SHA-256 of bytes and of pixels, and imprints, some of each picture or film."""

    digests: frozenset[str] = frozenset()
    imprints: tuple[bytes, ...] = ()
    films: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Imprints:
    """``bot.intake.imprint``s of pictures, and of films."""

    pictures: tuple[bytes, ...]
    films: tuple[bytes, ...]


@dataclass(frozen=True)
class Takedown:
    """One takedown."""

    id: int
    reason: str
    pictures: int
    dreams: int
    entries: int
    presets: int
    copies: int
    at: datetime
    undone_at: datetime | None


class Takedowns:
    """The takedowns of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def at_message(self, channel_id: int, message_id: int) -> Named:
        """Return what a message of the bot's shows: dreams, or an entry in a gallery channel or shared elsewhere."""
        jobs = and_(JobRow.channel_id == channel_id, JobRow.message_id == message_id)
        async with self._database.read() as session:
            found = frozenset(await session.scalars(select(JobRow.id).where(jobs)))
            entry = await _of_entries(session, shown_at(channel_id, message_id))
            return Named(await ancestry_of(session, found | entry.jobs) | entry.pictures, found | entry.jobs)

    @whole
    async def picture_at(self, channel_id: int, message_id: int) -> str | None:
        """Return a picture that a message of the bot's shows; None where nothing is kept of it."""
        job = select(JobRow.result_hash).where(
            JobRow.channel_id == channel_id, JobRow.message_id == message_id, JobRow.result_hash.is_not(None)
        )
        entry = select(EntryRow.picture_hash).where(shown_at(channel_id, message_id))
        async with self._database.read() as session:
            return await session.scalar(job.limit(1)) or await session.scalar(entry.limit(1))

    @whole
    async def of_job(self, job_id: int) -> Named:
        """Return a dream with what it was dreamed on."""
        async with self._database.read() as session:
            jobs = frozenset(await session.scalars(select(JobRow.id).where(JobRow.id == job_id)))
            return Named(await ancestry_of(session, jobs), jobs)

    @whole
    async def of_entry(self, entry_id: int | None = None, slug: str | None = None) -> Named:
        """Return an entry of a gallery with what it was dreamed on."""
        which = EntryRow.id == entry_id if entry_id is not None else EntryRow.slug == slug
        async with self._database.read() as session:
            entry = await _of_entries(session, which)
            return replace(entry, pictures=entry.pictures | await ancestry_of(session, entry.jobs))

    @whole
    async def pictures(self) -> list[str]:
        """Return the hashes of all stored pictures, films left out."""
        async with self._database.read() as session:
            return await all_of(session, "image")

    @whole
    async def films(self) -> list[str]:
        """Return the hashes of all stored films."""
        async with self._database.read() as session:
            return await all_of(session, "video")

    @whole
    async def spread(self, named: Named) -> Spread:
        """Return all that a takedown would take."""
        async with self._database.read() as session:
            return await spread_of(session, named.pictures, named.jobs)

    @whole
    async def take_down(self, named: Named, known: Known, reason: str, by: By) -> tuple[int, Spread]:
        """Take pictures down, with all that was dreamed from them; return the takedown and what it took.

        What is left to do is to discard the pictures: nothing refers to them any more.
        """
        sentence = Sentence(TAKEN_DOWN, {"reason": reason}).to_text()
        # In turn: else somebody could accept a job that starts from one of them, unseen until this is committed.
        async with self._database.write(in_turn=True) as session:
            spread = await spread_of(session, named.pictures, named.jobs)
            counts = {"pictures": len(spread.pictures), "dreams": len(spread.jobs)}
            counts |= {"entries": len(spread.entries), "presets": len(spread.presets), "copies": len(spread.copies)}
            row = insert(TakedownRow).values(reason=reason, created_at=moment(), **counts).returning(TakedownRow.id)
            takedown_id = (await session.scalars(row)).one()
            digests = [{"digest": one, "takedown_id": takedown_id} for one in sorted(known.digests | spread.pictures)]
            imprints = [
                {"takedown_id": takedown_id, "imprints": one, "film": film}
                for film, some in ((False, known.imprints), (True, known.films))
                for one in some
            ]
            for table, rows in ((TakenDigestRow, digests), (TakenImprintRow, imprints)):
                if rows:
                    await session.execute(insert(table), rows)
            for some in _parts(await _messages_of(session, spread)):
                shown = DreamReportRow.message_id.in_(some)
                await decide_all(session, shown, Decision.TAKEN_DOWN, by.person_id)
            for some in _parts(spread.entries):
                await leave_messages(session, EntryRow.id.in_(some), takedown_id)
                await session.execute(delete(EntryRow).where(EntryRow.id.in_(some)), execution_options=_UNSYNCHRONISED)
            for some in _parts(spread.presets):
                gone = delete(PresetRow).where(PresetRow.id.in_(some))
                await session.execute(gone, execution_options=_UNSYNCHRONISED)
            for some in _parts(spread.jobs):
                await _end(session, some, sentence)
            await count_change(self._database, session)
            await write_down(session, by, Act.TAKEN_DOWN, reason=f"{takedown_id}: {reason}"[:300])
            return takedown_id, spread

    @whole
    async def put_back(self, takedown_id: int, by: By) -> bool:
        """Let pictures come again that were taken down; False where they may. What is deleted stays deleted."""
        async with self._database.write(in_turn=True) as session:
            still = and_(TakedownRow.id == takedown_id, TakedownRow.undone_at.is_(None))
            undone = update(TakedownRow).where(still).values(undone_at=moment()).returning(TakedownRow.id)
            if not (await session.scalars(undone, execution_options=_UNSYNCHRONISED)).all():
                return False
            for table in (TakenDigestRow, TakenImprintRow):
                await session.execute(delete(table).where(table.takedown_id == takedown_id))
            await count_change(self._database, session)
            await write_down(session, by, Act.PUT_BACK, reason=str(takedown_id))
            return True

    @whole
    async def all(self) -> list[Takedown]:
        """Return all takedowns, the newest first."""
        async with self._database.read() as session:
            rows = await session.scalars(select(TakedownRow).order_by(TakedownRow.id.desc()))
            return [
                Takedown(
                    row.id,
                    row.reason,
                    row.pictures,
                    row.dreams,
                    row.entries,
                    row.presets,
                    row.copies,
                    row.created_at,
                    row.undone_at,
                )
                for row in rows
            ]

    @whole
    async def has(self, digests: Collection[str]) -> bool:
        """Tell whether a picture of one of these hashes was taken down."""
        found = select(TakenDigestRow.digest).where(TakenDigestRow.digest.in_(digests)).limit(1)
        async with self._database.read() as session:
            return await session.scalar(found) is not None

    @whole
    async def newest_imprint(self) -> tuple[int, int]:
        """Return how many rows of imprints there are, and the number of the last one: what tells a change."""
        async with self._database.read() as session:
            count, last = (await session.execute(select(func.count(), func.max(TakenImprintRow.id)))).one()
            return count, last or 0

    @whole
    async def imprints(self) -> Imprints:
        """Return the imprints of everything that was taken down."""
        async with self._database.read() as session:
            rows = list(await session.scalars(select(TakenImprintRow).order_by(TakenImprintRow.id)))
        return Imprints(
            tuple(row.imprints for row in rows if not row.film), tuple(row.imprints for row in rows if row.film)
        )


async def check(session: AsyncSession, hashes: Collection[str | None]) -> None:
    """Refuse pictures that were taken down, in the transaction that refers to them. Raises UserError."""
    found = select(TakenDigestRow.digest).where(TakenDigestRow.digest.in_({*hashes} - {None})).limit(1)
    if await session.scalar(found) is not None:
        raise UserError(REFUSED)


def is_taken_down(failure: str | None) -> bool:
    """Tell whether a job has come to nothing because it was taken down."""
    return failure is not None and Sentence.from_text(failure).message == TAKEN_DOWN


async def _of_entries(session: AsyncSession, which: ColumnElement[bool]) -> Named:
    rows = list(await session.scalars(select(EntryRow).where(which)))
    jobs = frozenset(row.job_id for row in rows if row.job_id is not None)
    there = frozenset(await session.scalars(select(JobRow.id).where(JobRow.id.in_(jobs))))
    shown = (hash_ for row in rows for hash_ in (row.picture_hash, row.thumbnail_hash, row.original_hash))
    return Named(frozenset(hash_ for hash_ in shown if hash_ is not None), there)


async def _messages_of(session: AsyncSession, spread: Spread) -> set[int]:
    """Return the messages that show any of it."""
    found: set[int | None] = set()
    for column, key, ids in (
        (JobRow.message_id, JobRow.id, spread.jobs),
        (EntryRow.mirror_message_id, EntryRow.id, spread.entries),
        (CopyRow.message_id, CopyRow.id, spread.copies),
    ):
        for some in _parts(ids):
            found |= set(await session.scalars(select(column).where(key.in_(some))))
    return {one for one in found if one is not None}


async def _end(session: AsyncSession, ids: Sequence[int], sentence: str) -> None:
    """Let jobs have come to nothing, and have every message told anew that shows one of them."""
    these = JobRow.id.in_(ids)
    showing = and_(these, JobRow.state == State.DREAMED)
    messages = list(await session.scalars(select(JobRow.interaction_id).where(showing).distinct()))
    unserved = await unserved_of(session, these)
    nothing = {column.key: None for column in PICTURES}
    await change(session, and_(these, JobRow.state.in_(LIVE)), **ended(State.FAILED, failure=sentence, **nothing))
    await close_up(session, unserved)
    await change(session, showing, state=State.FAILED, failure=sentence)
    await change(session, these, **nothing, **FETCHED)
    # The token is dead, or about to be: the bot's own right remains. A message that somebody removed stays removed.
    shown = or_(JobRow.shown.is_(None), JobRow.shown != Shown.REMOVED)
    told = and_(JobRow.interaction_id.in_(messages), JobRow.told_at.is_not(None))
    anew = {"told_at": None, "shown": None, "owner": None, "lease_until": None, "posting_at": None}
    await change(session, and_(told, shown), **anew)


def _parts(ids: Collection[int]) -> list[list[int]]:
    listed = sorted(ids)
    return [listed[begin : begin + AT_ONCE] for begin in range(0, len(listed), AT_ONCE)]
