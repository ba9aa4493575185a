"""What follows an outcome: who tells it, when that was done, and when its pictures go, and its row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.entry import EntryState
from bot.job import LIVE, OUTCOMES, Job, Shown
from bot.store.changes import change, held_by, is_free, of_its_message
from bot.store.database import Database, whole
from bot.store.fairness import of_the_clock
from bot.store.gallery.tables import EntryRow
from bot.store.moments import moment
from bot.store.tables import PICTURES, JobRow

_ENDED = JobRow.state.in_(OUTCOMES)
_UNTOLD = and_(_ENDED, JobRow.told_at.is_(None))
_Other = aliased(JobRow)
_waits_for_another = exists().where(_Other.interaction_id == JobRow.interaction_id, _Other.state.in_(LIVE))


class Tellings:
    """The ended jobs of one database. Methods that change one return it as it is now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def take(self, owner: str, busy: Collection[int], limit: int) -> list[Job]:
        """Take up outcomes that the person does not know, oldest first, under a lease.

        Those that ``owner`` ended itself, and those of nobody or of an owner that is gone; not those in ``busy``. Of
        several jobs in one message the first is taken, once all of them have an outcome.
        """
        async with self._database.write() as session:
            free = or_(JobRow.owner == owner, JobRow.owner.is_(None), is_free())
            found = (
                select(JobRow.id)
                .where(_UNTOLD, JobRow.place == 0, ~_waits_for_another, free, JobRow.id.not_in(busy))
                .order_by(JobRow.finished_at, JobRow.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            taken = await change(session, JobRow.id.in_((await session.scalars(found)).all()), **held_by(owner))
            return sorted(taken, key=lambda job: (job.finished_at or job.created_at, job.id))

    @whole
    async def renew(self, owner: str, ids: Collection[int]) -> frozenset[int]:
        """Renew the leases of ``ids``; returns those that are still the owner's to tell."""
        async with self._database.write() as session:
            where = and_(JobRow.id.in_(ids), JobRow.owner == owner, _UNTOLD)
            return frozenset(job.id for job in await change(session, where, **held_by(owner)))

    @whole
    async def told(self, job_id: int, owner: str, shown: Shown, message_id: int | None = None) -> Job | None:
        """Note what became of a message's outcomes in the chat, and the new message they are in.

        The token has done its work. ``job_id`` is the first of its jobs.

        None where another has taken it up meanwhile: it is told once more, and that is noted.
        """
        moved = {} if message_id is None else {"message_id": message_id}
        values = {"told_at": moment(), "shown": shown, "token": None, "owner": None, **moved}
        async with self._database.write() as session:
            first = await change(session, and_(JobRow.id == job_id, JobRow.owner == owner, _UNTOLD), **values)
            if first:
                await change(session, and_(of_its_message(job_id), _UNTOLD), **values)
            return next(iter(first), None)

    async def posting(self, job_id: int, owner: str) -> Job | None:
        """Note that a new message for the outcome is about to be posted: a later try looks for it first."""
        where = and_(JobRow.id == job_id, JobRow.owner == owner, _UNTOLD)
        return await self._change_one(where, posting_at=func.coalesce(JobRow.posting_at, moment()))

    async def covered(self, job: Job, owner: str) -> Job | None:
        """Take up an outcome that another has told, or is telling: an older state of ours may have gone over it.

        ``job`` is as it was then, with its token. None where there is no outcome, where ``owner`` tells it anyhow, and
        where it does not stand in that message: it was removed, or a new one was posted.
        """
        theirs = or_(JobRow.told_at.is_not(None), JobRow.owner.is_(None), JobRow.owner != owner)
        there = and_(JobRow.posting_at.is_(None), or_(JobRow.shown.is_(None), JobRow.shown != Shown.REMOVED))
        where = and_(JobRow.id == job.id, _ENDED, ~_waits_for_another, theirs, there)
        return await self._change_one(where, told_at=None, shown=None, token=job.token, **held_by(owner))

    async def fetched(self, job_id: int) -> Job | None:
        """Note that the person has seen a message's outcomes, which were kept for them."""
        where = and_(of_its_message(job_id), JobRow.shown == Shown.KEPT)
        return await self._change_one(where, shown=Shown.POSTED)

    async def set_private(self, job_id: int, *, private: bool) -> bool:
        """Say who may see a message's outcomes; False where that is so already."""
        where = and_(of_its_message(job_id), _ENDED, JobRow.private != private)
        return await self._change_one(where, private=private) is not None

    async def moved(self, job_id: int, message_id: int) -> None:
        """Note that a message's jobs are shown in another one now."""
        await self._change_one(of_its_message(job_id), message_id=message_id)

    @whole
    async def let_go(self, job_id: int) -> list[int]:
        """Forget the pictures of a message's ended jobs, of which nothing more is told; returns their ids.

        Nobody can vote any more for what is nominated in that message: that goes too.
        """
        async with self._database.write() as session:
            where = and_(of_its_message(job_id), _ENDED)
            ids = [job.id for job in await change(session, where, **_WITHOUT_PICTURES)]
            nominated = and_(EntryRow.job_id.in_(ids), EntryRow.state == EntryState.NOMINATED)
            await session.execute(delete(EntryRow).where(nominated))
            return ids

    @whole
    async def are_in_a_gallery(self, ids: Collection[int]) -> bool:
        """Tell whether one of these jobs' dreams is in a server's gallery, or waits there for approval."""
        found = select(EntryRow.id).where(EntryRow.job_id.in_(ids), EntryRow.state != EntryState.REMOVED).limit(1)
        async with self._database.read() as session:
            return await session.scalar(found) is not None

    @whole
    async def let_go_older(self, age_s: float) -> list[int]:
        """Forget the pictures of every job that ended ``age_s`` seconds ago or earlier; returns their ids."""
        async with self._database.write() as session:
            something = or_(*(column.is_not(None) for column in PICTURES), JobRow.told_at.is_(None))
            where = and_(_ENDED, JobRow.finished_at <= moment(-age_s), something)
            return [job.id for job in await change(session, where, **_WITHOUT_PICTURES)]

    @whole
    async def over(self, age_s: float, at_most: int) -> list[int]:
        """Return the ids of told jobs that ended ``age_s`` seconds ago or earlier, the oldest first.

        The row that holds the queue's clock is not among them.
        """
        clock = of_the_clock(JobRow.id).scalar_subquery()
        async with self._database.read() as session:
            found = await session.scalars(
                select(JobRow.id)
                .where(
                    _ENDED,
                    JobRow.told_at.is_not(None),
                    JobRow.finished_at <= moment(-age_s),
                    JobRow.id != func.coalesce(clock, 0),
                )
                .order_by(JobRow.finished_at, JobRow.id)
                .limit(at_most)
            )
            return list(found)

    @whole
    async def remove(self, ids: Collection[int]) -> None:
        """Remove the rows of jobs that are over; what was made from their pictures no longer names them."""
        # In turn: else somebody could accept a job that starts from one of them, unseen until this is committed.
        async with self._database.write(in_turn=True) as session:
            unsynchronised = {"synchronize_session": False}
            children = update(JobRow).where(JobRow.parent_id.in_(ids)).values(parent_id=None)
            await session.execute(children, execution_options=unsynchronised)
            await session.execute(delete(JobRow).where(JobRow.id.in_(ids)), execution_options=unsynchronised)

    @whole
    async def blank_tokens(self) -> int:
        """Blank the tokens that have expired; returns how many."""
        async with self._database.write() as session:
            # A told job has none: that condition adds nothing, but has an index.
            where = and_(JobRow.told_at.is_(None), JobRow.token.is_not(None), JobRow.token_expires_at <= moment())
            return len(await change(session, where, token=None))

    @whole
    async def _change_one(self, where: ColumnElement[bool], /, **values: Any) -> Job | None:
        async with self._database.write() as session:
            changed = await change(session, where, **values)
            return min(changed, key=lambda job: job.place, default=None)


_WITHOUT_PICTURES: dict[str, Any] = {
    **{column.key: None for column in PICTURES},
    "told_at": func.coalesce(JobRow.told_at, moment()),
    "token": None,
    "owner": None,
}
