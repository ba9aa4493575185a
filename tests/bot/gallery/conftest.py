"""A gallery on a real database, once on SQLite and once on PostgreSQL, its pictures in a folder."""

from pathlib import Path

import pytest
from keeping_stage import Stage

from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.store.blobs import BlobStore
from bot.store.database import Database


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, ImageStore(Objects(tmp_path / "pictures"), BlobStore(database)))
