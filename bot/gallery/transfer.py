"""Moving a server's gallery whole: to a file and from one. One picture is in memory at a time."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NoReturn

from pydantic import ValidationError

from bot.errors import UserError
from bot.gallery import form
from bot.gallery.form import Head, WrittenBar, WrittenEntry
from bot.guild import GallerySettings
from bot.images.objects import OutOfReachError
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.intake.taken import Taken, TakenDownError
from bot.store.admin.takedowns import Takedowns
from bot.store.gallery.moving import Moved, Moving, with_pictures
from bot.store.guilds import GuildStore
from bot.store.holdings import NOBODY
from engine.errors import EngineError
from engine.recipe import LARGEST_SIDE

MIB = 1024 * 1024
MOST_HEAD_BYTES, MOST_LINE_BYTES, MOST_PICTURE_BYTES = 16 * MIB, 16 * MIB, 64 * MIB
MOST_ENTRIES = 1_000_000
PICTURE_COLUMNS = ("picture_hash", "original_hash", "guide_hash", "mask_hash")
README = """A server's gallery, as Oneiros keeps it.

gallery.json    the server, its gallery's settings, who is barred
entries.jsonl   an entry a line: its dreamer, title, tags, recipe, who voted for it
pictures/       the pictures, named by the SHA-256 of their bytes

It names people by their Discord ids: keep it as safe as the database, and delete it when it has done its work.
Left out: reports, the log, nominations that have too few votes so far, and bars on people who were forgotten.
To put it into a bot: oneiros gallery import FILE
"""

Show = Callable[[int, int], object]  # entries that are done, and all of them


class TransferError(Exception):
    """The gallery cannot be moved; ``str(error)`` says why, and what to do."""


@dataclass(frozen=True)
class Imported:
    """What an import came to."""

    guild_id: int
    new: int
    known: int  # that were there before
    refused: int = 0  # whose pictures were taken down


class Transfer:
    """Moves galleries from and to one database and its pictures."""

    def __init__(self, moving: Moving, guilds: GuildStore, images: ImageStore, takedowns: Takedowns) -> None:
        self._takedowns = takedowns
        self._moving = moving
        self._guilds = guilds
        self._images = images

    async def export(self, guild_id: int, out: Path, show: Show) -> int:
        """Write a server's gallery to ``out``; returns how many entries. Raises TransferError, OutOfReachError."""
        count = await self._moving.count(guild_id)
        part = out.with_name(f"{out.name}.part")
        if await asyncio.to_thread(out.exists):
            raise TransferError(f"{out} is there already: name another file, or move it away.")
        try:
            with _new(part) as file, tempfile.TemporaryFile() as lines:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                    written = await self._write_entries(guild_id, archive, lines, lambda done: show(done, count))
                    await self._write_head(guild_id, archive, written)
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            part.replace(out)
        except OSError as error:
            raise TransferError(f"{out} cannot be written: {error.strerror or error}. Check its folder.") from error
        finally:
            part.unlink(missing_ok=True)
        return written

    async def _write_entries(
        self, guild_id: int, archive: zipfile.ZipFile, lines: IO[bytes], show: Callable[[int], object]
    ) -> int:
        there: set[bytes] = set()
        count = after = 0
        while (moved := await self._moving.next(guild_id, after)) is not None:
            after = moved.entry.id
            if await self._write_pictures(moved, archive, there):
                lines.write(WrittenEntry.of(moved).model_dump_json().encode() + b"\n")
                count += 1
            show(count)
        lines.seek(0)
        with archive.open(_deflated(form.ENTRIES), "w", force_zip64=True) as member:
            while chunk := await asyncio.to_thread(lines.read, MIB):
                await asyncio.to_thread(member.write, chunk)
        return count

    async def _write_pictures(self, moved: Moved, archive: zipfile.ZipFile, there: set[bytes]) -> bool:
        """Write an entry's pictures that are not there yet; False where it was withdrawn meanwhile."""
        for hash_ in _pictures_of(moved):
            if bytes.fromhex(hash_) in there:
                continue
            try:
                data = await self._images.get(hash_)
            except OutOfReachError:
                raise
            except UserError:
                return False
            await asyncio.to_thread(archive.writestr, _member(hash_), data)
            there.add(bytes.fromhex(hash_))
        return True

    async def _write_head(self, guild_id: int, archive: zipfile.ZipFile, entries: int) -> None:
        settings = (await self._guilds.get(guild_id)).settings.gallery
        bars = tuple(WrittenBar.of(one) for one in await self._moving.bars(guild_id))
        now = datetime.now(UTC)
        head = Head(server=str(guild_id), exported_at=now, entries=entries, settings=settings, bars=bars)
        archive.writestr(_deflated(form.HEAD), head.model_dump_json(indent=1))
        archive.writestr(_deflated(form.READ_ME), README)

    async def take_in(self, file: Path, decoder: Decoder, show: Show, guild_id: int | None = None) -> Imported:
        """Put a file's gallery into ``guild_id``, by default the server it was of; what is there already stays.

        The file may be anybody's. Nothing is written before all its lines are read; an entry comes with all its
        pictures or not at all, and not where one of them was taken down. Raises TransferError, OutOfReachError.
        """
        with _opened(file) as archive:
            head = _head(archive)
            to = guild_id or int(head.server)
            await asyncio.to_thread(_check, archive, head)
            taken = Taken(self._takedowns, decoder)
            new = known = refused = 0
            for number, line in enumerate(_lines(archive), 1):
                moved = _entry(line, number).read(to)
                try:
                    if await self._take_in_one(archive, moved, decoder, taken, number):
                        new += 1
                    else:
                        known += 1
                except TakenDownError:
                    refused += 1
                show(number, head.entries)
            for bar in head.bars:
                await self._moving.take_in_bar(to, bar.read())
            await self._settle(to, head, moved_away=to != int(head.server))
        return Imported(to, new, known, refused)

    async def _take_in_one(
        self, archive: zipfile.ZipFile, moved: Moved, decoder: Decoder, taken: Taken, number: int
    ) -> bool:
        """Take in an entry; False where it is there already. Raises TakenDownError where a picture of it may not be."""
        if await self._moving.is_there(moved.entry.guild_id, moved):
            return False
        hashes: dict[str, str | None] = {}
        for column in PICTURE_COLUMNS:
            hash_ = getattr(moved.entry, column)
            if hash_ is None:
                continue
            data = await asyncio.to_thread(_picture, archive, hash_)
            try:
                clean = await decoder.clean(data, LARGEST_SIDE)
            except UserError as error:
                _wrong(f"{_member(hash_)} is no picture that can be read ({error})")
            await taken.check(data, clean.png, clean.sha256)
            if column == "picture_hash" and (clean.width, clean.height) != (moved.entry.width, moved.entry.height):
                _wrong(f"{_member(hash_)} has another size than line {number} of {form.ENTRIES} says")
            # Not the bytes that came: only what our own encoder wrote is ever shown to anybody.
            hashes[column] = await self._images.put(clean.png, "image/png", clean.width, clean.height)
        return await self._moving.take_in(moved.entry.guild_id, with_pictures(moved, hashes))

    async def _settle(self, guild_id: int, head: Head, *, moved_away: bool) -> None:
        """Let the file's settings hold, unless the server has some of its own; another server has other channels."""
        now = await self._guilds.get(guild_id)
        wanted = head.settings.model_copy(update={"channel": None, "web_key": None}) if moved_away else head.settings
        if now.settings.gallery == GallerySettings() != wanted:
            await self._guilds.change(guild_id, NOBODY, now.version, lambda one: one.changed(gallery=wanted))


