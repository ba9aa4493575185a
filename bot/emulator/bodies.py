"""Request bodies: JSON, or a form with ``payload_json`` and ``files[n]`` (Discord: "Uploading Files").

Whatever is no body at all is refused as broken JSON; where Discord's own answer to such oddities is not known
(nesting without end, halves of surrogate pairs, NaN), that is our choice.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, content_disposition_filename, parse_content_disposition, web
from aiohttp.hdrs import CONTENT_DISPOSITION
from aiohttp.http_exceptions import HttpProcessingError

from bot.emulator.errors import INVALID_FORM_BODY, INVALID_JSON, TOO_LARGE, Finding, Refused
from bot.emulator.model import MIB, Json

MAX_REQUEST = 25 * MIB  # of a bot, whatever the guild's limit for one file
MAX_DEPTH = 64  # of lists and objects in each other; a message of Discord's is at most nine deep
DRAINED = 4  # times the limit is read of a body that is too large; then the socket is closed on whoever still writes
_FILE = re.compile(r"^files\[([0-9]{1,3})\]$|^file([0-9]?)$")


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

    A body that is too large is read on all the same, for a while: a client that is still writing would see only a
    closed connection, not the answer.
    """
    try:
        if request.content_type.startswith("multipart/"):
            return await _read_form(request, limit)
        size = _Size(limit)
        data = bytearray()
        async for chunk in request.content.iter_any():
            if size.takes(chunk):
                data += chunk
    except (ValueError, ConnectionError, HttpProcessingError) as error:
        raise Refused(INVALID_JSON) from error  # a form that is none, or a client that hung up
    size.check()
    if request.content_type == "application/x-www-form-urlencoded":
        return Body(dict(parse_qsl(data.decode(errors="replace"))))
    return Body(_parse(bytes(data)) if data else {})


async def read_object(request: web.Request) -> Json:
    """Read a request's JSON object. Raises Refused for any other value, too."""
    payload: Any = (await read_body(request)).payload
    if not isinstance(payload, dict):
        finding = Finding((), "MODEL_TYPE_CONVERT", "Expected an object/dictionary.")
        raise Refused(INVALID_FORM_BODY, [finding])
    return payload


class _Size:
    """Counts what has come of a body."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._read = 0

    def takes(self, chunk: bytes) -> bool:
        """Tell whether ``chunk`` is still within the limit. Raises Refused far beyond it."""
        self._read += len(chunk)
        if self._read > DRAINED * self._limit:
            raise Refused(TOO_LARGE)
        return self._read <= self._limit

    def check(self) -> None:
        """Raise Refused if more came than the limit."""
        if self._read > self._limit:
            raise Refused(TOO_LARGE)


async def _read_form(request: web.Request, limit: int) -> Body:
    body = Body(payload={})
    size = _Size(limit)
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Refused(INVALID_JSON)
        data = bytearray()
        within = True
        while chunk := await part.read_chunk(MIB):
            within = size.takes(chunk)
            if within:
                data += chunk
        if within:
            _place(body, part, bytes(data))
    size.check()
    return body


def _place(body: Body, part: BodyPartReader, data: bytes) -> None:
    # The part's own properties would parse the header once for each: it is what costs most of a form.
    _, named = parse_content_disposition(part.headers.get(CONTENT_DISPOSITION))
    name = content_disposition_filename(named, "name") or ""
    filename = content_disposition_filename(named)
    if filename is None:
        if name == "payload_json":
            body.payload = _parse(data)
        elif isinstance(body.payload, dict):
            body.payload.setdefault(name, data.decode(errors="replace"))
        return
    file = FilePart(filename, data)
    body.named[name] = file
    number = _FILE.match(name)
    if number is not None:
        body.files[int(number[1] or number[2] or 0)] = file


def _parse(data: bytes) -> Any:
    try:
        value = json.loads(data, parse_constant=_refuse, parse_float=_finite)
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise Refused(INVALID_JSON) from error
    if _is_deep(value):
        raise Refused(INVALID_JSON)
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


def _is_deep(value: Any) -> bool:
    """Tell whether lists and objects are nested beyond MAX_DEPTH: code that walks through them must not run out."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
