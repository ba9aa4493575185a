"""A store on a real database, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from store_samples import with_pictures

from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.tellings import Tellings


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await with_pictures(database)
    yield database
    await database.close()


@pytest.fixture
async def other_database(database: Database, database_url: str) -> AsyncIterator[Database]:
    """A second way into the same database, as another process would have it."""
    other = Database(database_url)
    yield other
    await other.close()


@pytest.fixture
def tellings(database: Database) -> Tellings:
    return Tellings(database)


@pytest.fixture
def jobs(database: Database) -> JobStore:
    return JobStore(database)
