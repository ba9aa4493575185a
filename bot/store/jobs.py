"""Every change and every reading of jobs. Each change of state is fenced: nobody decides over another's decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.job import LIVE, Job, Request, Shown, State
from bot.store import quotas
from bot.store.accepting import values_of
from bot.store.admin import regimes, takedowns
from bot.store.changes import FETCHED, FREE, change, ended, fence, held_by, is_free, job_of, of_its_message
from bot.store.database import Database, whole
from bot.store.fairness import close_up, tags_of, unserved_of
from bot.store.guilds import settings_of
from bot.store.moments import moment
from bot.store.quotas import Asker, Caps
from bot.store.tables import JobRow
from engine.sentences import mark

MAX_STRIKES = 3  # deaths of a worker under a job that we did not ask for
MAX_ATTEMPTS = 10  # however it ended: a job that is taken up again and again holds up all others

POISONED = mark(
    "Dreaming on this picture broke down three times, so I have stopped trying. I am sorry: another picture, or a "
    "smaller one, will most likely work."
)
WORN_OUT = mark("This dream was interrupted too often, so I have stopped trying. I am sorry: please send it again.")


@dataclass(frozen=True)
class Result:
    """What a dream came to: the picture is in the image store already."""

    hash: str
    seconds: float
    fingerprint: str
    note: str | None = None  # what the dream had to say of the picture: sentences, one a line


@dataclass(frozen=True)
class Beside:
    """The pictures beside the source that a dream takes, and the recipe that says so."""

    recipe: str
    guide_hash: str | None = None
    mask_hash: str | None = None
    film: str | None = None  # what was asked for as a film, with what the intake has found


class JobStore:
    """The jobs of one database. Methods that change a job return it as it is now, or None: somebody else decided."""

    def __init__(self, database: Database, caps: Caps | None = None) -> None:
        self._database = database
        self._caps = caps or Caps()

    @whole
    async def _change_one(self, where: ColumnElement[bool], /, **values: Any) -> Job | None:
        async with self._database.write() as session:
            return next(iter(await change(session, where, **values)), None)

    @whole
    async def accept(self, requests: Sequence[Request], owner: str) -> tuple[list[Job], bool]:
        """Write down what a person asked for with one interaction, all of it or nothing, in this order.

        True with it if it is new, False if it was written down before. An accepted job already holds its place. Raises
        FullError where there are not enough left, UserError where a picture that is named is no longer kept, and where
        whoever runs the bot has shut somebody out, or takes no new dreams.
        """
        (interaction_id,) = {request.interaction_id for request in requests}
        async with self._database.write(in_turn=True) as session:
            of_it = select(JobRow).where(JobRow.interaction_id == interaction_id).order_by(JobRow.place)
            known = [job_of(row) for row in await session.scalars(of_it)]
            if known:
                return known, False
            asker = Asker(requests[0].person_id, requests[0].guild_id)
            await regimes.check(session, asker.person_id, asker.guild_id)
            caps = self._caps.within(await settings_of(session, asker.guild_id))
            await quotas.check_places(session, asker, caps, len(requests))
            await quotas.check_day(session, asker, caps, cost=None)
            fresh = {"state": State.ACCEPTED, "cost": 0.0, "attempt": 0, "strikes": 0, "created_at": moment()}
            fresh |= {"jobs_in_message": len(requests), **held_by(owner)}
            return [await _insert(session, one, {**fresh, "place": place}) for place, one in enumerate(requests)], True

    @whole
    async def adopt(self, owner: str, busy: Collection[int]) -> list[Job]:
        """Take up accepted jobs whose owner is gone; not those in ``busy``, which we work on."""
        async with self._database.write() as session:
            abandoned = or_(JobRow.owner.is_(None), is_free())
            where = and_(JobRow.state == State.ACCEPTED, abandoned, JobRow.id.not_in(busy))
            return await change(session, where, **held_by(owner))

    @whole
    async def enqueue(
        self, job: Job, source_hash: str, note: str | None, cost: float, beside: Beside | None = None
    ) -> Job | None:
        """Put an accepted job, its clean pictures in the store, in its fair place in the queue.

        ``cost`` is its price in GFLOP. Raises FullError where that is more than is left of a day's quota,
        UserError where a picture was taken down meanwhile.
        """
        async with self._database.write(in_turn=True) as session:
            caps = self._caps.within(await settings_of(session, job.guild_id))
            await quotas.check_day(session, Asker(job.person_id, job.guild_id), caps, cost)
            await takedowns.check(session, (source_hash, *((beside.guide_hash, beside.mask_hash) if beside else ())))
            tags = await tags_of(session, job, cost)
            changed = await change(
                session,
                fence(job),
                state=State.QUEUED,
                source_hash=source_hash,
                note="\n".join(filter(None, (job.note, note))) or None,
                cost=cost,
                start_tag=tags.start,
                finish_tag=tags.finish,
                **({} if beside is None else asdict(beside)),
                **FETCHED,
                **FREE,
            )
            return next(iter(changed), None)

    @whole
    async def claim(self, owner: str, busy: Collection[int]) -> Job | None:
        """Take the next job in fair order under a lease: one that waits, or one whose owner's lease has lapsed.

        Not one of ``busy``, which we still work on; whoever has as many running as they may is passed over. A job whose
        attempts are used up comes back failed instead.
        """
        async with self._database.write(in_turn=True) as session:
            found = await self._next(session, busy)
            if found is None:
                return None
            values = (
                ended(State.FAILED, failure=WORN_OUT, owner=owner)
                if found.attempt >= MAX_ATTEMPTS
                else {"state": State.RUNNING, "attempt": found.attempt + 1, **held_by(owner)}
            )
            return next(iter(await change(session, fence(found), **values)), None)

    async def _next(self, session: AsyncSession, busy: Collection[int]) -> Job | None:
        if not await quotas.may_run_more(session, self._caps):
            return None
        lapsed = and_(JobRow.state == State.RUNNING, is_free())
        row = await session.scalar(
            select(JobRow)
            .where(or_(JobRow.state == State.QUEUED, lapsed), JobRow.id.not_in(busy))
            .where(*quotas.below_running_caps(self._caps), *quotas.below_running_caps_of_guilds())
            .order_by(JobRow.start_tag, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)  # who is being cancelled just now is no longer next
        )
        return None if row is None else job_of(row)

    @whole
    async def renew(self, owner: str, ids: Collection[int]) -> frozenset[int]:
        """Renew the leases of ``ids``; returns those that are still the owner's."""
        async with self._database.write() as session:
            where = and_(
                JobRow.id.in_(ids),
                JobRow.owner == owner,
                JobRow.state.in_({State.ACCEPTED, State.RUNNING}),
            )
            return frozenset(job.id for job in await change(session, where, **held_by(owner)))

    async def dreamed(self, job: Job, result: Result) -> Job | None:
        """End a running job with its picture, which is in the image store already."""
        values = ended(
            State.DREAMED,
            note="\n".join(note for note in (job.note, result.note) if note) or None,
            result_hash=result.hash,
            seconds=result.seconds,
            fingerprint=result.fingerprint,
        )
        return await self._change_one(fence(job), **values)

    async def fail(self, job: Job, sentence: str) -> Job | None:
        """End a job that we own with a sentence for the person."""
        return await self._change_one(fence(job), **ended(State.FAILED, failure=sentence))

    async def put_back(self, job: Job, *, strike: bool) -> Job | None:
        """Put a running job back in its place in the queue; the third strike fails it."""
        strikes = job.strikes + strike
        if strikes >= MAX_STRIKES:
            values = ended(State.FAILED, failure=POISONED, strikes=strikes)
        else:
            values = {"state": State.QUEUED, "strikes": strikes, **FREE}
        return await self._change_one(fence(job), **values)

    async def cancel(self, job_id: int, owner: str) -> Job | None:
        """End a job that waits or runs. Whoever works on it tells so when it sees that, else ``owner``."""
        return next(iter(await self._cancel(JobRow.id == job_id, owner)), None)

    async def cancel_together(self, job_id: int, owner: str) -> list[Job]:
        """End every job of a message that waits or runs; returns those."""
        return await self._cancel(of_its_message(job_id), owner)

    @whole
    async def _cancel(self, which: ColumnElement[bool], owner: str) -> list[Job]:
        kept = {"owner": JobRow.owner, "lease_until": JobRow.lease_until}
        theirs = {name: func.coalesce(kept[name], mine) for name, mine in held_by(owner).items()}
        async with self._database.write(in_turn=True) as session:
            unserved = await unserved_of(session, which)
            cancelled = await change(session, and_(which, JobRow.state.in_(LIVE)), **ended(State.CANCELLED, **theirs))
            await close_up(session, unserved)
            return cancelled

    async def release(self, owner: str) -> None:
        """Let go of what ``owner`` holds: running jobs wait again, others are free to be taken up or told."""
        await self._release(JobRow.owner == owner)

    async def release_others(self, owner: str) -> None:
        """Let go of what anybody but ``owner`` holds. Only where no other process can be alive (SQLite)."""
        await self._release(JobRow.owner != owner)

    @whole
    async def _release(self, whose: ColumnElement[bool]) -> None:
        async with self._database.write() as session:
            await change(session, and_(JobRow.state == State.RUNNING, whose), state=State.QUEUED, **FREE)
            await change(session, whose, **FREE)

    async def get(self, job_id: int) -> Job | None:
        """Return one job."""
        found = await self._read(JobRow.id == job_id, limit=1)
        return found[0] if found else None

    async def together(self, job_id: int) -> list[Job]:
        """Return all jobs of a job's message, in the order they were asked for."""
        return await self._read(of_its_message(job_id), JobRow.place)

    async def waiting(self) -> list[Job]:
        """Return the queue in the order in which it will be served."""
        return await self._read(JobRow.state == State.QUEUED, JobRow.start_tag, JobRow.id)

    @whole
    async def live_counts(self) -> dict[tuple[State, bool], int]:
        """Return how many jobs have no outcome yet, by state and by whether they are films; none: not named."""
        is_film = JobRow.film.is_not(None)
        counts = select(JobRow.state, is_film, func.count()).where(JobRow.state.in_(LIVE))
        async with self._database.read() as session:
            found = await session.execute(counts.group_by(JobRow.state, is_film))
            return {(State(state), bool(film)): count for state, film, count in found}

    async def running_and_waiting(self) -> tuple[list[Job], list[Job]]:
        """Return the jobs that are being dreamed and the queue, as they were at one moment: none is in both."""
        both = await self._read(JobRow.state.in_({State.RUNNING, State.QUEUED}), JobRow.start_tag, JobRow.id)
        running = [job for job in both if job.state is State.RUNNING]
        return running, [job for job in both if job.state is State.QUEUED]

    async def live(self, *, person_id: int | None = None, guild_id: int | None = None) -> list[Job]:
        """Return the jobs without an outcome of a person, or of a guild: in the order of the queue.

        Those that have no place in it yet, for their picture is being fetched, come last.
        """
        whose = JobRow.person_id == person_id if person_id is not None else JobRow.guild_id == guild_id
        return await self._read(and_(JobRow.state.in_(LIVE), whose), JobRow.start_tag.nulls_last(), JobRow.id)

    async def kept(self, person_id: int, limit: int) -> list[Job]:
        """Return the outcomes that wait for a person because the chat could not show them, newest first.

        Of several jobs in one message, the first stands for all.
        """
        where = and_(JobRow.person_id == person_id, JobRow.shown == Shown.KEPT, JobRow.place == 0)
        return await self._read(where, JobRow.finished_at.desc(), JobRow.id.desc(), limit=limit)

    @whole
    async def _read(self, where: ColumnElement[bool], *order: Any, limit: int | None = None) -> list[Job]:
        async with self._database.read() as session:
            rows = await session.scalars(select(JobRow).where(where).order_by(*order).limit(limit))
            return [job_of(row) for row in rows]


async def _insert(session: AsyncSession, request: Request, fresh: Mapping[str, Any]) -> Job:
    values = {**await values_of(session, request), **fresh}
    row = await session.scalar(insert(JobRow).values(**values).returning(JobRow))
    if row is None:
        raise RuntimeError("an inserted row was not returned")
    return job_of(row)
