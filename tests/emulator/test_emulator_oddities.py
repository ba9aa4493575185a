"""Bodies that are no bodies, and requests that are hardly any: each gets one of Discord's answers."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from loopback import BOUND_S
from yarl import URL

from bot.emulator.server import Addresses, Emulator

MIB = 1024 * 1024
BOUNDARY = "multipart/form-data; boundary=b"
PART = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'


@pytest.fixture
def url(emulator: tuple[Emulator, Addresses]) -> str:
    """Where a message is posted."""
    running, addresses = emulator
    return f"{addresses.api}/channels/{next(iter(running.world.channels))}/messages"


@pytest.fixture
async def session(emulator: tuple[Emulator, Addresses]) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bot {emulator[1].bot_token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as opened:
        yield opened


async def answer(session: aiohttp.ClientSession, url: str, data: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    async with session.post(url, data=data, headers=headers) as response:
        return response.status, await response.json()


def form(*parts: tuple[str, str, str]) -> bytes:
    return ("".join(PART.format(name, more, value) for name, more, value in parts) + "--b--\r\n").encode()


@pytest.mark.parametrize(
    "body",
    [
        b"{broken",
        b"\xff\xfe\x00",
        b'{"content": NaN}',
        b'{"flags": 1e999}',
        b'{"content": "\\ud800"}',
        b'{"flags": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"[" * 100 + b"]" * 100,
        gzip.compress(b'{"content": "x"}'),
    ],
    ids=["broken", "bytes", "nan", "infinite", "half a pair", "5000 digits", "open lists", "deep", "packed"],
)
async def test_what_is_no_json_is_refused_as_such(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
    status, told = await answer(session, url, body)
    assert (status, told["code"]) == (400, 50109)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"flags": 1' + b"0" * 4000 + b"}", "flags"),
        (b'{"content": "x", "content": 5}', "content"),
        (b'{"content": "x", "nonce": [[]]}', "nonce"),
        (b'{"components": [{"type": 1, "components": ' * 12 + b"[]" + b"}]}" * 12, "components"),
    ],
    ids=["4000 digits", "twice", "list", "rows in rows"],
)
async def test_json_that_is_no_message_is_told_where(
    session: aiohttp.ClientSession, url: str, body: bytes, path: str
) -> None:
    status, told = await answer(session, url, body)
    assert (status, told["code"]) == (400, 50035)
    assert path in told["errors"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", form(("payload_json", "", "{}"))),
        (BOUNDARY, b"nothing of the sort"),
        (BOUNDARY, form(("payload_json", "", "{broken"))),
        (BOUNDARY, b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n"),
    ],
    ids=["no boundary", "no form", "broken payload_json", "a form in a form"],
)
async def test_a_form_that_is_none_is_refused(session: aiohttp.ClientSession, url: str, kind: str, body: bytes) -> None:
    status, told = await answer(session, url, body, **{"Content-Type": kind})
    assert (status, told["code"]) in {(400, 50109), (400, 50006)}


async def test_of_two_payloads_in_a_form_the_second_counts(session: aiohttp.ClientSession, url: str) -> None:
    body = form(("payload_json", "", '{"content": "first"}'), ("payload_json", "", '{"content": "second"}'))
    status, message = await answer(session, url, body, **{"Content-Type": BOUNDARY})
    assert (status, message["content"]) == (200, "second")


async def test_a_form_may_name_its_fields_one_by_one(session: aiohttp.ClientSession, url: str) -> None:
    status, message = await answer(session, url, form(("content", "", "plain")), **{"Content-Type": BOUNDARY})
    assert (status, message["content"]) == (200, "plain")
    kind = "application/x-www-form-urlencoded"
    status, message = await answer(session, url, b"content=a+b", **{"Content-Type": kind})
    assert (status, message["content"]) == (200, "a b")


async def test_more_than_ten_files_are_too_many(session: aiohttp.ClientSession, url: str) -> None:
    files = [(f"files[{n}]", '; filename="a.txt"', "x") for n in range(300)]
    status, told = await answer(session, url, form(*files), **{"Content-Type": BOUNDARY})
    assert (status, told["code"]) == (400, 50035)
    assert told["errors"]["attachments"]["_errors"][0]["message"] == "Must be 10 or fewer in length."


async def _pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // MIB):
        yield bytes(MIB)


@pytest.mark.parametrize("kind", ["application/json", BOUNDARY])
async def test_a_body_without_end_is_too_large(session: aiohttp.ClientSession, url: str, kind: str) -> None:
    try:
        status, told = await answer(session, url, _pieces(26 * MIB), **{"Content-Type": kind})
    except aiohttp.ClientConnectionError:
        pytest.fail("the socket was closed before the answer could be read")
    assert (status, told["code"]) in {(413, 40005), (400, 50109)}


async def _raw(url: str, head: bytes, body: bytes, *, ends: bool = False) -> bytes:
    """Send bytes as they are and return all that comes back; ``ends``: hang up before it does."""
    at = URL(url)
    assert at.host is not None
    reader, writer = await asyncio.open_connection(at.host, at.port)
    writer.write(f"POST {at.path} HTTP/1.1\r\nHost: {at.host}:{at.port}\r\n".encode() + head + b"\r\n" + body)
    if ends:
        writer.write_eof()
    async with asyncio.timeout(BOUND_S):
        told = await reader.read()
    writer.close()
    return told


async def test_a_token_that_is_no_text_is_no_token(url: str) -> None:
    told = await _raw(url, b"Authorization: Bot \xff\xfe\r\nContent-Length: 0\r\nConnection: close\r\n", b"")
    assert told.startswith(b"HTTP/1.1 401")
    assert json.loads(told.split(b"\r\n\r\n", 1)[1])["code"] == 0


async def test_a_body_that_ends_early_leaves_nothing_behind(
    emulator: tuple[Emulator, Addresses], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    running, addresses = emulator
    head = f"Authorization: Bot {addresses.bot_token}\r\nContent-Length: 500\r\n".encode()
    await _raw(url, head, b'{"content": "x"}', ends=True)
    assert not any(channel.messages for channel in running.world.channels.values())
    assert not [one for one in caplog.records if one.exc_info]
