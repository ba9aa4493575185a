"""No question to a gallery has the database look through a whole table, or a whole index: it says how it would go."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.bench import gallery_rows
from bot.bench.gallery_rows import GUILD, Size, word
from bot.entry import Cursor, EntryState, Listing, Order, Period, Visitor
from bot.store.database import Database
from bot.store.gallery import ways
from bot.store.gallery.entries import EntryStore
from bot.store.gallery.likenesses import Likenesses
from bot.store.gallery.listings import Listings
from bot.store.gallery.queues import Place, Queue, Queues, Way
from bot.store.gallery.tables import EntryRow
from bot.store.gallery.used import Used
from bot.store.gallery.votes import Votes

SOME = Size(2_000, 2_000)
VISITORS = (Visitor(GUILD, 1), Visitor(GUILD, 1, restricted=True), Visitor(GUILD, web=True))
LISTINGS = [
    Listing(),
    Listing(person_id=1),
    Listing(tag=word(0)),
    Listing(preset=f"Preset {word(0)}"),
    Listing(words=word(0)),
    Listing(words=f"{word(0)[:3]} {word(1)}"),
]
ORDERS = [(Order.NEWEST, Period.EVER), (Order.TOP, Period.EVER), (Order.TOP, Period.WEEK), (Order.RANDOM, Period.EVER)]
Asked = list[tuple[str, Any]]


@pytest.fixture
async def full(database: Database, database_url: str) -> Database:
    """A database with a gallery of some thousand entries, and what its planner wants to know of them."""
    gallery_rows.write(database_url, SOME)
    if database.exclusive:
        async with database.write() as session:
            await (await session.connection()).exec_driver_sql("ANALYZE")
    return database


@contextmanager
def asked_of(database: Database) -> Iterator[Asked]:
    """Collect the questions that are asked meanwhile."""
    found: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            found.append((statement, parameters))

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def whole_tables(database: Database, asked: Asked) -> list[str]:
    """Return the steps of these questions' plans that look through a whole table of a gallery, or a whole index."""
    found = []
    async with database.read() as session:
        connection = await session.connection()
        if not database.exclusive:
            # A table of some thousand rows may be read whole where that is quick: what if it were large?
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in asked:
            if database.exclusive:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found += [
                    f"{step}: {statement}"
                    for *_, step in plan
                    if re.match(r"SCAN gallery_|SEARCH gallery_.*ANY\(", step)
                ]
            else:
                plan = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
                told = plan.scalar_one()
                found += [
                    f"{step}: {statement}"
                    for step in _steps((json.loads(told) if isinstance(told, str) else told)[0]["Plan"])
                ]
    return found


def _steps(node: dict[str, Any]) -> Iterator[str]:
    kind = node["Node Type"]
    if kind == "Seq Scan" and node["Relation Name"].startswith("gallery_"):
        yield f"{kind} on {node['Relation Name']}"
    if "Index" in kind and "gallery_" in node["Index Name"] and "Index Cond" not in node:
        yield f"{kind} using {node['Index Name']}"
    for below in node.get("Plans", ()):
        yield from _steps(below)


async def test_no_listing_looks_through_a_whole_table(full: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    listings = Listings(full)
    ways_to_go = itertools.product((ways.FEW, 20), VISITORS, LISTINGS, ORDERS)
    with asked_of(full) as asked:
        for few, visitor, listing, (order, period) in ways_to_go:
            monkeypatch.setattr(ways, "FEW", few)  # first all are gathered, then walked
            chosen = replace(listing, order=order, period=period, start=500)
            await listings.page(visitor, chosen, Cursor(400, 5, back=few == 20), 9)
            await listings.count(visitor, chosen, 1000)
    assert len(asked) > 300
    each = {statement: (statement, given) for statement, given in asked}
    assert not await whole_tables(full, list(each.values()))


async def test_nothing_else_does_either(full: Database) -> None:
    entries, queues, used = EntryStore(full), Queues(full), Used(full)
    entry = await entries.get(replace(VISITORS[0], moderates=True, restricted=True), 1)
    assert entry is not None
    with asked_of(full) as asked:
        for visitor in VISITORS:
            await entries.get(visitor, 5)
            await entries.by_slug(visitor, f"{5:022d}")
            await used.people(visitor)
        await Listings(full).beside(VISITORS[0], Listing(), entry)
        await entries.of_person(1, 25, 1000)
        await entries.without_thumbnail(frozenset({1}))
        await Likenesses(full).near(GUILD, 1 << 40, 6, (EntryState.SHOWN,))
        await Likenesses(full).has(GUILD, "a" * 64)
        await Votes(full).mine(VISITORS[0], [1, 2, 3])
        await queues.numbers(GUILD)
        await queues.last_act(GUILD, 5)
        await queues.count_of(GUILD, 1)
        for queue, way in itertools.product(Queue, Way):
            await queues.look(GUILD, Place(queue), way)
            await queues.look(GUILD, Place(queue, 1, 1000), way)
    assert not await whole_tables(full, asked)


async def test_a_question_that_would_is_found_out(full: Database) -> None:
    for bad in (
        select(EntryRow).where(EntryRow.title.contains("ka")).order_by(EntryRow.created_at),  # along another index
        select(EntryRow.id).where(EntryRow.title == "ka"),  # of a column without an index
        select(EntryRow.id).where(EntryRow.spoiler).order_by(EntryRow.id.desc()),  # along the key
    ):
        with asked_of(full) as asked:
            async with full.read() as session:
                await session.execute(bad.limit(5))
        assert await whole_tables(full, asked)
