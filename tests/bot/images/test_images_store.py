"""The image store: what is put comes back, what is in use stays, what nobody needs goes."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import buckets
import pytest

from bot.errors import UserError
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.job import Request
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.tellings import Tellings

_ids = itertools.count(1)


@dataclass
class Store:
    """Where the objects are: a folder or a bucket."""

    at: str
    server: buckets.Server | None = None

    def opened(self) -> Objects:
        return Objects(self.at)

    def keys(self) -> list[str]:
        if self.server is not None:
            prefix = self.at.split("/", 3)[3] + "/"
            return [key.removeprefix(prefix) for key in self.server.keys(self.at)]
        return [path.relative_to(self.at).as_posix() for path in Path(self.at).rglob("*") if path.is_file()]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return Store(str(tmp_path / "pictures of people"))
    server: buckets.Server = request.getfixturevalue("s3")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return Store(server.bucket(), server)


@pytest.fixture
def images(database: Database, store: Store) -> ImageStore:
    return ImageStore(store.opened(), BlobStore(database))


async def test_a_picture_comes_back_by_the_hash_of_its_bytes(images: ImageStore) -> None:
    data = bytes(range(256)) * 400
    hash_ = await images.put(data, "image/png", 64, 48)
    assert hash_ == hashlib.sha256(data).hexdigest()
    assert await images.get(hash_) == data
    about = await images.about(hash_)
    assert (about.media_type, about.width, about.height, about.size) == ("image/png", 64, 48, len(data))


async def test_a_new_start_finds_it_again(images: ImageStore, database: Database, store: Store) -> None:
    hash_ = await images.put(b"picture", "image/png", 1, 1)
    assert await ImageStore(store.opened(), BlobStore(database)).get(hash_) == b"picture"


async def test_the_same_picture_is_kept_once_even_if_put_at_once(images: ImageStore, store: Store) -> None:
    hashes = await asyncio.gather(*(images.put(b"picture", "image/png", 1, 1) for _ in range(8)))
    assert len(set(hashes)) == 1
    assert len(store.keys()) == 1


async def test_a_picture_that_is_gone_is_said_to_be(images: ImageStore) -> None:
    with pytest.raises(UserError, match="send it again"):
        await images.get("0" * 64)
    with pytest.raises(UserError, match="send it again"):
        await images.about("0" * 64)
    assert not await images.hold("0" * 64)


async def test_a_row_without_its_object_is_no_picture(images: ImageStore, store: Store) -> None:
    hash_ = await images.put(b"picture", "image/png", 1, 1)
    assert await images.hold(hash_)
    (key,) = store.keys()
    await store.opened().delete(key)
    assert not await images.hold(hash_)


async def test_the_sweep_takes_only_what_nothing_refers_to(
    images: ImageStore, database: Database, store: Store
) -> None:
    jobs = JobStore(database)
    used = await images.put(b"used", "image/png", 1, 1)
    unused = await images.put(b"unused", "image/png", 1, 1)
    (job,), _ = await jobs.accept([_request()], "mine")
    assert await jobs.enqueue(job, used, None, 1.0) is not None
    assert await images.sweep() == 0
    assert await images.sweep(idle_s=0) == 1
    assert await images.get(used) == b"used"
    with pytest.raises(UserError):
        await images.get(unused)
    await jobs.cancel(job.id, "mine")
    await Tellings(database).let_go(job.id)
    assert await images.sweep(idle_s=0) == 1
    assert store.keys() == []


async def test_what_was_swept_can_be_put_again(images: ImageStore) -> None:
    hash_ = await images.put(b"picture", "image/png", 1, 1)
    await asyncio.gather(images.sweep(idle_s=0), images.put(b"picture", "image/png", 1, 1))
    await images.put(b"picture", "image/png", 1, 1)
    assert await images.get(hash_) == b"picture"


def _request() -> Request:
    return Request(
        interaction_id=next(_ids),
        application_id=1,
        token="t",
        token_expires_at=datetime.now(UTC) + timedelta(minutes=15),
        person_id=1,
        guild_id=None,
        channel_id=1,
        message_id=None,
        filesize_limit=1,
        restricted=True,
        recipe="{}",
        source_url="https://cdn.discordapp.com/a.png",
    )


async def test_an_object_may_be_deleted_while_it_is_written(images: ImageStore) -> None:
    for _ in range(100):
        await asyncio.gather(images.objects.put("results/7", b"named"), images.objects.delete("results/7"))
