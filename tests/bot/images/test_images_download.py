"""Downloads: from the given origins only, bounded in size and time, and each refusal in one clear sentence."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import UserError
from bot.images.addresses import is_loopback, is_public
from bot.images.download import Downloader

LIMIT = 100_000
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(50_000)


class Cdn:
    """A file server on loopback, with files that behave badly."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.origin = ""
        self.sent = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        match request.path:
            case "/picture.png":
                return web.Response(body=PICTURE)
            case "/gone.png":
                return web.Response(status=404, text="This content is no longer available.")
            case "/broken.png":
                return web.Response(status=502)
            case "/redirect.png":
                return web.Response(status=302, headers={"Location": f"{self.origin}/picture.png"})
            case "/large.png":
                return web.Response(body=bytes(LIMIT + 1))
            case "/endless.png":
                return await self._endless(request, pause_s=0)
            case "/slow.png":
                return await self._endless(request, pause_s=0.05)
            case "/cut.png":
                return await self._cut(request)
            case "/bomb.png":
                return web.Response(body=b"\x1f\x8b bomb", headers={"Content-Encoding": "gzip"})
            case other:
                raise AssertionError(other)

    async def _endless(self, request: web.Request, pause_s: float) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1000))
            self.sent += 1000
            await asyncio.sleep(pause_s)

    async def _cut(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(bytes(100))
        assert request.transport is not None
        request.transport.abort()
        return response


@pytest.fixture
async def cdn() -> AsyncIterator[Cdn]:
    there = Cdn()
    app = web.Application()
    app.router.add_get("/{tail:.*}", there.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    there.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield there
    await runner.cleanup()


@asynccontextmanager
async def downloads(
    *origins: str, total_s: float = 10, resolver: AbstractResolver | None = None
) -> AsyncIterator[Downloader]:
    downloader = Downloader(origins, LIMIT, total_s=total_s, resolver=resolver)
    try:
        yield downloader
    finally:
        await downloader.close()


async def refusal(fetch: Callable[[str], Awaitable[bytes]], url: str) -> str:
    with pytest.raises(UserError) as caught:
        await fetch(url)
    return str(caught.value)


async def test_a_picture_arrives_as_it_was_attached(cdn: Cdn) -> None:
    async with downloads(cdn.origin) as downloader:
        assert await downloader.fetch(f"{cdn.origin}/picture.png?ex=1&hm=2") == PICTURE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.png", "no longer there: please send it again"),
        ("broken.png", "try again in a minute"),
        ("redirect.png", "not on Discord"),
        ("large.png", "too large"),
        ("endless.png", "too large"),
        ("cut.png", "try again in a minute"),
    ],
)
async def test_what_cannot_be_fetched_is_told_in_one_sentence(cdn: Cdn, name: str, words: str) -> None:
    async with downloads(cdn.origin) as downloader:
        assert words in await refusal(downloader.fetch, f"{cdn.origin}/{name}")
        assert cdn.asked == [f"/{name}"]  # once, and no redirect followed
        assert await downloader.fetch(f"{cdn.origin}/picture.png") == PICTURE


async def test_an_endless_file_is_left_soon_after_the_limit(cdn: Cdn) -> None:
    async with downloads(cdn.origin) as downloader:
        await refusal(downloader.fetch, f"{cdn.origin}/endless.png")
    assert cdn.sent < 100 * LIMIT


async def test_a_file_that_trickles_is_left_when_its_time_is_over(cdn: Cdn) -> None:
    async with downloads(cdn.origin, total_s=0.4) as downloader:
        assert "too long" in await refusal(downloader.fetch, f"{cdn.origin}/slow.png")


async def test_a_compressed_answer_is_not_unpacked(cdn: Cdn) -> None:
    async with downloads(cdn.origin) as downloader:
        assert await downloader.fetch(f"{cdn.origin}/bomb.png") == b"\x1f\x8b bomb"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/picture.png",
        "https://cdn.discordapp.com.example.com/picture.png",
        "http://cdn.discordapp.com/picture.png",
        "https://cdn.discordapp.com:8443/picture.png",
        "https://cdn.discordapp.com@example.com/picture.png",
        "https://somebody@cdn.discordapp.com/picture.png",
        "file:///etc/passwd",
        "//cdn.discordapp.com/picture.png",
        "picture.png",
        "https://[bad/",
        "",
    ],
)
async def test_any_other_origin_is_refused_without_asking(url: str) -> None:
    async with downloads("https://cdn.discordapp.com", resolver=Lying({})) as downloader:
        assert "not on Discord" in await refusal(downloader.fetch, url)


async def test_another_port_of_the_same_machine_is_refused(cdn: Cdn) -> None:
    async with downloads("http://127.0.0.1:1") as downloader:
        assert "not on Discord" in await refusal(downloader.fetch, f"{cdn.origin}/picture.png")
    assert cdn.asked == []


class Lying(AbstractResolver):
    """A name server that answers what an attacker likes."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = answers
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for address in self.answers[host]
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])
async def test_a_name_that_leads_into_our_own_network_is_refused(address: str) -> None:
    connections = 0

    def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for others in ([], ["1.1.1.1"]):  # alone, and hidden behind a public one
        resolver = Lying({"cdn.test": [*others, address]})
        async with downloads(f"https://cdn.test:{port}", resolver=resolver) as downloader:
            assert "try again" in await refusal(downloader.fetch, f"https://cdn.test:{port}/picture.png")
        assert resolver.asked == 1
    server.close()
    await server.wait_closed()
    assert connections == 0


async def test_the_address_that_was_checked_is_the_one_connected_to(cdn: Cdn) -> None:
    """A name whose answer changes between a check and the connection gains nothing: it is asked once."""
    port = int(cdn.origin.rpartition(":")[2])
    resolver = Lying({"localhost": ["127.0.0.1"]})
    async with downloads(f"http://localhost:{port}", resolver=resolver) as downloader:
        assert await downloader.fetch(f"http://localhost:{port}/picture.png") == PICTURE
    assert resolver.asked == 1


async def test_localhost_that_leads_elsewhere_is_refused() -> None:
    async with downloads("http://localhost:9", resolver=Lying({"localhost": ["1.1.1.1"]})) as downloader:
        assert "try again" in await refusal(downloader.fetch, "http://localhost:9/picture.png")


@pytest.mark.parametrize(
    "origin",
    ["http://cdn.discordapp.com", "https://10.0.0.7", "https://[fd00::1]", "https://cdn.test/path", "ftp://127.0.0.1"],
)
def test_an_origin_that_is_not_safe_is_no_setting(origin: str) -> None:
    with pytest.raises(ValueError, match="is "):
        Downloader([origin], LIMIT)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("162.159.133.233", True),
        ("2606:4700::6812:1", True),
        ("64:ff9b::a29f:85e9", True),  # a public IPv4 address behind NAT64
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.1", False),
        ("fe80::1%eth0", False),
        ("::127.0.0.1", False),  # IPv4 in IPv6, as it once was
        ("::ffff:0:127.0.0.1", False),  # RFC 7915: translated
        ("64:ff9b:1::7f00:1", False),  # RFC 8215: a translator of one's own
        ("fec0::1", False),  # of a site
        ("5f00::1", False),
        ("3fff::1", False),
        ("192.0.0.9", False),
        ("2130706433", False),
        ("0177.0.0.1", False),
        ("not an address", False),
    ],
)
def test_public_addresses_are_told_from_others(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_loopback_is_this_machine_only() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("localhost.example.com")
    assert not is_loopback("10.0.0.1")
