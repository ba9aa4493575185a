"""``python -m bot.bench gallery``: how soon a large gallery answers, asked straight at the store."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Any

import click
import psutil

from bot.bench import gallery_rows
from bot.bench.circumstances import Circumstances
from bot.bench.gallery_rows import GUILD, PEOPLE, TAGS, VOTERS, WORDS, Size, word
from bot.entry import PLACES, Cursor, EntryState, Listing, Order, Period, Visitor
from bot.store.database import Database
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import EntryStore
from bot.store.gallery.likenesses import Likenesses
from bot.store.gallery.listings import Listings
from bot.store.gallery.queues import Place, Queue, Queues, Way
from bot.store.gallery.used import Used
from bot.store.gallery.votes import Votes
from bot.store.upgrade import upgrade

GOAL_MS = 50.0  # of 95 in 100 calls
PAGE = 9  # entries
COUNTED = 1_000  # up to which a listing is counted
WARM_UP = 10  # calls that are not looked at: the first ones open connections and read pages
NEAR = 6  # bits
TESTS = Path(__file__).parents[2] / "tests"  # of a checkout

Call = Callable[[int], Awaitable[Any]]  # with the number of the call


@dataclass(frozen=True)
class Took:
    """What the calls of one kind took."""

    what: str
    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True)
class Figures:
    """What came out on one database."""

    database: str
    entries: int
    votes: int
    calls: int  # of each kind
    resident_before_mib: int
    resident_after_mib: int
    took: tuple[Took, ...]
    circumstances: Circumstances

    @property
    def is_met(self) -> bool:
        """Whether all is as wanted."""
        return all(one.p95_ms <= GOAL_MS for one in self.took)


class Asked:
    """Everything that is asked of the store, by what it is called. Each call asks for something else."""

    def __init__(self, database: Database, size: Size) -> None:
        self._chance = random.Random(1)  # noqa: S311 - nothing is secret here
        self._size = size
        self._listings = Listings(database)
        self._entries = EntryStore(database)
        self._votes = Votes(database)
        self._decisions = Decisions(database)
        self._queues = Queues(database)
        self._used = Used(database)
        self._likenesses = Likenesses(database)

    def calls(self) -> dict[str, Call]:
        """Return them."""
        top, common, rare = Listing(Order.TOP), word(0), word(TAGS - 1)
        pages = {
            "newest": Listing(),
            "top of the day": replace(top, period=Period.DAY),
            "top of the week": replace(top, period=Period.WEEK),
            "top of the month": replace(top, period=Period.MONTH),
            "top": top,
            "by a person of many": Listing(person_id=1),
            "by a person of few": Listing(person_id=PEOPLE),
            "by a person of many, top": replace(top, person_id=1),
            "a common tag": Listing(tag=common),
            "a common tag, top": replace(top, tag=common),
            "a common tag, random": Listing(Order.RANDOM, tag=common),
            "a common tag, top of the week": replace(top, tag=common, period=Period.WEEK),
            "a rare tag": Listing(tag=rare),
            "a rare tag, top": replace(top, tag=rare),
            "a preset": Listing(preset=f"Preset {word(0)}"),
            "a preset, top": replace(top, preset=f"Preset {word(0)}"),
            "a common word": Listing(words=common),
            "a common word, top": replace(top, words=common),
            "a rare word": Listing(words=word(WORDS - 1)),
            "a common beginning": Listing(words=common[:2]),
            "a common beginning, top": replace(top, words=common[:2]),
            "two common words": Listing(words=f"{common} {word(1)}"),
            "two words, one rare": Listing(words=f"{common} {word(WORDS // 2)}"),
            "words of no entry": Listing(words="nothing has this"),
        }
        found: dict[str, Call] = {name: self._page(listing) for name, listing in pages.items()}
        found |= {
            "random": lambda _: self._listings.page(
                self._visitor(), Listing(Order.RANDOM, start=self._chance.randrange(PLACES)), None, PAGE
            ),
            "newest, a deep page": lambda _: self._listings.page(self._visitor(), Listing(), self._deep(), PAGE),
            "top, a deep page back": lambda number: self._listings.page(
                self._visitor(), top, Cursor(number % 20, self._id(), back=True), PAGE
            ),
        }
        counted = {"all": Listing(), "a common tag": Listing(tag=common), "a rare tag": Listing(tag=rare)}
        counted |= {"a common word": Listing(words=common), "two common words": pages["two common words"]}
        found |= {f"count of {name}": self._count(listing) for name, listing in counted.items()}
        return found | self._others(common)

    def _others(self, common: str) -> dict[str, Call]:
        shown = (EntryState.SHOWN, EntryState.REMOVED)
        return {
            "tags, most used": lambda _: self._used.tags(self._visitor()),
            "tags, by their beginning": lambda _: self._used.tags(self._visitor(), common[:2]),
            "presets": lambda _: self._used.presets(self._visitor()),
            "people": lambda _: self._used.people(self._visitor()),
            "get": lambda _: self._entries.get(self._visitor(), self._id()),
            "get by its address": lambda _: self._entries.by_slug(self._visitor(), f"{self._id():022d}"),
            "a person's own": lambda number: self._entries.of_person(number % PEOPLE + 1, 25),
            "without a thumbnail": lambda _: self._entries.without_thumbnail(frozenset()),
            "alike": lambda _: self._likenesses.near(GUILD, self._chance.getrandbits(63), NEAR, shown),
            "vote": lambda number: self._votes.cast(Visitor(GUILD, VOTERS + 1), number + 1, for_it=True),
            "take a vote back": lambda number: self._votes.cast(Visitor(GUILD, VOTERS + 1), number + 1, for_it=False),
            "report": lambda _: self._decisions.report(self._reporter(), self._id(), "upside down", 1_000),
            "the queues' numbers": lambda _: self._queues.numbers(GUILD),
            "what was done last": lambda _: self._queues.last_act(GUILD, self._id()),
            "how many of a person": lambda number: self._queues.count_of(GUILD, number % PEOPLE + 1),
        } | {
            f"queue, {way.name.lower()}: {queue.name.lower()}": self._look(queue, way) for queue in Queue for way in Way
        }

    def _look(self, queue: Queue, way: Way) -> Call:
        """Look from the queue's beginning, and from an entry anywhere in it, or where one was."""
        return lambda number: self._queues.look(
            GUILD, Place(queue, number % 3, self._id()) if number % 2 else Place(queue), way
        )

    def _page(self, listing: Listing) -> Call:
        return lambda _: self._listings.page(self._visitor(), listing, None, PAGE)

    def _count(self, listing: Listing) -> Call:
        return lambda _: self._listings.count(self._visitor(), listing, COUNTED)

    def _visitor(self) -> Visitor:
        """Return somebody in a channel, in an age-restricted one, or on the web."""
        person_id = self._chance.randrange(VOTERS)
        anybody = Visitor(GUILD, person_id)
        return self._chance.choice((anybody, replace(anybody, restricted=True), Visitor(GUILD, web=True)))

    def _reporter(self) -> Visitor:
        return Visitor(GUILD, self._chance.randrange(VOTERS), restricted=True)

    def _id(self) -> int:
        return self._chance.randint(1, self._size.entries)

    def _deep(self) -> Cursor:
        now_us = time.time_ns() // 1000
        return Cursor(now_us - self._chance.randrange(300 * 24 * 3600 * 1_000_000), 1)


