"""What every change of a job is made of: the fence, the values, and the job as it is afterwards."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.job import Job, State
from bot.store.errors import PictureGoneError
from bot.store.moments import lapsed, moment
from bot.store.tables import JobRow

LEASE_S = 60.0

_FIELDS = tuple(field.name for field in fields(Job))


def job_of(row: JobRow) -> Job:
    """Return a row's job, which is safe to hand out."""
    return Job(**{name: getattr(row, name) for name in _FIELDS})


def fence(job: Job) -> ColumnElement[bool]:
    """Match the row only while it is as ``job`` says: nobody has decided anything since."""
    return and_(
        JobRow.id == job.id,
        JobRow.state == job.state,
        JobRow.owner == job.owner,
        JobRow.attempt == job.attempt,
    )


def of_its_message(job_id: int) -> ColumnElement[bool]:
    """Match all jobs of the message that a job is in: they were asked for with one interaction."""
    return JobRow.interaction_id.in_(select(JobRow.interaction_id).where(JobRow.id == job_id))


async def change(session: AsyncSession, where: ColumnElement[bool], **values: Any) -> list[Job]:
    """Change the rows that ``where`` matches, and return them as they are now. Raises PictureGoneError."""
    try:
        rows = await session.scalars(
            update(JobRow).where(where).values(**values).returning(JobRow),
            execution_options={"synchronize_session": False, "populate_existing": True},
        )
    except IntegrityError as error:
        raise PictureGoneError from error
    return [job_of(row) for row in rows]


def held_by(owner: Any) -> dict[str, Any]:
    """Return the values of a lease from now on."""
    return {"owner": owner, "lease_until": moment(LEASE_S)}


def is_free() -> ColumnElement[bool]:
    """Match the rows whose owner's lease has lapsed."""
    return lapsed(JobRow.lease_until, LEASE_S)


def ended(state: State, **values: Any) -> dict[str, Any]:
    """Return the values of an outcome. Its owner stays, to tell it: an edit of theirs may be under way."""
    return {"state": state, "finished_at": moment(), "lease_until": moment(LEASE_S), **FETCHED, **values}


FREE: dict[str, Any] = {"owner": None, "lease_until": None}
FETCHED: dict[str, Any] = {"source_url": None, "guide_url": None, "mask_url": None}  # Discord's addresses expire