def _pictures_of(moved: Moved) -> Iterator[str]:
    for column in PICTURE_COLUMNS:
        hash_ = getattr(moved.entry, column)
        if hash_ is not None:
            yield hash_


def _member(hash_: str) -> str:
    return f"{form.PICTURES}/{hash_}.png"


def _deflated(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


@contextmanager
def _new(file: Path) -> Iterator[IO[bytes]]:
    """Open a new file that only its owner may read: it names people."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w+b") as opened:
        yield opened


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                if info.flag_bits & 1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                    _wrong("its parts are packed in another way than an export packs them")
            yield archive
    except FileNotFoundError:
        raise TransferError(f"There is no file {file}: check its path.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise TransferError(f"{file} is no gallery's file, or is damaged: export it anew.") from error


def _wrong(what: str) -> NoReturn:
    raise TransferError(
        f"The gallery's file cannot be used: {what}. Export it anew; what came in before this stays, and does not come "
        "twice."
    )


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Read a member by its exact name, whatever it says of its size."""
    try:
        with archive.open(name) as member:
            data = member.read(most + 1)
    except KeyError:
        _wrong(f"it has no {name}")
    if len(data) > most:
        _wrong(f"{name} is larger than {most // MIB} MiB")
    return data


def _head(archive: zipfile.ZipFile) -> Head:
    data = _read(archive, form.HEAD, MOST_HEAD_BYTES)
    try:
        return Head.model_validate_json(data)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False) if one["loc"]}
    if "version" in wrong and "kind" not in wrong:
        _wrong("it was written by another version of Oneiros than this one, which cannot read it")
    _wrong(f"{form.HEAD} is not what an export writes")


def _lines(archive: zipfile.ZipFile) -> Iterator[bytes]:
    try:
        member = archive.open(form.ENTRIES)
    except KeyError:
        _wrong(f"it has no {form.ENTRIES}")
    with member:
        while line := member.readline(MOST_LINE_BYTES + 1):
            if len(line) > MOST_LINE_BYTES:
                _wrong(f"a line of {form.ENTRIES} is longer than {MOST_LINE_BYTES // MIB} MiB")
            yield line


def _entry(line: bytes, number: int) -> WrittenEntry:
    try:
        entry = WrittenEntry.model_validate_json(line)
        entry.read(0)
    except (ValueError, EngineError, RecursionError):  # of pydantic's text, the values are anybody's
        _wrong(f"line {number} of {form.ENTRIES} is no entry")
    return entry


def _check(archive: zipfile.ZipFile, head: Head) -> None:
    """Read every line once, before anything is written."""
    names, slugs, dreams = set(archive.namelist()), set[str](), set[str]()
    number = 0
    for number, line in enumerate(_lines(archive), 1):
        if number > MOST_ENTRIES:
            _wrong(f"it has more than {MOST_ENTRIES} entries")
        entry = _entry(line, number)
        dream = entry.pictures.dream
        if entry.slug in slugs or dream in dreams:
            _wrong(f"line {number} of {form.ENTRIES} is there twice")
        slugs.add(entry.slug)
        if dream is not None:
            dreams.add(dream)
        for hash_ in (dream, entry.pictures.original, entry.pictures.guide, entry.pictures.mask):
            if hash_ is not None and _member(hash_) not in names:
                _wrong(f"it has no {_member(hash_)}")
    if number != head.entries:
        _wrong(f"{form.ENTRIES} has {number} lines where {form.HEAD} says {head.entries}")


def _picture(archive: zipfile.ZipFile, hash_: str) -> bytes:
    data = _read(archive, _member(hash_), MOST_PICTURE_BYTES)
    if hashlib.sha256(data).hexdigest() != hash_:
        _wrong(f"{_member(hash_)} is another picture than its name says")
    return data
