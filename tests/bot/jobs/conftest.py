"""A service that is running, on a real database: once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jobs_bench import Bench, Place, bench


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    return Place(database_url, tmp_path)


@pytest.fixture
async def running(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        await made.jobs.start()
        yield made
