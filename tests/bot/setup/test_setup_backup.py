"""A backup into an empty folder gives the same galleries, presets and queue; what is no whole backup leaves nothing."""

from __future__ import annotations

import hashlib
import itertools
import json
import multiprocessing
import resource
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import buckets
import galleries
import pytest
from databases import sqlite_url
from kept_versions import rows_in
from sqlalchemy import update

from bot.entry import Listing, Visitor
from bot.images.store import ImageStore
from bot.job import Job, Request
from bot.jobs.results import Results
from bot.pool.interface import Dreamed
from bot.preset import Viewer
from bot.resources import StartError, objects_of
from bot.settings import Settings
from bot.setup import backup
from bot.store import lock
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.gallery.listings import Listings
from bot.store.gallery.tables import EntryRow
from bot.store.jobs import JobStore
from bot.store.opening import opened
from bot.store.presets import Draft, PresetStore

GUILD, ADA = 2, 1
_numbers = itertools.count(1)


def settings_for(folder: Path, **more: Any) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **more)


async def seen(settings: Settings) -> dict[str, Any]:
    """Return galleries, presets and queue with all their pictures, as the bot sees them, and every row there is."""
    rows = rows_in(sqlite_url(settings.data_dir / "oneiros.sqlite"))
    for blob in rows["blob"]:
        del blob["touched_at"]  # whoever looks at a picture touches it
    async with opened(sqlite_url(settings.data_dir / "oneiros.sqlite")) as database:
        images = images_in(settings, database)
        page = await Listings(database).page(Visitor(GUILD, ADA), Listing(), None, 10)
        presets = await PresetStore(database).visible(Viewer(ADA, GUILD))
        jobs = JobStore(database)
        running, waiting = await jobs.running_and_waiting()
        hashes = [one.picture_hash for one in page.entries] + [one.guide_hash for one in presets]
        hashes += [one.source_hash for one in waiting]
        return {
            "entries": page.entries,
            "presets": presets,
            "running": running,
            "waiting": waiting,
            "pictures": [await images.get(one) for one in hashes],
            "results": [await Results(images).find(one.id) for one in waiting],
            "rows": rows,
        }


def images_in(settings: Settings, database: Database) -> ImageStore:
    return ImageStore(objects_of(settings), BlobStore(database))


async def a_picture(images: ImageStore) -> str:
    return await images.put(f"picture {next(_numbers)}".encode(), "image/png", 64, 48)


async def a_queued_job(database: Database, images: ImageStore) -> Job:
    asked = Request(
        interaction_id=(1 << 60) + next(_numbers),
        application_id=77,
        token="t",
        token_expires_at=datetime.now(UTC) + timedelta(minutes=15),
        person_id=ADA,
        guild_id=GUILD,
        channel_id=3,
        message_id=4,
        filesize_limit=10_000_000,
        restricted=False,
        recipe="{}",
        source_url="https://cdn.discordapp.com/photo.png",
    )
    (job,), _ = await JobStore(database).accept([asked], "arrivals")
    queued = await JobStore(database).enqueue(job, await a_picture(images), None, 10.0)
    assert queued is not None
    return queued


async def fill(database: Database, images: ImageStore) -> None:
    """Dreams in a gallery, presets, a queue whose first job has been dreamed already, which its row does not say."""
    for _ in range(2):
        await galleries.shown_entry(database, GUILD, await a_picture(images))
        draft = Draft(f"waves {next(_numbers)}", f"waves {next(_numbers)}", "{}", await a_picture(images))
        await PresetStore(database).add(Viewer(ADA, GUILD), draft, server=False, at_most=10)
    first, _ = await a_queued_job(database, images), await a_queued_job(database, images)
    dreamed = Dreamed(picture=b"dreamed", media_type="image/png", width=8, height=8, seconds=1.0, fingerprint="{}")
    await Results(images).keep(first.id, dreamed)


def silent(_done: int, _of: int) -> None:
    pass


@pytest.fixture
async def filled(tmp_path: Path) -> Settings:
    """The settings of a bot with something in it."""
    settings = settings_for(tmp_path / "data")
    async with opened(sqlite_url(settings.data_dir / "oneiros.sqlite")) as database:
        await fill(database, images_in(settings, database))
    return settings


