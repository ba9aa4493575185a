"""``python -m bot.bench web``: full answers a second of a large gallery's pages, beside a handler that does nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

import click
import psutil
from aiohttp import web

from bot.bench import gallery_rows
from bot.bench.circumstances import Circumstances
from bot.bench.gallery_rows import DAYS, GUILD, PRESETS, TAGS, WORDS, Size, word
from bot.entry import PLACES
from bot.guild import GuildSettings, WebMode
from bot.store.database import default_url
from bot.store.guilds import GuildStore
from bot.store.opening import opened

KEY = "bench" + "A" * 17
GOAL_OF_BARE, GOAL_MS = 0.5, 50.0
AT_ONCE = 16  # connections
VOTES_EACH = 10  # on average
VISITORS = 2000
START_S, WARM, ROUNDS = 60.0, 200, 10
FILLING = 2000  # pages, after which what is kept in memory has grown as large as it may


@dataclass(frozen=True)
class Figures:
    """What came out."""

    entries: int
    page_bytes: int
    kept_a_second: float  # the grid's first page, nothing committed meanwhile
    bare_a_second: float  # the same bytes, from a handler that does nothing else
    of_bare: float  # the median of pairs
    fresh_p50_ms: float  # pages that nobody has asked for before, the way there and back
    fresh_p95_ms: float
    memory_mib: tuple[int, int]  # after warming up, and at the end
    circumstances: Circumstances

    @property
    def is_met(self) -> bool:
        """Whether all is as wanted."""
        return self.of_bare >= GOAL_OF_BARE and self.fresh_p95_ms <= GOAL_MS


async def fill(url: str, entries: int) -> None:
    """Write a server's gallery of that many entries, with a page on the web, into an empty database."""
    async with opened(url) as database:
        await GuildStore(database).change(GUILD, 1, 0, _with_page)
    gallery_rows.write(url, Size(entries, VOTES_EACH * entries))


def _with_page(settings: GuildSettings) -> GuildSettings:
    return settings.changed(gallery={"web": WebMode.PUBLIC, "web_key": KEY, "web_name": "The Bench"})


def fresh(entries: int) -> Iterator[str]:
    """Return addresses of pages, each time another: places all over the gallery, in every order and by every filter."""
    chance = random.Random(11)  # noqa: S311 - the same questions each time
    now = time.time()
    for number in itertools.count():
        at = chance.randrange(1, entries + 1)
        after = f"{int((now - DAYS * 86400 * (1 - at / entries)) * 1e6)}.{at}"
        yield (
            f"/g/{KEY}"
            + (
                f"?after={after}",
                f"?sort=top&after={chance.randrange(20)}.{at}",
                f"?sort=random&start={chance.randrange(PLACES)}&after={chance.randrange(PLACES)}.{at}",
                f"?tag={word(chance.randrange(TAGS))}&after={after}",
                f"?preset=Preset+{word(chance.randrange(PRESETS))}&after={after}",
                f"?q={word(chance.randrange(WORDS))}&after={after}",
                f"?sort=top&q={word(chance.randrange(WORDS))}",
                f".json?after={after}",
            )[number % 8]
        )


class Asks:
    """A connection that asks as a proxy does, for many visitors in turn: nobody asks too often."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._visitors = itertools.cycle(range(VISITORS))

    async def __aenter__(self) -> Asks:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body."""
        visitor = next(self._visitors)
        who = f"10.0.{visitor >> 8}.{visitor & 255}"
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: {who}\r\n\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = int(head.lower().partition("content-length:")[2].split("\r\n")[0])
        return int(head.split(" ", 2)[1]), await self._reader.readexactly(length)


async def a_second(port: int, path: str, seconds: float) -> float:
    """Return how many whole answers a second come, asked for over ``AT_ONCE`` connections."""
    count, end = 0, time.perf_counter() + seconds

    async def ask() -> None:
        nonlocal count
        async with Asks(port) as asks:
            while time.perf_counter() < end:
                status, _ = await asks.get(path)
                if status != 200:
                    raise click.ClickException(f"The page answered {status}.")
                count += 1

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return round(count / seconds, 1)


async def timed(port: int, paths: Sequence[str]) -> list[float]:
    """Ask for one page after the other; return how long each took, in ms."""
    took = []
    async with Asks(port) as asks:
        for path in paths:
            begun = time.perf_counter()
            status, _ = await asks.get(path)
            took.append(1000 * (time.perf_counter() - begun))
            if status != 200:
                raise click.ClickException(f"{path} answered {status}.")
    return took


