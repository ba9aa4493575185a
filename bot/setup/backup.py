"""Backups: a database of SQLite and the pictures that it names, as one zip file. One picture is in memory at a time."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.images import store as images
from bot.images.objects import Objects, OutOfReachError
from bot.jobs import results
from bot.resources import StartError, database_url, objects_of
from bot.settings import Settings
from bot.store import copying, lock
from bot.store.database import sqlite_file
from bot.store.opening import address
from bot.store.upgrade import knows

HEAD, DATABASE, OBJECTS = "backup.json", "oneiros.sqlite", "objects/"
MIB = 1024 * 1024
MOST_HEAD_BYTES, MOST_OBJECT_BYTES = MIB, 256 * MIB  # the largest picture has 140 MB
RESULT = re.compile(r"results/[0-9]{1,20}")
SPARE_BYTES = 64 * MIB  # left free on the disk

Show = Callable[[int, int], object]  # pictures that are done, and all of them


class Head(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["oneiros backup"] = "oneiros backup"
    version: Literal[1] = 1
    made_at: datetime
    revision: str  # of the database
    sha256: str  # of the database's file
    objects: int


@dataclass(frozen=True)
class Done:
    """What a backup or a restore came to."""

    objects: int
    gone: int  # pictures that went while the backup was made


async def back_up(settings: Settings, out: Path, show: Show) -> Done:
    """Write database and pictures to ``out``; the bot may run. Raises StartError, StoreError.

    First the database as it is at one moment, then the pictures: each was written before the row that names it, and
    what is deleted meanwhile is not wanted any more.
    """
    file, objects = _sqlite(settings), objects_of(settings)
    _check_paths(file, out)
    try:
        with _beside(out) as folder:
            copied = folder / DATABASE
            await asyncio.to_thread(copying.copy, file, copied)
            await asyncio.to_thread(copying.check, copied)
            done = await _write(folder / HEAD, copied, objects, show)
            _finish(folder / HEAD, out)
    except OutOfReachError as error:
        raise StartError(f"The pictures in {objects} cannot be read: check that they are within reach.") from error
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StartError(
            f"The backup cannot be written: {reason}. Check the folder of {out}, and the disk's space."
        ) from error
    return done


def _check_paths(file: Path, out: Path) -> None:
    if not file.exists():
        raise StartError(f"There is no database at {file}: set DATA_DIR to its folder.")
    if out.exists():
        raise StartError(f"{out} is there already: name another file, or move it away.")


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """Make a folder beside ``out`` that only we can read, and remove it in the end."""
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.absolute().parent) as folder:
        yield Path(folder)


def _finish(part: Path, out: Path) -> None:
    part.chmod(0o600)
    part.replace(out)


async def _write(part: Path, copied: Path, objects: Objects, show: Show) -> Done:
    with closing(sqlite3.connect(copied)) as database:
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        pictures = [images.key_of(hash_) for (hash_,) in database.execute("SELECT hash FROM blob ORDER BY hash")]
        # A live job may have been dreamed already: then its result lies there, and its row does not say so yet.
        jobs = database.execute("SELECT id FROM job WHERE state IN ('accepted', 'queued', 'running')")
        keys = [*pictures, *(results.key_of(job_id) for (job_id,) in jobs)]
    written = set()
    with part.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            await asyncio.to_thread(archive.write, copied, DATABASE, zipfile.ZIP_DEFLATED)
            for done, key in enumerate(keys, 1):
                data = await objects.get(key)
                if data is not None:
                    await asyncio.to_thread(archive.writestr, OBJECTS + key, data)
                    written.add(key)
                show(done, len(keys))
            sha256 = await asyncio.to_thread(_sha256, copied)
            head = Head(made_at=datetime.now(UTC), revision=revision, sha256=sha256, objects=len(written))
            archive.writestr(HEAD, head.model_dump_json(indent=1))
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    return Done(len(written), gone=len(set(pictures) - written))


async def restore(settings: Settings, backup: Path, show: Show) -> int:
    """Put a backup where there is no database and no picture yet; returns how many objects came with it.

    The database comes last: where there is one, there are its pictures. Raises StartError, StoreError, and leaves
    nothing behind then.
    """
    file, objects = _sqlite(settings), objects_of(settings)
    part = file.with_name(f"{file.name}.part")
    put: list[str] = []
    try:
        with _opened(backup) as archive, lock.held(file):
            head = _head(archive, backup)
            _check_empty(file, objects)
            _check_space(archive, file.parent)
            try:
                await asyncio.to_thread(_take_database, archive, head, part)
                for name in _object_names(archive, head):
                    key, data = await asyncio.to_thread(_object, archive, name)
                    put.append(key)
                    await objects.put(key, data)
                    show(len(put), head.objects)
                part.replace(file)
            except BaseException:
                for key in put if objects.folder is not None else ():  # in a bucket they may have been there before
                    await objects.delete(key)
                raise
            finally:
                part.unlink(missing_ok=True)
    except OutOfReachError as error:
        raise StartError(f"The pictures cannot be written to {objects}: check whose it is, and its space.") from error
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}. Check its folder, and the disk.") from error
    return len(put)


def _sqlite(settings: Settings) -> Path:
    file = sqlite_file(address(database_url(settings)))
    if file is None:
        raise StartError(
            "The database is PostgreSQL's, which has tools of its own: pg_dump --format=custom first, and after it a "
            "copy of the pictures (STORE_URL, or DATA_DIR/pictures); pg_restore and that copy bring all back. Keep the "
            "settings file, too."
        )
    return file


def _check_empty(file: Path, objects: Objects) -> None:
    if file.exists():
        raise StartError(
            f"There is a database already, {file}: a backup goes into an empty folder. Set another DATA_DIR."
        )
    if objects.folder is not None and any(one.is_file() for one in objects.folder.rglob("*")):
        raise StartError(f"There are pictures already in {objects}: a backup goes into an empty folder. Name another.")


def _check_space(archive: zipfile.ZipFile, folder: Path) -> None:
    wanted, free = sum(one.file_size for one in archive.infolist()) + SPARE_BYTES, shutil.disk_usage(folder).free
    if wanted > free:
        raise StartError(
            f"The backup takes {wanted // MIB} MiB, and {free // MIB} are free in {folder}: make room first."
        )


class _DamagedError(Exception):
    """The file is not what a backup writes."""


@contextmanager
def _opened(backup: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(backup) as archive:
            for one in archive.infolist():
                unknown = one.flag_bits & 1 or one.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
                if unknown or one.header_offset < 0:  # before the file's beginning, which is cut off
                    raise _DamagedError
            yield archive
    except FileNotFoundError as error:
        if error.filename != str(backup):
            raise
        raise StartError(f"There is no file {backup}: check its path.") from None
    except (_DamagedError, zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise StartError(f"{backup} is no backup of Oneiros, or is damaged: take another one.") from error


def _head(archive: zipfile.ZipFile, backup: Path) -> Head:
    data = _read(archive, HEAD, MOST_HEAD_BYTES)
    newer = StartError(f"{backup} was made by a newer version of Oneiros than this one: update Oneiros first.")
    try:
        head = Head.model_validate_json(data)
    except ValidationError as error:
        wrong = {one["loc"][:1] for one in error.errors(include_url=False, include_input=False)}
        raise (newer if ("version",) in wrong and ("kind",) not in wrong else _DamagedError) from None
    if not knows(head.revision):
        raise newer
    return head


def _take_database(archive: zipfile.ZipFile, head: Head, part: Path) -> None:
    with archive.open(DATABASE) as member, part.open("wb") as out:
        shutil.copyfileobj(member, out, MIB)
        out.flush()
        os.fsync(out.fileno())
    if _sha256(part) != head.sha256:
        raise _DamagedError
    copying.check(part)


def _object_names(archive: zipfile.ZipFile, head: Head) -> list[str]:
    names = [name for name in archive.namelist() if name.startswith(OBJECTS)]
    if len(set(names)) != head.objects:
        raise _DamagedError
    return names


def _object(archive: zipfile.ZipFile, name: str) -> tuple[str, bytes]:
    """Return an object's key and bytes, if it is what its name says."""
    key = name.removeprefix(OBJECTS)
    data = _read(archive, name, MOST_OBJECT_BYTES)
    hash_ = hashlib.sha256(data).hexdigest()
    if key != images.key_of(hash_) and not RESULT.fullmatch(key):
        raise _DamagedError
    return key, data


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Read a member, whatever it says of its size."""
    with archive.open(name) as member:
        data = member.read(most + 1)
    if len(data) > most:
        raise _DamagedError
    return data


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
