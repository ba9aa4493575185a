"""People's reports to whoever runs the bot: written first, then posted in their channel, then decided once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, delete, func, or_, select, update

from bot.errors import UserError
from bot.store.admin.tables import DreamReportRow
from bot.store.database import Database, whole
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
    decided_by: int | None = None


class Reports:
    """The reports of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def add(self, person_id: int, *, guild_id: int | None, channel_id: int, message_id: int, reason: str) -> None:
        """Write a report down. Raises UserError where somebody has reported that message, or too many."""
        dreamer = select(JobRow.person_id).where(JobRow.channel_id == channel_id, JobRow.message_id == message_id)
        member = select(EntryRow.person_id).where(
            EntryRow.mirror_channel_id == channel_id, EntryRow.mirror_message_id == message_id
        )
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
        again = or_(DreamReportRow.posting_at.is_(None), DreamReportRow.posting_at < moment(-AGAIN_S))
        wanted = and_(DreamReportRow.posted_id.is_(None), DreamReportRow.decision.is_(None), again)
        async with self._database.write() as session:
            row = await session.scalar(
                select(DreamReportRow)
                .where(wanted)
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
    async def posted(self, report_id: int, message_id: int) -> None:
        """Note the post of a report."""
        async with self._database.write() as session:
            there = update(DreamReportRow).where(DreamReportRow.id == report_id).values(posted_id=message_id)
            await session.execute(there)

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
            values = {"decision": decision.value, "decided_by": person_id, "decided_at": moment()}
            same = and_(DreamReportRow.message_id == row.message_id, DreamReportRow.decision.is_(None))
            await session.execute(update(DreamReportRow).where(same).values(values), execution_options=_UNSYNCHRONISED)
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
        decided_by=row.decided_by,
    )