@asynccontextmanager
async def _process(*arguments: str, **settings: str) -> AsyncIterator[tuple[psutil.Process, int]]:
    """Run a server until it has said its port; yields it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, "ONEIROS_SETTINGS": os.devnull, **settings},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        if process.stderr is None:
            raise RuntimeError("there is a pipe")
        async with asyncio.timeout(START_S):
            while True:
                line = (await process.stderr.readline()).decode()
                if not line:
                    raise click.ClickException("The server ended before it served anything.")
                if "pages are on" in line:
                    break
        yield psutil.Process(process.pid), int(line.strip().rpartition(":")[2])
    finally:
        process.terminate()
        await process.wait()


def bare(body: Path) -> None:
    """Serve a file's bytes from memory, at any address: what aiohttp alone can do."""
    data = body.read_bytes()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=data, content_type="text/html", charset="utf-8")

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"the bare pages are on http://127.0.0.1:{runner.addresses[0][1]}", file=sys.stderr)  # noqa: T201
        await asyncio.Event().wait()

    asyncio.run(serve())


async def measure(entries: int, questions: int, seconds: float, folder: Path, url: str | None) -> Figures:
    """Fill a gallery, and time its pages in a process of their own."""
    await fill(url or default_url(folder), entries)
    addresses = fresh(entries)
    grid, settings = f"/g/{KEY}", {"DATA_DIR": str(folder), "WEB_PORT": "0", "TRUSTED_PROXIES": "127.0.0.1"}
    if url is not None:
        settings["DATABASE_URL"] = url
    async with _process("-m", "bot", "web", **settings) as (server, port):
        await timed(port, list(itertools.islice(addresses, FILLING)))
        before = server.memory_info().rss
        took = await timed(port, list(itertools.islice(addresses, questions)))
        async with Asks(port) as asks:
            _, body = await asks.get(grid)
        page = folder / "page.html"
        page.write_bytes(body)
        async with _process("-m", "bot.bench", "bare", str(page)) as (_, bare_port):
            await timed(bare_port, [grid] * WARM)
            kept, alone = [], []
            for _ in range(ROUNDS):  # by turns: whatever else the machine does falls on both
                kept.append(await a_second(port, grid, seconds / ROUNDS))
                alone.append(await a_second(bare_port, grid, seconds / ROUNDS))
        after = server.memory_info().rss
    cuts = quantiles(took, n=100)
    return Figures(
        entries=entries,
        page_bytes=len(body),
        kept_a_second=median(kept),
        bare_a_second=median(alone),
        of_bare=round(median(one / other for one, other in zip(kept, alone, strict=True)), 3),
        fresh_p50_ms=round(cuts[49], 1),
        fresh_p95_ms=round(cuts[94], 1),
        memory_mib=(before >> 20, after >> 20),
        circumstances=Circumstances.now(),
    )


def told(figures: Figures) -> str:
    """Say it for a person."""
    return "\n".join(
        [
            f"the pages of a gallery with {figures.entries} entries",
            f"  the grid, {figures.page_bytes} bytes   {figures.kept_a_second:8.1f} a second, "
            f"{figures.of_bare:.0%} of a bare handler's {figures.bare_a_second:.1f} ({GOAL_OF_BARE:.0%} wanted)",
            f"  pages not asked before {figures.fresh_p50_ms:6.1f} ms (median) {figures.fresh_p95_ms:6.1f} (95 of 100, "
            f"{GOAL_MS:.0f} wanted)",
            "  memory                 {} MiB after warming up, {} at the end".format(*figures.memory_mib),
            f"  on {figures.circumstances.words}",
        ]
    )


@click.command("web")
@click.option("--entries", default=100_000, show_default=True, type=click.IntRange(100), help="in the gallery")
@click.option("--questions", default=2000, show_default=True, type=click.IntRange(100), help="for pages not kept")
@click.option(
    "--seconds", default=10.0, show_default=True, type=click.FloatRange(0.5), help="of asking for the grid, of each"
)
@click.option("--database", "url", help="an empty PostgreSQL database; by default, a SQLite file")
@click.option("--json", "file", type=click.Path(path_type=Path), help="write the figures to this file, too")
def pages(entries: int, questions: int, seconds: float, url: str | None, file: Path | None) -> None:
    """Time the galleries' pages beside a bare aiohttp handler that sends the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(entries, questions, seconds, Path(folder), url))
    click.echo(told(figures))
    if file is not None:
        file.write_text(json.dumps(asdict(figures), indent=2) + "\n")
    sys.exit(0 if figures.is_met else 1)


@click.command("bare", hidden=True)
@click.argument("body", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bare_pages(body: Path) -> None:
    """Serve a file's bytes and do nothing else, for comparison."""
    bare(body)
