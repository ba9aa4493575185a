"""What waits for a server's moderators: queues of entries, gone through one by one; and reports, decided on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Entry, EntryState, Hidden, Visitor
from bot.store.database import Database, whole
from bot.store.gallery import rows
from bot.store.gallery.acts import THE_BOT, Act, Acted, By, write_down
from bot.store.gallery.tables import ActRow, BarRow, EntryRow, ReportRow


class Queue(StrEnum):
    """A queue. The value is its letter in a custom_id."""

    WAITING = "w"  # for approval, the oldest first
    REPORTED = "r"  # shown and hidden ones, those with the most reports first
    OUT = "o"  # hidden ones, then removed ones, the newest first


class Way(StrEnum):
    """Which entry of a queue, as seen from a place in it. The value is its letter in a custom_id."""

    HERE = "h"  # the one there, or else the next
    NEXT = "n"
    BEFORE = "b"


@dataclass(frozen=True)
class Place:
    """A place in a queue: that of an entry, also when it has left. ``key`` is what the queue is ordered by first."""

    queue: Queue
    key: int = 2**31 - 1  # before all
    id: int = 0


@dataclass(frozen=True)
class Standing:
    """An entry in a queue: its place, and that it is the ``number``-th of ``count``."""

    entry: Entry
    place: Place
    number: int
    count: int


@dataclass(frozen=True)
class Numbers:
    """How much there is for a server's moderators."""

    waiting: int
    reported: int
    hidden: int
    removed: int
    barred: int


class Queues:
    """The queues of one database. Rights are asked above: here only which server is looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def numbers(self, guild_id: int) -> Numbers:
        """Return how much there is."""
        out = (EntryState.PENDING, EntryState.HIDDEN, EntryState.REMOVED)
        states = select(EntryRow.state, func.count()).where(EntryRow.guild_id == guild_id, EntryRow.state.in_(out))
        barred = select(func.count()).where(BarRow.guild_id == guild_id)
        async with self._database.read() as session:
            of: dict[EntryState, int] = {
                row[0]: row[1] for row in await session.execute(states.group_by(EntryRow.state))
            }
            reported = await _count(session, _in_queue(guild_id, Queue.REPORTED))
            return Numbers(
                waiting=of.get(EntryState.PENDING, 0),
                reported=reported,
                hidden=of.get(EntryState.HIDDEN, 0),
                removed=of.get(EntryState.REMOVED, 0),
                barred=await session.scalar(barred) or 0,
            )

    @whole
    async def look(self, guild_id: int, at: Place, way: Way) -> Standing | None:
        """Return the entry of a queue that lies that way; at an end of the queue the last one there, None where it
        is empty.
        """
        queued, key, rank = _in_queue(guild_id, at.queue), _KEYS[at.queue], _rank(at.queue)
        before = _before(at, strictly=True)
        wanted = {Way.HERE: ~before, Way.NEXT: ~_before(at, strictly=False), Way.BEFORE: before}[way]
        forwards, backwards = (key.desc(), rank.asc()), (key.asc(), rank.desc())
        async with self._database.read() as session:

            async def first(where: ColumnElement[bool], order: tuple[Any, ...]) -> Any:
                # Chosen by what stands in an index alone: a queue may have thousands of rows, and one is looked at.
                chosen = select(EntryRow.id, key.label("key")).where(where).order_by(*order).limit(1).subquery()
                theirs = select(EntryRow, chosen.c.key).join(chosen, chosen.c.id == EntryRow.id)
                return (await session.execute(theirs)).first()

            found = await first(and_(queued, wanted), backwards if way is Way.BEFORE else forwards)
            found = found or await first(queued, forwards if way is Way.BEFORE else backwards)
            if found is None:
                return None
            entry = rows.entry_of(found[0])
            place = Place(at.queue, found[1], entry.id)
            number = await _count(session, and_(queued, _before(place, strictly=True))) + 1
            return Standing(entry, place, number, await _count(session, queued))

    @whole
    async def get(self, guild_id: int, entry_id: int) -> Entry | None:
        """Return an entry of a server's, in any state."""
        async with self._database.read() as session:
            row = await rows.one(session, and_(EntryRow.id == entry_id, EntryRow.guild_id == guild_id))
            return None if row is None else rows.entry_of(row)

    @whole
    async def last_act(self, guild_id: int, entry_id: int) -> Acted | None:
        """Return what was done last to an entry of a server's."""
        about = select(ActRow).where(ActRow.guild_id == guild_id, ActRow.entry_id == entry_id)
        async with self._database.read() as session:
            row = await session.scalar(about.order_by(ActRow.id.desc()).limit(1))
            return None if row is None else _acted_of(row)

    @whole
    async def count_of(self, guild_id: int, person_id: int) -> int:
        """Return how many entries of a person's are in a server's gallery, nominations too, removed ones not."""
        theirs = and_(
            EntryRow.guild_id == guild_id, EntryRow.person_id == person_id, EntryRow.state != EntryState.REMOVED
        )
        async with self._database.read() as session:
            return await _count(session, theirs)

    @whole
    async def keep(self, moderator: Visitor, entry_id: int, was: EntryState, reports: int) -> Entry | None:
        """Let an entry's reports go, found to be nothing, and show it again where they had hidden it.

        None where it is no longer as it was, or was reported since.
        """
        async with self._database.write() as session:
            where = _as_reported(moderator, entry_id, was, reports)
            by_them = and_(where, EntryRow.hidden == Hidden.REPORTS)
            row = await rows.show(session, by_them, reports=0)
            if row is None:
                row = await rows.change(session, where, reports=0)
            return await _decided(session, row, Act.DISMISSED, moderator, None)

    @whole
    async def remove_reported(
        self, moderator: Visitor, entry_id: int, was: EntryState, reports: int, reason: str
    ) -> Entry | None:
        """Take a reported entry out; None where it is no longer as it was, or was reported since."""
        async with self._database.write() as session:
            where = _as_reported(moderator, entry_id, was, reports)
            row = await rows.take_out(session, where, EntryState.REMOVED, reason=reason, hidden=None, reports=0)
            return await _decided(session, row, Act.REMOVED, moderator, reason)


