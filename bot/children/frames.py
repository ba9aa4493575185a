"""A frame: one message between the bot and a child, a JSON header and bytes. Nothing is ever unpickled."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import asyncio

MAX_HEADER_BYTES = 64 * 1024
# The largest dream, 8000 × 8000, as a PNG that nothing makes smaller is 184 MiB; a guide and a mask go with a photo.
MAX_BODY_BYTES = 224 * 1024 * 1024

_LENGTHS = struct.Struct(">II")  # of the header, of the body


class FrameError(Exception):
    """Bytes that are no frame, or a frame without what it must hold. The sender is not to be listened to any more."""


@dataclass(frozen=True)
class Frame:
    """One message: its kind, plain JSON fields, and bytes. The getters raise FrameError, since a child may lie."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = b""

    def integer(self, name: str) -> int:
        """Return a field that must be a whole number."""
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise FrameError(f"{self.kind}: {name} is not a whole number")
        return value

    def number(self, name: str) -> float:
        """Return a field that must be a number."""
        value = self.fields.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise FrameError(f"{self.kind}: {name} is not a number")
        return float(value)

    def text(self, name: str) -> str:
        """Return a field that must be text."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise FrameError(f"{self.kind}: {name} is not text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that must be a list of texts."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise FrameError(f"{self.kind}: {name} is not a list of texts")
        return tuple(value)


def pack(frame: Frame) -> bytes:
    """Write what stands before the body on the wire; the body follows as it is. Raises FrameError if it is too long."""
    header = json.dumps({"kind": frame.kind, **frame.fields}, separators=(",", ":")).encode()
    _check(len(header), len(frame.body))
    return _LENGTHS.pack(len(header), len(frame.body)) + header


def read(stream: BinaryIO) -> Frame:
    """Read one frame; blocks. Raises EOFError where the stream ends, between frames or within one."""
    header_bytes, body_bytes = _lengths(_exactly(stream, _LENGTHS.size))
    return _frame(_exactly(stream, header_bytes), _exactly(stream, body_bytes))


async def read_async(stream: asyncio.StreamReader) -> Frame:
    """Read one frame. Raises asyncio.IncompleteReadError (an EOFError) where the stream ends."""
    header_bytes, body_bytes = _lengths(await stream.readexactly(_LENGTHS.size))
    return _frame(await stream.readexactly(header_bytes), await stream.readexactly(body_bytes))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _lengths(prefix: bytes) -> tuple[int, int]:
    header_bytes, body_bytes = _LENGTHS.unpack(prefix)
    _check(header_bytes, body_bytes)
    return header_bytes, body_bytes


def _check(header_bytes: int, body_bytes: int) -> None:
    if header_bytes > MAX_HEADER_BYTES or body_bytes > MAX_BODY_BYTES:
        raise FrameError(f"a frame of {header_bytes} + {body_bytes} bytes is too long")


def _frame(header: bytes, body: bytes) -> Frame:
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise FrameError("the header is not JSON") from error
    if not isinstance(fields, dict) or not isinstance(kind := fields.pop("kind", None), str):
        raise FrameError("the header names no kind")
    return Frame(kind, fields, body)
