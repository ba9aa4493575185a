"""The log of what whoever runs the bot did: who, when, why. Lines are added to it, and none is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.admin.tables import AdminActRow
from bot.store.database import Database, whole
from bot.store.moments import moment


class Act(StrEnum):
    """What was done."""

    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    LISTED_ONLY = "listed only"
    OPENED = "opened"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    LEFT = "left"
    PAUSED = "paused"
    RESUMED = "resumed"
    TAKEN_DOWN = "taken down"
    PUT_BACK = "put back"
    REPORTS_TO = "reports to"


@dataclass(frozen=True)
class By:
    """Who acts: the login name in a shell, or somebody in the chat."""

    login: str | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class Acted:
    """One line of the log."""

    id: int
    act: str
    by: By
    person_id: int | None  # whom it is about
    guild_id: int | None
    reason: str | None
    at: datetime


class AdminActs:
    """The log of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def write(self, by: By, act: Act, *, guild_id: int | None = None, reason: str | None = None) -> None:
        """Add a line about something that is in no other table."""
        async with self._database.write() as session:
            await write_down(session, by, act, guild_id=guild_id, reason=reason)

    @whole
    async def newest(self, limit: int) -> list[Acted]:
        """Return the last lines, newest first."""
        async with self._database.read() as session:
            rows = await session.scalars(select(AdminActRow).order_by(AdminActRow.id.desc()).limit(limit))
            return [_acted(row) for row in rows]


async def write_down(
    session: AsyncSession,
    by: By,
    act: Act,
    *,
    person_id: int | None = None,
    guild_id: int | None = None,
    reason: str | None = None,
) -> None:
    """Add a line in the transaction that does it; ``person_id`` is whom it is about."""
    values = {"act": act.value, "login": by.login, "person_id": by.person_id, "about_id": person_id}
    about = {"guild_id": guild_id, "reason": reason, "created_at": moment()}
    await session.execute(insert(AdminActRow).values(**values, **about))


def _acted(row: AdminActRow) -> Acted:
    by = By(row.login, row.person_id)
    return Acted(row.id, row.act, by, row.about_id, row.guild_id, row.reason, row.created_at)
