"""The pulse: every commit of any process is felt, and nothing else has to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from store_samples import PHOTO

from bot.store.away import READ_ONLY, AwayError
from bot.store.blobs import Blob, BlobStore
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.opening import opened_to_read
from bot.store.pulse import Pulse, pulse_of


@pytest.fixture
async def pulse(database: Database, database_url: str) -> AsyncIterator[Pulse]:
    made = pulse_of(database_url)
    yield made
    await made.close()


async def test_each_commit_is_another_beat(pulse: Pulse, database: Database, other_database: Database) -> None:
    beats = [await pulse.beat()]
    for number, store in enumerate((BlobStore(database), BlobStore(other_database), BlobStore(database))):
        await store.touch(Blob(f"{number:064}", "image/png", 1, 1, 1))
        beats.append(await pulse.beat())
    assert None not in beats
    assert len(set(beats)) == 4


async def test_reading_is_no_beat(pulse: Pulse, database: Database) -> None:
    for _ in range(200):  # a server's own housekeeping may commit now and then
        before = await pulse.beat()
        assert await BlobStore(database).get(PHOTO.hash) is not None
        if await pulse.beat() == before:
            return
    raise AssertionError("reading alone was felt as a commit each time")


async def test_what_was_committed_before_somebody_asks_is_always_felt(pulse: Pulse, database: Database) -> None:
    """Many ask at once, and share questions: none may be given the answer to one that began before they asked."""

    async def writes(number: int) -> None:
        before = await pulse.beat()
        await BlobStore(database).touch(Blob(f"{number:064}", "image/png", 1, 1, 1))
        assert await pulse.beat() != before

    await asyncio.gather(*(writes(number) for number in range(40)))


async def test_a_database_opened_to_read_changes_nothing(database: Database, database_url: str) -> None:
    async with opened_to_read(database_url) as reader:
        assert await BlobStore(reader).get(PHOTO.hash) is not None
        with pytest.raises(AwayError) as refused:
            await BlobStore(reader).touch(PHOTO)
        assert refused.value.fault is READ_ONLY
        await BlobStore(database).touch(Blob("c" * 64, "image/png", 1, 1, 1))
        assert await BlobStore(reader).get("c" * 64) is not None


async def test_a_database_of_another_version_is_not_opened_to_read(database: Database, database_url: str) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    with pytest.raises(StoreError, match="oneiros db upgrade"):
        async with opened_to_read(database_url):
            pass


async def test_a_database_that_is_not_there_is_not_made(tmp_path: object) -> None:
    with pytest.raises(StoreError, match="start the bot first"):
        async with opened_to_read(f"sqlite:///{tmp_path}/none.sqlite"):
            pass
