"""People's reports to whoever runs the bot: written first, then posted in their channel, then decided once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.store.admin.tables import DreamReportRow
from bot.store.database import Database, whole
from bot.store.gallery.copies import shown_at
from bot.store.gallery.tables import EntryRow
from bot.store.moments import moment
from bot.store.tables import JobRow
from engine.sentences import mark

MOST_OPEN = 10  # of one person
AGAIN_S = 60.0  # a post that was begun and is not known to be there is made again: the same nonce makes one message

REPORTED_ALREADY = mark("You have reported this already: whoever runs me looks at it.")
TOO_MANY = mark("Ten of your reports wait to be looked at: please report more when they are decided.")
_UNSYNCHRONISED = {"synchronize_session": False}


class Decision(StrEnum):
    """What became of a report."""

    TAKEN_DOWN = "taken down"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Reported:
    """One report."""

    id: int
    guild_id: int | None
    channel_id: int
    message_id: int
    person_id: int | None
    about_id: int | None
    reason: str
    at: datetime
    decision: Decision | None = None
    decided_by: int | None = None  # None: it was decided in a shell, or they were forgotten
    posted_channel_id: int | None = None
    posted_id: int | None = None


class Reports:
    """The reports of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def add(self, person_id: int, *, guild_id: int | None, channel_id: int, message_id: int, reason: str) -> None:
        """Write a report down. Raises UserError where somebody has reported that message, or too many."""
        dreamer = select(JobRow.person_id).where(JobRow.channel_id == channel_id, JobRow.message_id == message_id)
        member = select(EntryRow.person_id).where(shown_at(channel_id, message_id))
        is_open = and_(DreamReportRow.person_id == person_id, DreamReportRow.decision.is_(None))
        async with self._database.write(in_turn=True) as session:
            if (
                await session.scalar(select(func.count()).select_from(DreamReportRow).where(is_open)) or 0
            ) >= MOST_OPEN:
                raise UserError(TOO_MANY)
            about = await session.scalar(dreamer.limit(1)) or await session.scalar(member.limit(1))
            values = {"guild_id": guild_id, "channel_id": channel_id, "message_id": message_id, "reason": reason}
            written = await session.scalar(
                self._database.insert(DreamReportRow)
                .values(person_id=person_id, about_id=about, created_at=moment(), **values)
                .on_conflict_do_nothing(index_elements=[DreamReportRow.message_id, DreamReportRow.person_id])
                .returning(DreamReportRow.id)
            )
            if written is None:
                raise UserError(REPORTED_ALREADY)

    @whole
    async def due(self) -> Reported | None:
        """Take up a report that is to be posted, for a minute."""
        return await self._take_up(and_(DreamReportRow.posted_id.is_(None), DreamReportRow.decision.is_(None)))

    async def _take_up(self, which: ColumnElement[bool]) -> Reported | None:
        again = or_(DreamReportRow.posting_at.is_(None), DreamReportRow.posting_at < moment(-AGAIN_S))
        async with self._database.write() as session:
            row = await session.scalar(
                select(DreamReportRow)
                .where(which, again)
                .order_by(DreamReportRow.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            begun = update(DreamReportRow).where(DreamReportRow.id == row.id).values(posting_at=moment())
            await session.execute(begun, execution_options=_UNSYNCHRONISED)
            return _reported(row)

    @whole
    async def posted(self, report: Reported, channel_id: int, message_id: int) -> None:
        """Note the post of a report, as it was then."""
        place = {"posted_channel_id": channel_id, "posted_id": message_id}
        values = {**place, "shown": _word(report.decision), "posting_at": None}
        async with self._database.write() as session:
            await session.execute(update(DreamReportRow).where(DreamReportRow.id == report.id).values(values))

    @whole
    async def stale(self) -> Reported | None:
        """Take up a report whose post does not show what was decided elsewhere, for a minute."""
        other = or_(DreamReportRow.shown.is_(None), DreamReportRow.shown != DreamReportRow.decision)
        posted = and_(DreamReportRow.posted_id.is_not(None), DreamReportRow.decision.is_not(None))
        return await self._take_up(and_(posted, other))

    @whole
    async def shown(self, report: Reported) -> None:
        """Note that a report's post shows it as it is here, or that there is no such post any more."""
        async with self._database.write() as session:
            same = DreamReportRow.id == report.id
            await session.execute(
                update(DreamReportRow).where(same).values(shown=_word(report.decision), posting_at=None)
            )

    @whole
    async def get(self, report_id: int) -> Reported | None:
        """Return one report."""
        async with self._database.read() as session:
            row = await session.get(DreamReportRow, report_id)
            return None if row is None else _reported(row)

    @whole
    async def decide(self, report_id: int, decision: Decision, person_id: int) -> bool:
        """Decide a report, and the others of the same message that wait; False where that is done."""
        async with self._database.write(in_turn=True) as session:
            row = await session.get(DreamReportRow, report_id)
            if row is None or row.decision is not None:
                return False
            await decide_all(session, DreamReportRow.message_id == row.message_id, decision, person_id)
            return True

    @whole
    async def undecided(self) -> list[Reported]:
        """Return the reports that wait, the oldest first."""
        waits = DreamReportRow.decision.is_(None)
        async with self._database.read() as session:
            rows = await session.scalars(select(DreamReportRow).where(waits).order_by(DreamReportRow.id))
            return [_reported(row) for row in rows]

    @whole
    async def let_go(self, older_than_s: float) -> None:
        """Forget reports that were decided that long ago."""
        async with self._database.write() as session:
            await session.execute(delete(DreamReportRow).where(DreamReportRow.decided_at < moment(-older_than_s)))


async def decide_all(
    session: AsyncSession, which: ColumnElement[bool], decision: Decision, person_id: int | None
) -> None:
    """Decide reports that wait. Their posts show it by and by."""
    values = {"decision": decision.value, "decided_by": person_id, "decided_at": moment()}
    waits = and_(which, DreamReportRow.decision.is_(None))
    await session.execute(update(DreamReportRow).where(waits).values(values), execution_options=_UNSYNCHRONISED)


def _word(decision: Decision | None) -> str | None:
    return None if decision is None else decision.value


def _reported(row: DreamReportRow) -> Reported:
    decision = None if row.decision is None else Decision(row.decision)
    return Reported(
        id=row.id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        person_id=row.person_id,
        about_id=row.about_id,
        reason=row.reason,
        at=row.created_at,
        decision=decision,
        decided_by=row.decided_by or None,
        posted_channel_id=row.posted_channel_id,
        posted_id=row.posted_id,
    )
