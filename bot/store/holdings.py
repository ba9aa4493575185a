"""What each table holds on a person: the one registry by which it is shown, exported and forgotten.

A table is in ``HOLDINGS``, once for each column that names a person, or in ``OF_NOBODY`` with the reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.job import State
from bot.store.admin.tables import AdminActRow, BlockedPersonRow, DreamReportRow
from bot.store.fairness import of_the_clock
from bot.store.gallery.mirrors import leave_messages
from bot.store.gallery.tables import ActRow, BarRow, EntryRow, ReportRow, VoteRow
from bot.store.moments import moment
from bot.store.tables import Base, ForgettingRow, GuildChangeRow, JobRow, PersonRow, PresetRow

NOBODY = 0  # Discord gives no such id
AT_ONCE = 500  # ids in one condition
_UNSYNCHRONISED = {"synchronize_session": False}


Forget = Callable[[AsyncSession, ColumnElement[bool]], Awaitable[None]]
Instead = Callable[[int], ColumnElement[Any]]


@dataclass(frozen=True)
class Holding:
    """The rows of one table that are about a person."""

    name: str  # of its file in an export, and of its line in what is shown
    table: type[Base]
    whose: InstrumentedAttribute[Any]  # the column that names the person
    key: InstrumentedAttribute[Any]  # what its rows are ordered by
    forget: Forget
    only: ColumnElement[bool] = field(default_factory=true)
    left_out: Mapping[str, str] = field(default_factory=dict)  # column → why no export has it
    instead: Mapping[str, Instead] = field(default_factory=dict)  # column → what an export of this person has there

    def rows_of(self, person_id: int) -> ColumnElement[bool]:
        """Match the person's rows."""
        return and_(self.whose == person_id, self.only)

    def columns(self, person_id: int) -> list[ColumnElement[Any]]:
        """Return what an export has of each row."""
        kept = [column for column in self.table.__table__.columns if column.key not in self.left_out]
        return [
            self.instead[column.key](person_id).label(column.key) if column.key in self.instead else column
            for column in kept
        ]


def _removed(table: type[Base]) -> Forget:
    async def forget(session: AsyncSession, rows: ColumnElement[bool]) -> None:
        await session.execute(delete(table).where(rows), execution_options=_UNSYNCHRONISED)

    return forget


def _unnamed(table: type[Base], column: InstrumentedAttribute[Any], nobody: int | None = NOBODY) -> Forget:
    async def forget(session: AsyncSession, rows: ColumnElement[bool]) -> None:
        unnamed = update(table).where(rows).values({column.key: nobody})
        await session.execute(unnamed, execution_options=_UNSYNCHRONISED)

    return forget


async def _entries_removed(session: AsyncSession, rows: ColumnElement[bool]) -> None:
    """Remove entries; their messages in the gallery channels are to be deleted."""
    await leave_messages(session, rows)
    await session.execute(delete(EntryRow).where(rows), execution_options=_UNSYNCHRONISED)


def _taken_back(table: type[VoteRow | ReportRow], counter: InstrumentedAttribute[int]) -> Forget:
    async def forget(session: AsyncSession, rows: ColumnElement[bool]) -> None:
        """Take votes or reports back: their entries have as many less. What reports have hidden stays so."""
        known = list(await session.scalars(select(table.entry_id).where(rows)))
        for begin in range(0, len(known), AT_ONCE):
            # The entries first and in order, as whoever votes does: no two wait for one another.
            some = EntryRow.id.in_(known[begin : begin + AT_ONCE])
            await session.execute(select(EntryRow.id).where(some).order_by(EntryRow.id).with_for_update())
        gone = delete(table).where(rows).returning(table.entry_id)  # those too that came meanwhile
        taken = list(await session.scalars(gone, execution_options=_UNSYNCHRONISED))
        for begin in range(0, len(taken), AT_ONCE):
            some = EntryRow.id.in_(taken[begin : begin + AT_ONCE])
            less = update(EntryRow).where(some).values({counter.key: counter - 1})
            await session.execute(less, execution_options=_UNSYNCHRONISED)

    return forget


async def _stays(_: AsyncSession, __: ColumnElement[bool]) -> None:
    """Leave the row that says that somebody is being forgotten: it goes last."""


