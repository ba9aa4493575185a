"""Requests, and jobs brought to a state, for the tests of the store."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from bot.job import Job, Request
from bot.store.blobs import Blob, BlobStore
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.moments import moment
from bot.store.tables import JobRow

TOKEN = "aW50ZXJhY3Rpb246c2VjcmV0"
PHOTO = Blob("a" * 64, "image/png", 64, 48, 1000)
DREAM = Blob("b" * 64, "image/png", 64, 48, 2000)

_ids = itertools.count(1 << 60)


def a_request(**changes: Any) -> Request:
    """Return what somebody asks for, each time another interaction."""
    given: dict[str, Any] = {
        "interaction_id": next(_ids),
        "application_id": 77,
        "token": TOKEN,
        "token_expires_at": datetime.now(UTC) + timedelta(minutes=15),
        "person_id": 1,
        "guild_id": 2,
        "channel_id": 3,
        "message_id": 4,
        "filesize_limit": 10_000_000,
        "restricted": False,
        "recipe": "{}",
        "source_url": "https://cdn.discordapp.com/photo.png",
    }
    return Request(**{**given, **changes})


async def with_pictures(database: Database) -> None:
    """Write the rows of a photo and of its dream."""
    for blob in (PHOTO, DREAM):
        await BlobStore(database).touch(blob)


async def a_queued_job(jobs: JobStore, *, cost: float = 10.0, **changes: Any) -> Job:
    """Return a job that waits, its photo in the store."""
    (job,), _ = await jobs.accept([a_request(**changes)], "arrivals")
    queued = await jobs.enqueue(job, PHOTO.hash, None, cost)
    assert queued is not None
    return queued


async def let_leases_lapse(database: Database) -> None:
    """Make every lease one second too old."""
    async with database.write() as session:
        await session.execute(update(JobRow).values(lease_until=moment(-1)))