@pytest.fixture
async def made(filled: Settings, tmp_path: Path) -> Path:
    """A backup of it."""
    out = tmp_path / "backup.zip"
    await backup.back_up(filled, out, silent)
    return out


async def test_a_restore_into_an_empty_folder_gives_the_same_galleries_presets_and_queue(
    filled: Settings, made: Path, tmp_path: Path
) -> None:
    before = await seen(filled)
    assert [len(before[what]) for what in ("entries", "presets", "waiting", "pictures")] == [2, 2, 2, 6]
    assert [one is not None for one in before["results"]] == [True, False]
    shutil.rmtree(filled.data_dir)
    there = settings_for(tmp_path / "elsewhere" / "data")
    assert await backup.restore(there, made, silent) == 8
    assert await seen(there) == before
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.zip"]


async def test_it_is_made_while_the_bot_works_and_holds_one_moment(filled: Settings, tmp_path: Path) -> None:
    before = await seen(filled)
    async with opened(sqlite_url(filled.data_dir / "oneiros.sqlite")) as database, database.write() as session:
        await session.execute(update(EntryRow).values(title="not committed yet"))
        done = await backup.back_up(filled, tmp_path / "out.zip", silent)
        assert done == backup.Done(objects=8, gone=0)
        with pytest.raises(StoreError, match="stop it first"):
            await backup.restore(filled, tmp_path / "out.zip", silent)
    there = settings_for(tmp_path / "there")
    await backup.restore(there, tmp_path / "out.zip", silent)
    assert await seen(there) == before != await seen(filled)


async def test_pictures_come_from_a_bucket_and_go_to_one(
    s3: buckets.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.start()
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    here = settings_for(tmp_path / "here", store_url=s3.bucket())
    there = settings_for(tmp_path / "there", store_url=s3.bucket())
    async with opened(sqlite_url(here.data_dir / "oneiros.sqlite")) as database:
        await fill(database, images_in(here, database))
    out = tmp_path / "out.zip"
    assert await backup.back_up(here, out, silent) == backup.Done(objects=8, gone=0)
    assert await backup.restore(there, out, silent) == 8
    assert await seen(there) == await seen(here)
    s3.stop()
    with pytest.raises(StartError, match="cannot be read"):
        await backup.back_up(here, tmp_path / "second.zip", silent)
    with pytest.raises(StartError, match="cannot be written"):
        await backup.restore(settings_for(tmp_path / "third", store_url=there.store_url), out, silent)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.suffix in {".zip", ".part"}) == ["out.zip"]
    assert not (tmp_path / "third" / "oneiros.sqlite").exists()
    s3.start()


async def test_a_picture_that_goes_meanwhile_is_told_and_hinders_nothing(filled: Settings, tmp_path: Path) -> None:
    next((filled.data_dir / "pictures" / "blobs").rglob("?" * 64)).unlink()
    done = await backup.back_up(filled, tmp_path / "out.zip", silent)
    assert done == backup.Done(objects=7, gone=1)
    assert await backup.restore(settings_for(tmp_path / "there"), tmp_path / "out.zip", silent) == 7


async def test_it_goes_nowhere_where_something_is(filled: Settings, made: Path, tmp_path: Path) -> None:
    before = await seen(filled)
    with pytest.raises(StartError, match="There is a database already"):
        await backup.restore(filled, made, silent)
    assert await seen(filled) == before
    there = settings_for(tmp_path / "there")
    (there.data_dir / "pictures").mkdir(parents=True)
    (there.data_dir / "pictures" / "mine.png").write_bytes(b"mine")
    with pytest.raises(StartError, match="There are pictures already"):
        await backup.restore(there, made, silent)
    with pytest.raises(StartError, match="is there already"):
        await backup.back_up(filled, made, silent)
    with lock.held(tmp_path / "new" / "oneiros.sqlite"), pytest.raises(StoreError, match="stop it first"):
        await backup.restore(settings_for(tmp_path / "new"), made, silent)


Members = dict[str, bytes]


def _cut(members: Members) -> None:
    members["oneiros.sqlite"] = members["oneiros.sqlite"][:-4096]


