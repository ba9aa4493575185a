"""Fair order: start-time fair queueing.

A job's *start tag* is the larger of the queue's clock and its person's last *finish tag*; its finish tag is its start
tag plus its cost, divided by its weight: at double weight it takes half as much of its person's share. The smallest
start tag is served next, and the queue's clock is the largest start tag ever served. So a person who comes for the
first time starts at the clock, before whatever others have stacked up behind it, and nobody saves up a claim by staying
away. Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.

The clock is read from the row that was served with it. So that one row outlives all retention, until the clock has gone
on: were the clock turned back, whoever came next would be served all of the difference before those who wait already.
A person's last finish tag goes with their rows: what they had is forgotten then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.job import Job, State
from bot.store.tables import JobRow

T = TypeVar("T")


@dataclass(frozen=True)
class Tags:
    """A job's place in the fair order, in GFLOP of service: where its person's service begins with it, and ends."""

    start: float
    finish: float


def tags(clock: float, last_finish: float, cost: float, weight: float) -> Tags:
    """Return the tags of a job of ``cost`` GFLOP, by the queue's clock and its person's last finish tag."""
    start = max(clock, last_finish)
    return Tags(start, start + cost / weight)


def of_the_clock(column: InstrumentedAttribute[T]) -> Select[T]:
    """Select ``column`` of the row that holds the queue's clock; of several with the same tag, the newest."""
    return (
        select(column)
        .where(JobRow.attempt > 0, JobRow.start_tag.is_not(None))
        .order_by(JobRow.start_tag.desc(), JobRow.id.desc())
        .limit(1)
    )


async def tags_of(session: AsyncSession, job: Job, cost: float) -> Tags:
    """Return the tags of a job that is queued now; call it in turn, in the transaction that queues it."""
    clock = await session.scalar(of_the_clock(JobRow.start_tag))
    # A job cancelled before it was served has cost nothing: it does not count.
    last = await session.scalar(
        select(JobRow.finish_tag)
        .where(
            JobRow.person_id == job.person_id,
            JobRow.finish_tag.is_not(None),
            or_(JobRow.attempt > 0, JobRow.state == State.QUEUED),
        )
        .order_by(JobRow.finish_tag.desc())
        .limit(1)
    )
    return tags(clock or 0.0, last or 0.0, cost, job.weight)


@dataclass(frozen=True)
class Unserved:
    """The place of a job that nobody has begun."""

    person_id: int
    tags: Tags


async def unserved_of(session: AsyncSession, which: ColumnElement[bool]) -> list[Unserved]:
    """Return the places of those jobs that wait and were never begun, the last one first."""
    rows = await session.execute(
        select(JobRow.person_id, JobRow.start_tag, JobRow.finish_tag)
        .where(which, JobRow.state == State.QUEUED, JobRow.attempt == 0)
        .order_by(JobRow.start_tag.desc(), JobRow.id.desc())
    )
    return [
        Unserved(person_id, Tags(start, finish))
        for person_id, start, finish in rows
        if start is not None and finish is not None
    ]


async def close_up(session: AsyncSession, gone: Sequence[Unserved]) -> None:
    """Have what waits behind cancelled jobs of the same person wait as if those had never been asked for.

    Call it in turn, in the transaction that cancels them.
    """
    for one in gone:
        behind = await session.scalars(
            select(JobRow)
            .where(
                JobRow.person_id == one.person_id,
                JobRow.state == State.QUEUED,
                JobRow.attempt == 0,
                JobRow.start_tag >= one.tags.finish,
            )
            .order_by(JobRow.start_tag, JobRow.id)
        )
        was, now = one.tags.finish, one.tags.start
        for row in behind:
            if row.start_tag is None or row.finish_tag is None or row.start_tag != was:
                break  # it began at the queue's clock, whatever its person had before
            was, length = row.finish_tag, row.finish_tag - row.start_tag
            row.start_tag, row.finish_tag = now, now + length
            now = row.finish_tag
        await session.flush()