async def _jobs_removed(session: AsyncSession, rows: ColumnElement[bool]) -> None:
    """Remove jobs in turn; the one that holds the queue's clock keeps its tags and nothing of the person."""
    ids = list(await session.scalars(select(JobRow.id).where(rows)))
    clock = await session.scalar(of_the_clock(JobRow.id))
    for begin in range(0, len(ids), AT_ONCE):
        some = ids[begin : begin + AT_ONCE]
        children = update(JobRow).where(JobRow.parent_id.in_(some)).values(parent_id=None)
        await session.execute(children, execution_options=_UNSYNCHRONISED)
    if clock in ids:
        await session.execute(
            update(JobRow).where(JobRow.id == clock).values(_BLANK), execution_options=_UNSYNCHRONISED
        )
    await session.execute(delete(JobRow).where(rows), execution_options=_UNSYNCHRONISED)


# Whatever is not named here says nothing of a person: the row's id, its tags, its attempts, when it was begun.
_BLANK: dict[str, Any] = {
    "state": State.CANCELLED,
    "interaction_id": -JobRow.id,
    "place": 0,
    "application_id": NOBODY,
    "token": None,
    "token_expires_at": moment(),
    "person_id": NOBODY,
    "guild_id": None,
    "channel_id": NOBODY,
    "message_id": None,
    "locale": "en-US",
    "recipe": "{}",
    "cost": 0.0,  # a day's quota counts it in forgotten_cost
    "source_url": None,
    "source_hash": None,
    "result_hash": None,
    "guide_url": None,
    "guide_hash": None,
    "mask_url": None,
    "mask_hash": None,
    "parent_id": None,
    "failure": None,
    "note": None,
    "owner": None,
    "lease_until": None,
    "seconds": None,
    "fingerprint": None,
    "preset": None,
    "borrowed": False,
    "created_at": moment(),
    "finished_at": moment(),
    "posting_at": None,
    "told_at": moment(),
    "shown": None,
}


def _own_parent(person_id: int) -> ColumnElement[Any]:
    """Return a job's parent where that is the same person's."""
    parent = aliased(JobRow)
    mine = and_(parent.id == JobRow.parent_id, parent.person_id == person_id)
    return select(parent.id).where(mine).correlate(JobRow).scalar_subquery()