async def measure(url: str, size: Size, calls: int) -> Figures:
    """Write a gallery into an empty database, and time what is asked of it, one call after the other."""
    await upgrade(url)
    gallery_rows.write(url, size)
    database = Database(url)
    process = psutil.Process()
    try:
        kinds = Asked(database, size).calls()
        for call in kinds.values():
            await _timed(call, WARM_UP)
        before = process.memory_info().rss
        took = tuple([_took(name, await _timed(call, calls)) for name, call in kinds.items()])
        after = process.memory_info().rss
    finally:
        await database.close()
    return Figures(
        database="SQLite" if database.exclusive else "PostgreSQL",
        entries=size.entries,
        votes=size.votes,
        calls=calls,
        resident_before_mib=before >> 20,
        resident_after_mib=after >> 20,
        took=took,
        circumstances=Circumstances.now(),
    )


async def _timed(call: Call, calls: int) -> list[float]:
    seconds = []
    for number in range(calls):
        begun = time.perf_counter()
        await call(number)
        seconds.append(time.perf_counter() - begun)
    return seconds


def _took(what: str, seconds: list[float]) -> Took:
    cuts = quantiles(seconds, n=20)
    return Took(what, *(round(1000 * one, 1) for one in (cuts[9], cuts[18], max(seconds))))


def told(figures: Figures) -> str:
    """Say it for a person."""
    one = figures
    lines = [
        f"{one.database}: {one.entries} entries, {one.votes} votes, {one.calls} calls of each; {GOAL_MS:.0f} ms wanted"
    ]
    lines += [f"  {'':32}{'median':>9}{'95 of 100':>12}{'slowest':>10}  ms"]
    lines += [f"  {took.what:32}{took.p50_ms:9.1f}{took.p95_ms:12.1f}{took.max_ms:10.1f}" for took in one.took]
    lines += [f"  resident {one.resident_before_mib} MiB before, {one.resident_after_mib} MiB after"]
    return "\n".join([*lines, f"  on {one.circumstances.words}"])


@contextmanager
def _address(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database of its own. Raises ClickException."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'oneiros.sqlite'}"
        return
    # The tests know how to start a server of their own.
    found = importlib.util.spec_from_file_location("databases", TESTS / "databases.py")
    if found is None or found.loader is None or not (TESTS / "databases.py").exists():
        raise click.ClickException("PostgreSQL is measured in a checkout of the project: the tests start it.")
    databases = importlib.util.module_from_spec(found)
    found.loader.exec_module(databases)
    programs = databases.programs()
    if programs is None:
        raise click.ClickException("PostgreSQL is not installed: install it, or measure --on sqlite.")
    with databases.running(programs) as server, server.database() as url:
        yield url


@click.command()
@click.option(
    "--entries", default=100_000, show_default=True, type=click.IntRange(100), help="how large the gallery is"
)
@click.option("--votes", default=1_000_000, show_default=True, type=click.IntRange(0), help="for all of them together")
@click.option("--calls", default=200, show_default=True, type=click.IntRange(20), help="how often each is asked")
@click.option("--on", "kinds", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="default: both")
@click.option("--json", "file", type=click.Path(path_type=Path), help="write the figures to this file, too")
def gallery(entries: int, votes: int, calls: int, kinds: tuple[str, ...], file: Path | None) -> None:
    """Time what a large gallery is asked, on SQLite and on PostgreSQL."""
    measured = []
    for kind in kinds or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, _address(kind, Path(folder)) as url:
            figures = asyncio.run(measure(url, Size(entries, votes), calls))
        click.echo(told(figures))
        measured.append(figures)
    if file is not None:
        file.write_text(json.dumps([asdict(one) for one in measured], indent=2) + "\n")
    sys.exit(0 if all(one.is_met for one in measured) else 1)
