"""Writing a job down: what is checked in the transaction that does it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Request, State
from bot.store.tables import JobRow

LIVE = frozenset({State.ACCEPTED, State.QUEUED, State.RUNNING})
WAITING = frozenset({State.ACCEPTED, State.QUEUED})

QUEUE_FULL = (
    "The queue is full: {count} dreams are waiting. Places come free as dreams end: "
    "please try again in a minute or two."
)
PERSON_FULL = (
    "You have {count} dreams waiting or running, which is as many as one person may have at once: "
    "wait until one ends, or cancel one."
)


@dataclass(frozen=True)
class Caps:
    """How many jobs there may be at once."""

    person: int  # of one person, waiting or running
    queue: int  # of all, waiting


async def check_caps(session: AsyncSession, person_id: int, caps: Caps) -> None:
    """Raise UserError where one more job would be one too many."""
    waiting = await session.scalar(select(func.count()).select_from(JobRow).where(JobRow.state.in_(WAITING)))
    if (waiting or 0) >= caps.queue:
        raise UserError(QUEUE_FULL.format(count=waiting))
    theirs = await session.scalar(
        select(func.count()).select_from(JobRow).where(JobRow.person_id == person_id, JobRow.state.in_(LIVE))
    )
    if (theirs or 0) >= caps.person:
        raise UserError(PERSON_FULL.format(count=theirs))


async def values_of(session: AsyncSession, request: Request) -> dict[str, Any]:
    """Return the columns that ``request`` fills. Raises UserError where it starts from a picture that is not there.

    Age restriction is inherited: what derives from a restricted job is restricted, wherever it was asked for.
    """
    values = asdict(request)
    if request.parent_id is None:
        if request.source_hash is not None:
            raise ValueError("a picture that is ours already comes from a job")
        return values
    parent = await session.get(JobRow, request.parent_id)
    if parent is None or request.source_hash not in {parent.source_hash, parent.result_hash} - {None}:
        raise UserError(KEPT_NO_MORE)
    return {**values, "restricted": request.restricted or parent.restricted}