_A_KEY = "whoever has it may write in the person's name, for some minutes"
_EXPIRES = "an address with a signature, which leads nowhere after a day"
_OURS_OF_PICTURE = "a number that the bot has drawn or made of the picture"
_A_MODERATOR = "names a moderator"
_SOMEBODY_ELSE = "names somebody else"
_OPERATOR = "names whoever runs the bot"
_OURS = "names a process of the bot, and nothing of the person"

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        name="dreams",
        table=JobRow,
        whose=JobRow.person_id,
        key=JobRow.id,
        forget=_jobs_removed,
        left_out={
            "token": _A_KEY,
            "source_url": _EXPIRES,
            "guide_url": _EXPIRES,
            "mask_url": _EXPIRES,
            "owner": _OURS,
            "lease_until": _OURS,
        },
        instead={"parent_id": _own_parent},
    ),
    # Before the presets: it refers to one.
    Holding("default", PersonRow, PersonRow.person_id, PersonRow.person_id, _removed(PersonRow)),
    Holding("presets", PresetRow, PresetRow.person_id, PresetRow.id, _removed(PresetRow)),
    Holding(
        name="server-presets",
        table=PresetRow,
        whose=PresetRow.created_by,
        key=PresetRow.id,
        forget=_unnamed(PresetRow, PresetRow.created_by),
        only=PresetRow.guild_id.is_not(None),
    ),
    Holding(
        name="server-settings-changed",
        table=GuildChangeRow,
        whose=GuildChangeRow.person_id,
        key=GuildChangeRow.id,
        forget=_unnamed(GuildChangeRow, GuildChangeRow.person_id),
    ),
    Holding(
        name="gallery",
        table=EntryRow,
        whose=EntryRow.person_id,
        key=EntryRow.id,
        forget=_entries_removed,
        left_out={"place": _OURS_OF_PICTURE, "mirror_until": _OURS},
    ),
    Holding("gallery-votes", VoteRow, VoteRow.person_id, VoteRow.entry_id, _taken_back(VoteRow, EntryRow.votes)),
    Holding(
        "gallery-reports", ReportRow, ReportRow.person_id, ReportRow.entry_id, _taken_back(ReportRow, EntryRow.reports)
    ),
    Holding(
        name="gallery-bars",
        table=BarRow,
        whose=BarRow.person_id,
        key=BarRow.id,
        forget=_unnamed(BarRow, BarRow.person_id, None),
        left_out={"barred_by": _A_MODERATOR, "who": _OURS_OF_PICTURE},
    ),
    Holding(
        name="gallery-bars-set",
        table=BarRow,
        whose=BarRow.barred_by,
        key=BarRow.id,
        forget=_unnamed(BarRow, BarRow.barred_by),
        left_out={"person_id": _SOMEBODY_ELSE, "who": _SOMEBODY_ELSE},
    ),
    Holding(
        name="gallery-acts",
        table=ActRow,
        whose=ActRow.person_id,
        key=ActRow.id,
        forget=_unnamed(ActRow, ActRow.person_id),
        left_out={"about_id": _SOMEBODY_ELSE},
    ),
    Holding(
        name="gallery-acts-about",
        table=ActRow,
        whose=ActRow.about_id,
        key=ActRow.id,
        forget=_unnamed(ActRow, ActRow.about_id, None),
        left_out={"person_id": _A_MODERATOR},
    ),
    Holding(
        name="blocked",
        table=BlockedPersonRow,
        whose=BlockedPersonRow.person_id,
        key=BlockedPersonRow.id,
        forget=_unnamed(BlockedPersonRow, BlockedPersonRow.person_id, None),
        left_out={"who": _OURS_OF_PICTURE},
    ),
    Holding(
        name="operator-acts",
        table=AdminActRow,
        whose=AdminActRow.person_id,
        key=AdminActRow.id,
        forget=_unnamed(AdminActRow, AdminActRow.person_id),
        left_out={"about_id": _SOMEBODY_ELSE},
    ),
    Holding(
        name="operator-acts-about",
        table=AdminActRow,
        whose=AdminActRow.about_id,
        key=AdminActRow.id,
        forget=_unnamed(AdminActRow, AdminActRow.about_id, None),
        left_out={"person_id": _OPERATOR, "login": _OPERATOR},
    ),
    Holding(
        name="operator-reports",
        table=DreamReportRow,
        whose=DreamReportRow.person_id,
        key=DreamReportRow.id,
        forget=_unnamed(DreamReportRow, DreamReportRow.person_id, None),
        left_out={"about_id": _SOMEBODY_ELSE, "decided_by": _OPERATOR},
    ),
    Holding(
        name="operator-reports-about",
        table=DreamReportRow,
        whose=DreamReportRow.about_id,
        key=DreamReportRow.id,
        forget=_unnamed(DreamReportRow, DreamReportRow.about_id, None),
        left_out={"person_id": _SOMEBODY_ELSE, "reason": _SOMEBODY_ELSE, "decided_by": _OPERATOR},
    ),
    Holding(
        name="operator-reports-decided",
        table=DreamReportRow,
        whose=DreamReportRow.decided_by,
        key=DreamReportRow.id,
        forget=_unnamed(DreamReportRow, DreamReportRow.decided_by),
        left_out={"person_id": _SOMEBODY_ELSE, "about_id": _SOMEBODY_ELSE, "reason": _SOMEBODY_ELSE},
    ),
    Holding("forgetting", ForgettingRow, ForgettingRow.person_id, ForgettingRow.person_id, _stays),
)

OF_NOBODY: Mapping[str, str] = {
    "blob": "pictures by the hash of their bytes: whose they are, the rows that refer to them say",
    "guild": "what a server's moderators settled for it, by the ids of channels and roles",
    "period": "acts of the bot's own",
    "regime": "what whoever runs the bot settled for all of it",
    "takedown": "that a picture was taken down, when and why; nobody is named",
    "taken_digest": "hashes by which such a picture is known again",
    "taken_imprint": "the same, made of how it looks",
    "server_rule": "what they settled for a server, by its id",
    "process": "processes of the bot's own",
    "registration": "commands that were registered",
    "forgotten_cost": "a salted hash stands for who was forgotten; an export of theirs begins anew",
    "gallery_likeness": "numbers that the bot has made of an entry's picture, and that go with its row",
    "gallery_copy": "a message of the bot's own that shows an entry; it is deleted with the entry's row",
    "gallery_gone_message": "a message of the bot's own that it is about to delete: forgotten once it is, or in time",
    "gallery_term": "what a shown entry is found by, made of its row, which is the dreamer's",
    "salt": "what those hashes are salted with",
}
