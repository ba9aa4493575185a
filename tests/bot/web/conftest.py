"""The pages over a real store, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from databases import sqlite_url
from web_stage import Stage, staged

from bot.store.upgrade import upgrade


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The pages, on either database."""
    async with staged(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def small_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The pages on SQLite, where the database makes no difference."""
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    await upgrade(url)
    async with staged(url, tmp_path) as made:
        yield made
