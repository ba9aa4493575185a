"""The audit log of a gallery: what was done to its entries and to who adds them, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Required, TypedDict, Unpack

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database, whole
from bot.store.gallery.tables import ActRow
from bot.store.moments import moment

THE_BOT = 0  # Discord gives no such id


class Act(StrEnum):
    """What can be done."""

    ADDED = "added"  # shown, by the dreamer or enough votes
    ASKED = "asked"  # waits for approval
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    REMOVED = "removed"
    RESTORED = "restored"
    HIDDEN = "hidden"  # by reports, or because its mirror message was deleted
    DISMISSED = "dismissed"  # reports, by a moderator who found nothing wrong
    BARRED = "barred"
    UNBARRED = "unbarred"
    CLEARED = "cleared"  # all entries of a person
    IMPORTED = "imported"
    REFUSED = "refused"  # a picture that is known from a removed entry, which is the one that is named


@dataclass(frozen=True)
class Acted:
    """One line of the log."""

    id: int
    guild_id: int
    entry_id: int | None
    act: Act
    person_id: int  # who did it; ``THE_BOT`` where nobody decided
    about_id: int | None  # whose entry it is
    reason: str | None
    created_at: datetime


class By(TypedDict, total=False):
    """Who acted, on which entry, of whom, and why."""

    by: Required[int]
    entry_id: int
    about: int | None
    reason: str | None


async def write_down(session: AsyncSession, guild_id: int, act: Act, **who: Unpack[By]) -> None:
    """Add a line, in the transaction of the act itself."""
    values = {
        "guild_id": guild_id,
        "entry_id": who.get("entry_id"),
        "act": act.value,
        "person_id": who["by"],
        "about_id": who.get("about"),
        "reason": who.get("reason"),
        "created_at": moment(),
    }
    await session.execute(insert(ActRow).values(**values))


class Acts:
    """The logs of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def write(self, guild_id: int, act: Act, **who: Unpack[By]) -> None:
        """Add a line by itself, for an act that changes nothing."""
        async with self._database.write() as session:
            await write_down(session, guild_id, act, **who)

    @whole
    async def newest(self, guild_id: int, limit: int, before: int | None = None) -> list[Acted]:
        """Return the last lines of a server's log, newest first; those older than ``before`` where that is given."""
        found = select(ActRow).where(ActRow.guild_id == guild_id).order_by(ActRow.id.desc()).limit(limit)
        if before is not None:
            found = found.where(ActRow.id < before)
        async with self._database.read() as session:
            return [
                Acted(
                    row.id,
                    row.guild_id,
                    row.entry_id,
                    Act(row.act),
                    row.person_id,
                    row.about_id,
                    row.reason,
                    row.created_at,
                )
                for row in await session.scalars(found)
            ]

    @whole
    async def let_go(self, older_than_s: float) -> None:
        """Forget lines that are that old."""
        async with self._database.write() as session:
            await session.execute(delete(ActRow).where(ActRow.created_at < moment(-older_than_s)))
