"""A real SQLite file, its schema made by the revisions."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from store_samples import with_pictures

from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.upgrade import upgrade


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'oneiros.sqlite'}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    await upgrade(url)
    database = Database(url)
    await with_pictures(database)
    yield database
    await database.close()


@pytest.fixture
async def other_database(database: Database, url: str) -> AsyncIterator[Database]:
    """A second way into the same file, as another process would have it."""
    other = Database(url)
    yield other
    await other.close()


@pytest.fixture
def jobs(database: Database) -> JobStore:
    return JobStore(database)