def _another_picture(members: Members) -> None:
    members[next(name for name in members if "blobs" in name)] = b"another picture"


def _one_less(members: Members) -> None:
    del members[next(name for name in members if "blobs" in name)]


def _outside(members: Members) -> None:
    del members[next(name for name in members if "blobs" in name)]
    members["objects/../../outside"] = b"outside"


def _no_head(members: Members) -> None:
    del members["backup.json"]


def _head(**changes: Any) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        members["backup.json"] = json.dumps(json.loads(members["backup.json"]) | changes).encode()

    return change


def _damaged_within(members: Members) -> None:
    content = bytearray(members["oneiros.sqlite"])
    content[4096 * 3 : 4096 * 6] = b"\xee" * 4096 * 3
    members["oneiros.sqlite"] = bytes(content)
    _head(sha256=hashlib.sha256(content).hexdigest())(members)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_cut, "is damaged"),
        (_another_picture, "is damaged"),
        (_one_less, "is damaged"),
        (_outside, "is damaged"),
        (_no_head, "is damaged"),
        (_damaged_within, "is damaged"),
        (_head(kind="oneiros gallery"), "is no backup"),
        (_head(version=2), "update Oneiros first"),
        (_head(revision="9999"), "update Oneiros first"),
    ],
)
async def test_a_damaged_or_newer_backup_is_refused_and_leaves_nothing(
    made: Path, tmp_path: Path, harm: Callable[[Members], None], told: str
) -> None:
    with zipfile.ZipFile(made) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    harm(members)
    with zipfile.ZipFile(tmp_path / "harmed.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    await refused(tmp_path, tmp_path / "harmed.zip", told)


@pytest.mark.parametrize("bite", [slice(0, 5000), slice(5000, None), slice(0, 0)])
async def test_a_file_that_was_cut_is_refused_and_leaves_nothing(made: Path, tmp_path: Path, bite: slice) -> None:
    (tmp_path / "cut.zip").write_bytes(made.read_bytes()[bite])
    await refused(tmp_path, tmp_path / "cut.zip", "is damaged")


async def refused(tmp_path: Path, file: Path, told: str) -> None:
    there = settings_for(tmp_path / "there")
    with pytest.raises((StartError, StoreError), match=told):
        await backup.restore(there, file, silent)
    left = [path.name for path in there.data_dir.rglob("*") if path.is_file()]
    assert set(left) <= {"oneiros.sqlite.lock"}
    assert not (tmp_path / "outside").exists()


async def test_a_damaged_database_is_not_backed_up(filled: Settings, tmp_path: Path) -> None:
    file = filled.data_dir / "oneiros.sqlite"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xee" * 4096 * 3
    file.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        await backup.back_up(filled, tmp_path / "out.zip", silent)
    assert not (tmp_path / "out.zip").exists()


async def test_what_has_no_database_of_sqlite_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="There is no database at"):
        await backup.back_up(settings_for(tmp_path), tmp_path / "out.zip", silent)
    elsewhere = settings_for(tmp_path, database_url="postgresql://me@host/oneiros")
    for act in (backup.back_up, backup.restore):
        with pytest.raises(StartError, match="pg_dump"):
            await act(elsewhere, tmp_path / "out.zip", silent)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(filled: Settings, made: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    for act, at in (("back_up", tmp_path / "out.zip"), ("restore", made)):
        there = filled if act == "back_up" else settings_for(tmp_path / "there")
        ours, theirs = context.Pipe()
        child = context.Process(target=_without_space, args=(act, there, at, theirs))
        child.start()
        assert ours.poll(60)
        assert "cannot be written" in ours.recv()
        child.join()
    assert not (tmp_path / "out.zip").exists()
    assert [path.name for path in (tmp_path / "there").rglob("*") if path.is_file()] == ["oneiros.sqlite.lock"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "data", "there"]


def _without_space(act: str, settings: Settings, at: Path, told: Any) -> None:
    """Do it where no file may be larger than 64 KiB: what the system says then is much what a full disk is."""
    import asyncio

    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    try:
        asyncio.run(getattr(backup, act)(settings, at, silent))
    except (StartError, StoreError) as error:
        told.send(str(error))
    except sqlite3.Error as error:
        told.send(f"not told: {error}")
