"""An export's parts: zip files that each stay under a size, made one after the other, never whole in memory."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from bot.errors import UserError
from bot.images.objects import OutOfReachError
from bot.store.blobs import Blob

ENTRY_BYTES = 512  # what a zip file needs beside an entry's bytes: its name twice, and two headers
_EXTENSIONS = {
    "image/png": "png",
    "image/webp": "webp",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "video/mp4": "mp4",
}

Rows = Callable[[], AsyncIterator[list[dict[str, Any]]]]


@dataclass(frozen=True)
class Cursor:
    """How far an export has come: the parts that were made, and the last piece of a picture that is in them.

    It names a place among a person's pictures, not a number of them: what comes or goes meanwhile shifts nothing.
    """

    number: int = 0
    hash: str = ""
    piece: int = 0

    def __str__(self) -> str:
        return f"{self.number}.{self.hash}.{self.piece}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cursor that was written by ``str``."""
        number, hash_, piece = text.split(".")
        return cls(int(number), hash_, int(piece))


CURSOR = r"[0-9]{1,4}\.[0-9a-f]{0,64}\.[0-9]{1,3}"


@dataclass(frozen=True)
class Part:
    """One part. Its file is there until the next one is asked for."""

    number: int
    file: Path
    left_bytes: int  # of pictures that are yet to come
    next: Cursor | None  # None: it is the last one


@dataclass(frozen=True)
class _Piece:
    """A picture, or where one alone is too large for a part, a piece of it."""

    blob: Blob
    number: int
    of: int
    begin: int
    size: int

    @property
    def name(self) -> str:
        whole = f"pictures/{self.blob.hash}.{_EXTENSIONS.get(self.blob.media_type, 'bin')}"
        return whole if self.of == 1 else f"{whole}.{self.number:03}-of-{self.of:03}"


def _pieces(pictures: Sequence[Blob], after: Cursor, most_bytes: int) -> Iterator[_Piece]:
    for blob in pictures:
        of = max(1, -(-blob.size // most_bytes))
        for number in range(1, of + 1):
            if (blob.hash, number) > (after.hash, after.piece):
                begin = (number - 1) * most_bytes
                yield _Piece(blob, number, of, begin, min(most_bytes, blob.size - begin))


class Parts:
    """Makes the parts of one export in ``folder``, each of at most ``most_bytes``."""

    def __init__(
        self, folder: Path, most_bytes: int, pictures: Sequence[Blob], read: Callable[[str], Awaitable[bytes]]
    ) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._pictures = pictures
        self._read = read

    async def make(self, after: Cursor, texts: Mapping[str, Rows], read_me: str) -> Part:
        """Make the part that comes after ``after``: the first one has all rows, as JSON, and then pictures."""
        number = after.number + 1
        file = self._folder / f"oneiros-export-{number}.zip"
        last = after
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            await self._write(archive, "README.txt", read_me.encode())
            for name, rows in texts.items() if after.number == 0 else ():
                await self._write_rows(archive, f"{name}.json", rows)
            left = list(_pieces(self._pictures, after, self._most_bytes - 4 * ENTRY_BYTES - len(read_me.encode())))
            used = ENTRY_BYTES + sum(entry.compress_size + ENTRY_BYTES for entry in archive.infolist())
            while left and used + left[0].size + ENTRY_BYTES <= self._most_bytes:
                piece = left.pop(0)
                used += piece.size + ENTRY_BYTES
                last = Cursor(number, piece.blob.hash, piece.number)
                await self._write_piece(archive, piece)
        next_ = Cursor(number, last.hash, last.piece) if left else None
        return Part(number, file, sum(piece.size for piece in left), next_)

    async def _write_piece(self, archive: zipfile.ZipFile, piece: _Piece) -> None:
        try:
            data = await self._read(piece.blob.hash)
        except OutOfReachError:
            raise  # it is there: an export without it would be told to be whole
        except UserError:  # it was let go since the list was made
            return
        await self._write(archive, piece.name, data[piece.begin : piece.begin + piece.size])

    async def _write(self, archive: zipfile.ZipFile, name: str, data: bytes) -> None:
        await asyncio.to_thread(archive.writestr, name, data)

    async def _write_rows(self, archive: zipfile.ZipFile, name: str, rows: Rows) -> None:
        """Write rows as one list in JSON, a page at a time."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w") as entry:
            before = "[\n"
            async for page in rows():
                text = before + ",\n".join(_written(row) for row in page)
                await asyncio.to_thread(entry.write, text.encode())
                before = ",\n"
            entry.write(b"[]\n" if before == "[\n" else b"\n]\n")


def _written(row: Mapping[str, Any]) -> str:
    return json.dumps({key: _plain(key, value) for key, value in row.items()}, ensure_ascii=False)


def _plain(key: str, value: Any) -> Any:
    """Make a column's value one that JSON has. Ids are text: most readers of JSON round numbers of 64 bits."""
    if isinstance(value, datetime):
        return value.isoformat()
    if key == "recipe":
        return json.loads(value)
    if isinstance(value, int) and not isinstance(value, bool) and key.endswith("_id"):
        return str(value)
    return value
