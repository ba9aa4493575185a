"""File servers that mean harm: a download is over in its time, small in memory, and one sentence."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.errors import UserError
from bot.images.download import Downloader

LIMIT = 100_000
TOTAL_S = 1.0
MOST_BYTES = 8 * 2**20  # that Python holds at most of an answer of at most LIMIT
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

# What is sent first, and what is sent again and again after it.
ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "a status line": (b"HTTP/1.1 200 ", b"x" * 1000),
    "one header": (OK + b"X: ", b"x" * 1000),
    "headers": (OK, b"X-Header: value\r\n" * 50),
    "cookies": (OK, b"Set-Cookie: a=b\r\n" * 50),
    "other answers before the answer": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 20),
    "chunks": (CHUNKED, b"3e8\r\n" + bytes(1000) + b"\r\n"),
    "chunks of one byte": (CHUNKED, b"1\r\nx\r\n" * 200),
    "what stands beside a chunk": (CHUNKED + b"1;a=", b"b" * 1000),
    "a length of a chunk": (CHUNKED, b"0" * 1000),
    "lines after the last chunk": (CHUNKED + b"0\r\n", b"Trailer: x\r\n" * 50),
    "a body without a length": (OK + b"Connection: close\r\n\r\n", bytes(1000)),
}
LIES: dict[str, bytes] = {
    "more is said than sent": OK + b"Content-Length: 5000\r\n\r\n" + bytes(100),
    "a length below nothing": OK + b"Content-Length: -1\r\n\r\n",
    "a length that is no number": OK + b"Content-Length: 1e9\r\n\r\n",
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "a length and chunks": OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length of an exabyte": OK + b"Content-Length: 1000000000000000000\r\n\r\n",
    "a chunk of an exabyte": CHUNKED + b"de0b6b3a7640000\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing": b"",
    "a redirect into our network": b"HTTP/1.1 302 X\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n",
    "a redirect to a file": b"HTTP/1.1 307 X\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    "a page that leads elsewhere": b"HTTP/1.1 300 X\r\nRefresh: 0; url=http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n",
}


@asynccontextmanager
async def served(first: bytes, again: bytes = b"", pause_s: float = 0.0) -> AsyncIterator[str]:
    """A server that sends ``first``, then ``again`` without end; without it, it closes."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(first)
            while again:
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(pause_s)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


async def outcome(origin: str) -> bytes | str:
    downloader = Downloader([origin], LIMIT, total_s=TOTAL_S)
    try:
        return await asyncio.wait_for(downloader.fetch(f"{origin}/picture.png"), 30)
    except UserError as error:
        return str(error)
    finally:
        await downloader.close()


@pytest.mark.parametrize("name", ENDLESS)
async def test_what_never_ends_is_left_and_fills_no_memory(name: str) -> None:
    first, again = ENDLESS[name]
    tracemalloc.start()
    try:
        async with served(first, again) as origin:
            told = await outcome(origin)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(told, str), told
    assert told.endswith(".")
    assert peak < MOST_BYTES


@pytest.mark.parametrize("name", ["headers", "chunks of one byte", "a body without a length"])
async def test_what_trickles_is_left_when_its_time_is_over(name: str) -> None:
    first, again = ENDLESS[name]
    async with served(first, again[:17], pause_s=0.05) as origin:
        assert "too long" in str(await outcome(origin))


@pytest.mark.parametrize("name", LIES)
async def test_a_server_that_lies_gets_a_sentence_out_of_us_or_nothing_but_bytes(name: str) -> None:
    async with served(LIES[name]) as origin:
        told = await outcome(origin)
    assert told == b"" if isinstance(told, bytes) else told.endswith("."), told


SPELLINGS = """
    2130706433 0x7f000001 017700000001 127.1 0177.0.0.1 [::ffff:127.0.0.1] [::127.0.0.1] ①②⑦.⓪.⓪.① localhost. LOCALHOST
    cdn.test@127.0.0.1 cdn.test%00.127.0.0.1 cdn.test%2f@127.0.0.1 127.0.0.1#@cdn.test 127.0.0.1\\@cdn.test
"""


@pytest.mark.parametrize("host", SPELLINGS.split())
async def test_no_spelling_of_an_address_is_taken_for_the_origin(host: str) -> None:
    async with served(OK + b"Content-Length: 5\r\n\r\nhello") as there:
        port = there.rpartition(":")[2]
        downloader = Downloader([f"https://cdn.test:{port}"], LIMIT, total_s=TOTAL_S)
        try:
            for scheme in ("http", "https"):
                with pytest.raises(UserError, match="not on Discord"):
                    await downloader.fetch(f"{scheme}://{host}:{port}/picture.png")
        finally:
            await downloader.close()


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "017700000001"])
async def test_a_number_that_systems_read_as_this_machine_is_not_connected_to(host: str) -> None:
    async with served(OK + b"Content-Length: 5\r\n\r\nhello") as there:
        port = there.rpartition(":")[2]
        try:
            downloader = Downloader([f"https://{host}:{port}"], LIMIT, total_s=TOTAL_S)
        except ValueError:
            return  # it is no setting
        try:
            with pytest.raises(UserError, match="try again"):
                await downloader.fetch(f"https://{host}:{port}/picture.png")
        finally:
            await downloader.close()
