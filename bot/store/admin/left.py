"""What a takedown could not reach: messages that may still show a picture, while that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from bot.job import Shown, State
from bot.store.admin.takedowns import TAKEN_DOWN
from bot.store.database import Database, whole
from bot.store.gallery.tables import GoneMessageRow
from bot.store.tables import JobRow
from engine.sentences import Sentence

_TAKEN_DOWN = Sentence(TAKEN_DOWN, {"reason": ""}).to_text().partition('"values"')[0]


@dataclass(frozen=True)
class Left:
    """One message, or its channel where it is not known which it is. ``refused``: Discord does not let us."""

    guild_id: int | None
    channel_id: int
    message_id: int | None
    refused: bool
    since: datetime


class LeftStore:
    """What the takedowns of one database have not reached."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def all(self) -> list[Left]:
        """Return the messages that are not changed or deleted yet, the oldest takedown first.

        What only one person sees is not among them: nobody can say what became of it.
        """
        gone = select(GoneMessageRow).where(GoneMessageRow.takedown_id.is_not(None))
        down = and_(JobRow.state == State.FAILED, JobRow.failure.startswith(_TAKEN_DOWN, autoescape=True))
        stays = or_(JobRow.told_at.is_(None), JobRow.shown == Shown.KEPT)
        dreams = select(JobRow).where(down, stays, JobRow.place == 0, ~JobRow.private)
        async with self._database.read() as session:
            found = [
                Left(row.guild_id, row.channel_id, row.message_id, row.told_at is not None, row.created_at)
                for row in await session.scalars(gone)
            ]
            found += [
                Left(
                    row.guild_id,
                    row.channel_id,
                    row.message_id,
                    row.told_at is not None,
                    row.finished_at or row.created_at,
                )
                for row in await session.scalars(dreams)
            ]
        return sorted(found, key=lambda one: (one.since, one.channel_id, one.message_id or 0))
