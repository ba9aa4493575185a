"""Which commands are registered with Discord, and whose turn it is to register them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from bot.store.database import Database, whole
from bot.store.tables import RegistrationRow

log = logging.getLogger(__name__)

TURN_S = 60.0  # a registration takes a second or two: whoever has the turn for longer is lost, or held up by Discord
_TURN = 0x0E1306  # PostgreSQL's advisory locks are numbers; others are in bot.store.database and bot.store.upgrade


class Registrations:
    """The registrations of one database. ``turn_s`` bounds how long a process waits for another one's."""

    def __init__(self, database: Database, turn_s: float = TURN_S) -> None:
        self._database = database
        self._turn_s = turn_s

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Let one process at a time look and register. SQLite has only one.

        The lock is its connection's, so a process that dies lets go of it. A machine that is lost may keep it: after
        ``turn_s`` we go on without, since the same commands registered twice do no harm.
        """
        if self._database.exclusive:
            yield
            return
        async with self._database.read() as session:
            try:
                await session.execute(text(f"SET LOCAL lock_timeout = {round(self._turn_s * 1000)}"))
                await session.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))
            except OperationalError as error:
                log.warning("commands are registered out of turn: %s", type(error.orig).__name__)
                await session.rollback()
            try:
                yield
            finally:
                await session.invalidate()  # also where the connection was lost, and what we did is done all the same

    @whole
    async def digest(self, application_id: int) -> str | None:
        """Return what was noted of an application's commands last."""
        async with self._database.read() as session:
            return await session.scalar(
                select(RegistrationRow.digest).where(RegistrationRow.application_id == application_id)
            )

    @whole
    async def note(self, application_id: int, digest: str) -> None:
        """Note what is registered now."""
        async with self._database.write() as session:
            await session.execute(
                self._database.insert(RegistrationRow)
                .values(application_id=application_id, digest=digest)
                .on_conflict_do_update(index_elements=[RegistrationRow.application_id], set_={"digest": digest})
            )