def _acted_of(row: ActRow) -> Acted:
    return Acted(
        row.id, row.guild_id, row.entry_id, Act(row.act), row.person_id, row.about_id, row.reason, row.created_at
    )


_KEYS: dict[Queue, ColumnElement[int]] = {
    Queue.WAITING: literal(0),
    Queue.REPORTED: EntryRow.reports.expression,
    Queue.OUT: case((EntryRow.state == EntryState.HIDDEN, 1), else_=0),
}


def _rank(queue: Queue) -> ColumnElement[int]:
    # Never the bare key: PostgreSQL would walk along it, through all galleries, to the first entry of the queue.
    return -EntryRow.id if queue is Queue.OUT else EntryRow.id + 0


def _before(place: Place, *, strictly: bool) -> ColumnElement[bool]:
    """Match what comes before a place, and without ``strictly`` what is there."""
    key, rank = _KEYS[place.queue], _rank(place.queue)
    there = -place.id if place.queue is Queue.OUT else place.id
    return or_(key > place.key, and_(key == place.key, rank < there if strictly else rank <= there))


def _in_queue(guild_id: int, queue: Queue) -> ColumnElement[bool]:
    of_guild = EntryRow.guild_id == guild_id
    if queue is Queue.WAITING:
        return and_(of_guild, EntryRow.state == EntryState.PENDING)
    if queue is Queue.OUT:
        return and_(of_guild, EntryRow.state.in_((EntryState.HIDDEN, EntryState.REMOVED)))
    return and_(of_guild, EntryRow.reports > 0)


def _as_reported(moderator: Visitor, entry_id: int, was: EntryState, reports: int) -> ColumnElement[bool]:
    return and_(
        EntryRow.id == entry_id,
        EntryRow.guild_id == moderator.guild_id,
        EntryRow.state == was,
        EntryRow.reports == reports,
        EntryRow.reports > 0,
    )


async def _count(session: AsyncSession, where: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(EntryRow).where(where)) or 0


async def _decided(
    session: AsyncSession, row: EntryRow | None, act: Act, moderator: Visitor, reason: str | None
) -> Entry | None:
    """Let the reports of an entry go, and write down what a moderator did; None where they did nothing."""
    if row is None:
        return None
    await session.execute(delete(ReportRow).where(ReportRow.entry_id == row.id))
    by = By(by=moderator.person_id or THE_BOT, entry_id=row.id, about=row.person_id, reason=reason)
    await write_down(session, row.guild_id, act, **by)
    return rows.entry_of(row)
