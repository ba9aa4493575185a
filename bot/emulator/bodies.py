"""Request bodies: JSON, or a form with ``payload_json`` and ``files[n]`` (Discord: "Uploading Files")."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.emulator.errors import INVALID_JSON, TOO_LARGE, Refused
from bot.emulator.model import MIB

MAX_REQUEST = 25 * MIB  # of a bot, whatever the guild's limit for one file
_FILE = re.compile(r"^files\[([0-9])\]$|^file([0-9]?)$")


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file that came with a request."""

    filename: str
    data: bytes


@dataclass(slots=True)
class Body:
    """A request's JSON and its files, by the number or name of their form field."""

    payload: Any = None
    files: dict[int, FilePart] = field(default_factory=dict)
    named: dict[str, FilePart] = field(default_factory=dict)


async def read_body(request: web.Request, *, limit: int = MAX_REQUEST) -> Body:
    """Read a request's body. Raises Refused for more than ``limit`` bytes and for broken JSON.

    A body that is too large is read to its end all the same: a client that is still writing would see only a
    closed connection, not the answer.
    """
    if request.content_type.startswith("multipart/"):
        return await _read_form(request, limit)
    data = bytearray()
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size <= limit:
            data += chunk
    if size > limit:
        raise Refused(TOO_LARGE)
    return Body(_parse(bytes(data)) if data else {})


async def _read_form(request: web.Request, limit: int) -> Body:
    body = Body(payload={})
    size = 0
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise Refused(INVALID_JSON)
            data = bytearray()
            while chunk := await part.read_chunk(MIB):
                size += len(chunk)
                if size <= limit:
                    data += chunk
            if size <= limit:
                _place(body, part, bytes(data))
    except ValueError as error:
        raise Refused(INVALID_JSON) from error
    if size > limit:
        raise Refused(TOO_LARGE)
    return body


def _place(body: Body, part: BodyPartReader, data: bytes) -> None:
    name = part.name or ""
    if part.filename is None:
        if name == "payload_json":
            body.payload = _parse(data)
        elif isinstance(body.payload, dict):
            body.payload.setdefault(name, data.decode(errors="replace"))
        return
    file = FilePart(part.filename, data)
    body.named[name] = file
    number = _FILE.match(name)
    if number is not None:
        body.files[int(number[1] or number[2] or 0)] = file


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise Refused(INVALID_JSON) from error
