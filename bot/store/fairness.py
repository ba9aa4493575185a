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

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, or_, select
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
