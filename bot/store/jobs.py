"""Every change and every reading of jobs. Each change of state is fenced: nobody decides over another's decision."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.job import OUTCOMES, Job, Request, Shown, State
from bot.store.accepting import LIVE, Caps, check_caps, values_of
from bot.store.database import Database, whole
from bot.store.fairness import start_tag
from bot.store.moments import moment
from bot.store.tables import JobRow

LEASE_S = 60.0
MAX_STRIKES = 3  # deaths of a worker under a job that we did not ask for
MAX_ATTEMPTS = 10  # however it ended: a job that is taken up again and again holds up all others

POISONED = (
    "Dreaming on this picture broke down three times, so I have stopped trying. I am sorry: another picture, or a "
    "smaller one, will most likely work."
)
WORN_OUT = "This dream was interrupted too often, so I have stopped trying. I am sorry: please send it again."

_FIELDS = tuple(field.name for field in fields(Job))


@dataclass(frozen=True)
class Result:
    """What a dream came to: the picture is in the image store already."""

    hash: str
    seconds: float
    fingerprint: str
    note: str | None = None  # what the dream had to say of the picture


def _job(row: JobRow) -> Job:
    return Job(**{name: getattr(row, name) for name in _FIELDS})


def _fence(job: Job) -> ColumnElement[bool]:
    return and_(
        JobRow.id == job.id,
        JobRow.state == job.state,
        JobRow.owner == job.owner,
        JobRow.attempt == job.attempt,
    )


async def _change(session: AsyncSession, where: ColumnElement[bool], **values: Any) -> list[Job]:
    rows = await session.scalars(
        update(JobRow).where(where).values(**values).returning(JobRow),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    return [_job(row) for row in rows]


def _ended(state: State, **values: Any) -> dict[str, Any]:
    free = {"owner": None, "lease_until": None, "source_url": None}
    return {"state": state, "finished_at": moment(), **free, **values}


class JobStore:
    """The jobs of one database. Methods that change a job return it as it is now, or None: somebody else decided."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def _change_one(self, where: ColumnElement[bool], /, **values: Any) -> Job | None:
        async with self._database.write() as session:
            return next(iter(await _change(session, where, **values)), None)

    @whole
    async def accept(self, request: Request, owner: str, caps: Caps) -> tuple[Job, bool]:
        """Write down what a person asked for; True with it if it is new, False if it was written down before.

        An accepted job already holds its place under both caps. Raises UserError where there is none left, or where
        the picture it starts from is no longer kept.
        """
        async with self._database.write() as session:
            known = await session.scalar(select(JobRow).where(JobRow.interaction_id == request.interaction_id))
            if known is not None:
                return _job(known), False
            await check_caps(session, request.person_id, caps)
            row = await session.scalar(
                insert(JobRow)
                .values(
                    **await values_of(session, request),
                    state=State.ACCEPTED,
                    cost=0.0,
                    owner=owner,
                    lease_until=moment(LEASE_S),
                    attempt=0,
                    strikes=0,
                    created_at=moment(),
                )
                .returning(JobRow)
            )
            if row is None:
                raise RuntimeError("an inserted row was not returned")
            return _job(row), True

    @whole
    async def adopt(self, owner: str, busy: Collection[int]) -> list[Job]:
        """Take up accepted jobs whose owner is gone; not those in ``busy``, which we work on."""
        async with self._database.write() as session:
            abandoned = or_(JobRow.owner.is_(None), JobRow.lease_until < moment())
            where = and_(JobRow.state == State.ACCEPTED, abandoned, JobRow.id.not_in(busy))
            return await _change(session, where, owner=owner, lease_until=moment(LEASE_S))

    @whole
    async def enqueue(self, job: Job, source_hash: str, note: str | None, cost: float) -> Job | None:
        """Put an accepted job, its clean picture in the store, in its fair place in the queue."""
        async with self._database.write() as session:
            tag = await start_tag(session, job.person_id)
            changed = await _change(
                session,
                _fence(job),
                state=State.QUEUED,
                source_hash=source_hash,
                source_url=None,
                note=note,
                cost=cost,
                start_tag=tag,
                finish_tag=tag + cost,
                owner=None,
                lease_until=None,
            )
            return next(iter(changed), None)

    @whole
    async def claim(self, owner: str, busy: Collection[int]) -> Job | None:
        """Take the next job in fair order under a lease: one that waits, or one whose owner's lease has lapsed.

        Not one of ``busy``, which we still work on. A job whose attempts are used up comes back failed instead.
        """
        async with self._database.write() as session:
            lapsed = and_(JobRow.state == State.RUNNING, JobRow.lease_until < moment())
            row = await session.scalar(
                select(JobRow)
                .where(or_(JobRow.state == State.QUEUED, lapsed), JobRow.id.not_in(busy))
                .order_by(JobRow.start_tag, JobRow.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            next_one = _job(row)
            values = (
                _ended(State.FAILED, failure=WORN_OUT)
                if next_one.attempt >= MAX_ATTEMPTS
                else {
                    "state": State.RUNNING,
                    "owner": owner,
                    "lease_until": moment(LEASE_S),
                    "attempt": next_one.attempt + 1,
                }
            )
            return next(iter(await _change(session, _fence(next_one), **values)), None)

    @whole
    async def renew(self, owner: str, ids: Collection[int]) -> frozenset[int]:
        """Renew the leases of ``ids``; returns those that are still the owner's."""
        async with self._database.write() as session:
            where = and_(
                JobRow.id.in_(ids),
                JobRow.owner == owner,
                JobRow.state.in_({State.ACCEPTED, State.RUNNING}),
            )
            return frozenset(job.id for job in await _change(session, where, lease_until=moment(LEASE_S)))

    async def dreamed(self, job: Job, result: Result) -> Job | None:
        """End a running job with its picture, which is in the image store already."""
        values = _ended(
            State.DREAMED,
            note=" ".join(note for note in (job.note, result.note) if note) or None,
            result_hash=result.hash,
            seconds=result.seconds,
            fingerprint=result.fingerprint,
        )
        return await self._change_one(_fence(job), **values)

    async def fail(self, job: Job, sentence: str) -> Job | None:
        """End a job that we own with a sentence for the person."""
        return await self._change_one(_fence(job), **_ended(State.FAILED, failure=sentence))

    async def put_back(self, job: Job, *, strike: bool) -> Job | None:
        """Put a running job back in its place in the queue; the third strike fails it."""
        strikes = job.strikes + strike
        if strikes >= MAX_STRIKES:
            values = _ended(State.FAILED, failure=POISONED, strikes=strikes)
        else:
            values = {"state": State.QUEUED, "owner": None, "lease_until": None, "strikes": strikes}
        return await self._change_one(_fence(job), **values)

    async def cancel(self, job_id: int) -> Job | None:
        """End a job that waits or runs, whoever owns it."""
        where = and_(JobRow.id == job_id, JobRow.state.in_(LIVE))
        return await self._change_one(where, **_ended(State.CANCELLED))

    async def release(self, owner: str) -> None:
        """Let go of what ``owner`` holds: running jobs wait again, accepted ones are free to be taken up."""
        await self._release(JobRow.owner == owner)

    async def release_others(self, owner: str) -> None:
        """Let go of what anybody but ``owner`` holds. Only where no other process can be alive (SQLite)."""
        await self._release(JobRow.owner != owner)

    @whole
    async def _release(self, whose: ColumnElement[bool]) -> None:
        free = {"owner": None, "lease_until": None}
        async with self._database.write() as session:
            await _change(session, and_(JobRow.state == State.RUNNING, whose), state=State.QUEUED, **free)
            await _change(session, and_(JobRow.state == State.ACCEPTED, whose), **free)

    async def told(self, job_id: int, shown: Shown, message_id: int | None = None) -> Job | None:
        """Note what became of the outcome in the chat, and the new message it is in; the token has done its work."""
        where = and_(JobRow.id == job_id, JobRow.state.in_(OUTCOMES), JobRow.told_at.is_(None))
        moved = {} if message_id is None else {"message_id": message_id}
        return await self._change_one(where, told_at=moment(), shown=shown, token=None, **moved)

    async def posting(self, job_id: int) -> Job | None:
        """Note that a new message for the outcome is about to be posted: a later try looks for it first."""
        where = and_(JobRow.id == job_id, JobRow.state.in_(OUTCOMES), JobRow.told_at.is_(None))
        return await self._change_one(where, posting_at=func.coalesce(JobRow.posting_at, moment()))

    async def fetched(self, job_id: int) -> Job | None:
        """Note that the person has seen an outcome that was kept for them."""
        where = and_(JobRow.id == job_id, JobRow.shown == Shown.KEPT)
        return await self._change_one(where, shown=Shown.POSTED)

    async def let_go(self, job_id: int) -> Job | None:
        """Forget the pictures of an ended job; nothing more is told of it."""
        where = and_(JobRow.id == job_id, JobRow.state.in_(OUTCOMES))
        return await self._change_one(where, **_WITHOUT_PICTURES)

    @whole
    async def let_go_older(self, age_s: float) -> list[int]:
        """Forget the pictures of every job that ended ``age_s`` seconds ago or earlier; returns their ids."""
        async with self._database.write() as session:
            something = or_(JobRow.source_hash.is_not(None), JobRow.result_hash.is_not(None), JobRow.told_at.is_(None))
            where = and_(JobRow.state.in_(OUTCOMES), JobRow.finished_at <= moment(-age_s), something)
            return [job.id for job in await _change(session, where, **_WITHOUT_PICTURES)]

    @whole
    async def blank_tokens(self) -> int:
        """Blank the tokens that have expired; returns how many."""
        async with self._database.write() as session:
            where = and_(JobRow.token.is_not(None), JobRow.token_expires_at <= moment())
            return len(await _change(session, where, token=None))

    async def get(self, job_id: int) -> Job | None:
        """Return one job."""
        found = await self._read(JobRow.id == job_id, limit=1)
        return found[0] if found else None

    async def untold(self, busy: Collection[int], limit: int) -> list[Job]:
        """Return jobs that have an outcome which the person does not know, oldest first."""
        where = and_(JobRow.state.in_(OUTCOMES), JobRow.told_at.is_(None), JobRow.id.not_in(busy))
        return await self._read(where, JobRow.finished_at, JobRow.id, limit=limit)

    async def waiting(self) -> list[Job]:
        """Return the queue in the order in which it will be served."""
        return await self._read(JobRow.state == State.QUEUED, JobRow.start_tag, JobRow.id)

    async def running(self) -> list[Job]:
        """Return the jobs that are being dreamed."""
        return await self._read(JobRow.state == State.RUNNING, JobRow.start_tag, JobRow.id)

    async def live(self, *, person_id: int | None = None, guild_id: int | None = None) -> list[Job]:
        """Return the jobs without an outcome of a person, or of a guild: those that run first, then in their order."""
        whose = JobRow.person_id == person_id if person_id is not None else JobRow.guild_id == guild_id
        return await self._read(and_(JobRow.state.in_(LIVE), whose), JobRow.start_tag, JobRow.id)

    async def kept(self, person_id: int, limit: int) -> list[Job]:
        """Return the outcomes that wait for a person because the chat could not show them, newest first."""
        where = and_(JobRow.person_id == person_id, JobRow.shown == Shown.KEPT)
        return await self._read(where, JobRow.finished_at.desc(), JobRow.id.desc(), limit=limit)

    async def _read(self, where: ColumnElement[bool], *order: Any, limit: int | None = None) -> list[Job]:
        async with self._database.read() as session:
            rows = await session.scalars(select(JobRow).where(where).order_by(*order).limit(limit))
            return [_job(row) for row in rows]


_WITHOUT_PICTURES: dict[str, Any] = {
    "source_hash": None,
    "result_hash": None,
    "told_at": func.coalesce(JobRow.told_at, moment()),
    "token": None,
}
