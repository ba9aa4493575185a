"""A service that is running."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jobs_bench import Bench, bench


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        await made.jobs.start()
        yield made
