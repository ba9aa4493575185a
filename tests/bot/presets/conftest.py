"""Presets on a real database, once on SQLite and once on PostgreSQL, with an object store in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from presets_bench import SentFiles, Woken

from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.presets import Presets
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.presets import PresetStore


@pytest.fixture
def store(database: Database) -> PresetStore:
    return PresetStore(database)


@pytest.fixture
def images(database: Database, tmp_path: Path) -> ImageStore:
    return ImageStore(Objects(tmp_path / "pictures"), BlobStore(database))


@pytest.fixture
def files() -> SentFiles:
    return SentFiles()


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def presets(store: PresetStore, images: ImageStore, files: SentFiles, woken: Woken) -> Presets:
    return Presets(store, images, files, on_saved=woken)
