"""The newest dream of a channel, as far as somebody may see it."""

from __future__ import annotations

from sqlalchemy import false, or_, select

from bot.job import Job, Shown, State
from bot.store.changes import job_of
from bot.store.database import Database, whole
from bot.store.tables import JobRow


class Newest:
    """Finds it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def dream_in(self, channel_id: int, *, viewer_id: int, restricted: bool) -> Job | None:
        """Return the newest dream that ``viewer_id`` can see in a channel and that is still kept.

        That is one of their own, or one that everybody there was shown. What comes from an age-restricted place is
        found only where ``restricted`` says that this is one.
        """
        shown = JobRow.private.is_(false()) & (JobRow.shown == Shown.POSTED)
        found = (
            select(JobRow)
            .where(JobRow.channel_id == channel_id, JobRow.state == State.DREAMED, JobRow.result_hash.is_not(None))
            .where(JobRow.film.is_(None))
            .where(or_(JobRow.person_id == viewer_id, shown))
            .order_by(JobRow.finished_at.desc(), JobRow.id.desc())
            .limit(1)
        )
        if not restricted:
            found = found.where(JobRow.restricted.is_(false()))
        async with self._database.read() as session:
            row = await session.scalar(found)
            return None if row is None else job_of(row)
