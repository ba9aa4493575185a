"""Listings: each order with each filter, in pages, while votes change and entries come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from gallery_samples import DREAMER, a_visitor, an_entry
from sqlalchemy import update

from bot.entry import Cursor, Entry, EntryState, Listing, Order, Page, Period, Visitor
from bot.store.database import Database
from bot.store.gallery import ways
from bot.store.gallery.entries import Draft, EntryStore
from bot.store.gallery.listings import Listings
from bot.store.gallery.tables import EntryRow
from bot.store.gallery.used import KEPT_S, MOST_KEPT, Use, Used
from bot.store.gallery.votes import Votes

ANYBODY = a_visitor()


@pytest.fixture(params=[ways.FEW, 1], ids=["gathered", "walked"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every listing found by the way for a few entries, then by those for many."""
    monkeypatch.setattr(ways, "FEW", request.param)


async def changed(database: Database, entry: Entry, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(EntryRow).where(EntryRow.id == entry.id).values(**values))


async def some_entries(database: Database, many: int, **draft: Any) -> list[Entry]:
    return [await an_entry(database, draft=Draft(**draft)) for _ in range(many)]


async def voted(database: Database, entry: Entry, votes: int) -> None:
    for person in range(votes):
        await Votes(database).cast(a_visitor(100 + person), entry.id, for_it=True)


async def forwards(database: Database, listing: Listing, limit: int, visitor: Visitor = ANYBODY) -> list[Page]:
    """Turn through all pages from the first."""
    pages: list[Page] = []
    at: Cursor | None = None
    while not pages or at is not None:
        pages.append(await Listings(database).page(visitor, listing, at, limit))
        at = pages[-1].next
    return pages


def ids(entries: Sequence[Entry]) -> list[int]:
    return [entry.id for entry in entries]


def ids_of(pages: Sequence[Page]) -> list[int]:
    return [entry.id for page in pages for entry in page.entries]


FILTERS = [Listing(tag="Sea"), Listing(preset="Été"), Listing(words="wav nigh"), Listing(person_id=DREAMER), Listing()]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("listing", FILTERS, ids=["tag", "preset", "words", "person", "all"])
async def test_each_filter_goes_with_each_order(database: Database, order: Order, listing: Listing) -> None:
    wanted = []
    for number in range(5):
        entry = await an_entry(database, draft=Draft("Waves at Night", ("sea",)), preset="Été")
        await changed(database, entry, votes=number % 3, place=200 * number)
        wanted.append(entry.id)
        other = await an_entry(database, draft=Draft("Days", ("land",)), person_id=DREAMER + 50, preset="Winter")
        if listing == Listing():
            wanted.append(other.id)
    start = 500
    chosen = replace(listing, order=order, start=start)
    pages = await forwards(database, chosen, 2)
    listed = [entry for page in pages for entry in page.entries]
    keys: dict[Order, Any] = {
        Order.NEWEST: lambda entry: (entry.shown_at, entry.id),
        Order.TOP: lambda entry: (entry.votes, entry.id),
        Order.RANDOM: lambda entry: (entry.place <= start, entry.place, entry.id),
    }
    assert ids(listed) == ids(sorted(listed, key=keys[order], reverse=True))
    assert sorted(ids(listed)) == wanted
    assert await Listings(database).count(ANYBODY, chosen, 100) == len(wanted)
    assert await Listings(database).count(ANYBODY, chosen, 3) == 3
    for before, page in pairwise(pages):
        assert page.previous is not None
        assert (await Listings(database).page(ANYBODY, chosen, page.previous, 2)).entries == before.entries


@pytest.mark.usefixtures("few")
async def test_the_top_of_a_period_is_of_those_first_shown_in_it(database: Database) -> None:
    entries = await some_entries(database, 4, tags=("sea",))
    for entry, days, votes in zip(entries, (0, 3, 20, 300), (1, 2, 3, 4), strict=True):
        assert entry.shown_at is not None
        await changed(database, entry, votes=votes, shown_at=entry.shown_at - timedelta(days=days))
    for period, many in {Period.DAY: 1, Period.WEEK: 2, Period.MONTH: 3, Period.EVER: 4}.items():
        for tag in (None, "sea"):
            pages = await forwards(database, Listing(Order.TOP, period, tag=tag), 3)
            assert ids_of(pages) == ids(entries[:many])[::-1]


async def test_entries_whose_votes_do_not_change_come_once_whatever_the_others_do(database: Database) -> None:
    entries = await some_entries(database, 9)
    for number, entry in enumerate(entries):
        await voted(database, entry, number)
    top = Listing(Order.TOP)
    first = await Listings(database).page(ANYBODY, top, None, 3)
    restless = {entries[0].id, entries[7].id}
    await voted(database, entries[0], 12)
    for person in range(7):
        await Votes(database).cast(a_visitor(100 + person), entries[7].id, for_it=False)
    seen = list(first.entries)
    at = first.next
    while at is not None:
        page = await Listings(database).page(ANYBODY, top, at, 3)
        seen += page.entries
        at = page.next
    quiet = [entry.id for entry in seen if entry.id not in restless]
    assert sorted(quiet) == sorted(entry.id for entry in entries if entry.id not in restless)


async def test_a_random_walk_begins_where_it_is_told_and_goes_round(database: Database) -> None:
    entries = await some_entries(database, 5)
    for entry, place in zip(entries, (0, 250, 500, 750, 999), strict=True):
        await changed(database, entry, place=place)
    zero, one, two, three, four = ids(entries)
    for start, walk in {
        600: [two, one, zero, four, three],
        500: [two, one, zero, four, three],
        0: [zero, four, three, two, one],
        999: [four, three, two, one, zero],
    }.items():
        for limit in (1, 2, 3, 5, 9):
            pages = await forwards(database, Listing(Order.RANDOM, start=start), limit)
            assert ids_of(pages) == walk


async def test_a_page_whose_entries_are_gone_is_the_last_one_or_the_first(database: Database) -> None:
    entries = await some_entries(database, 6)
    listings = Listings(database)
    first = await listings.page(ANYBODY, Listing(), None, 3)
    second = await listings.page(ANYBODY, Listing(), first.next, 3)
    for entry in entries[:3]:
        await EntryStore(database).withdraw(DREAMER, entry.id)
    assert ids((await listings.page(ANYBODY, Listing(), first.next, 3)).entries) == ids(first.entries)
    await EntryStore(database).withdraw(DREAMER, entries[5].id)
    back = await listings.page(ANYBODY, Listing(), second.previous, 3)
    assert ids(back.entries) == ids(entries[3:5])[::-1]
    assert (back.previous, back.next) == (None, None)


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("waves", True),
        ("WAV", True),
        ("wav eye", True),
        ("wav sea", True),
        ("wav nothing", False),
        ("aves", False),
        ("cafe", True),
        ("café", True),
        ("dogs", True),
        ("w%", True),
        ("w_ves", False),
        ("!?", False),
        ("\N{SMILING FACE WITH SMILING EYES}", False),
    ],
)
async def test_a_search_finds_what_has_all_words_by_their_beginnings(
    database: Database, typed: str, is_found: bool
) -> None:
    await an_entry(database, draft=Draft("Waves, eyes. Café!", ("sea", "night")))
    page = await Listings(database).page(ANYBODY, Listing(words=typed), None, 5)
    assert bool(page.entries) is is_found


@pytest.mark.usefixtures("few")
async def test_the_neighbours_of_an_entry_are_those_beside_it_in_a_listing(database: Database) -> None:
    entries = await some_entries(database, 3, tags=("sea",))
    await some_entries(database, 1)
    listing = Listing(tag="sea")
    before, after = await Listings(database).beside(ANYBODY, listing, entries[1])
    assert (before, after) == (entries[2], entries[0])
    before, after = await Listings(database).beside(ANYBODY, listing, entries[2])
    assert (before, after) == (None, entries[1])


async def test_what_is_restricted_or_not_on_the_web_is_in_no_list_there(database: Database) -> None:
    web = Visitor(ANYBODY.guild_id, web=True)
    plain = await an_entry(database, draft=Draft("Waves", ("sea",)))
    public = await an_entry(database, draft=Draft("Waves", ("sea",), on_web=True))
    hot = await an_entry(database, draft=Draft("Waves", ("sea", "hot")), restricted=True)
    for listing in (Listing(), Listing(tag="sea"), Listing(words="wav"), Listing(Order.TOP, tag="sea")):
        for visitor, wanted in {
            web: {public.id},
            ANYBODY: {plain.id, public.id},
            replace(ANYBODY, restricted=True): {plain.id, public.id, hot.id},
        }.items():
            page = await Listings(database).page(visitor, listing, None, 5)
            assert set(ids(page.entries)) == wanted
    used = Used(database)
    assert await used.tags(ANYBODY) == [Use("sea", 2)]
    assert await used.tags(web) == [Use("sea", 1)]
    await EntryStore(database).let_on_web(DREAMER, plain.id, on_web=True, credit="Ada")
    await EntryStore(database).let_on_web(DREAMER, public.id, on_web=False, credit=None)
    for listing in (Listing(), Listing(tag="sea"), Listing(words="ada")):
        page = await Listings(database).page(web, listing, None, 5)
        assert ids(page.entries) == [plain.id]


async def test_what_is_used_is_told_by_how_often_and_as_it_is_written(database: Database) -> None:
    for tags in (("café", "sea"), ("café",), ("cave",), ("sea",), ("café",)):
        await an_entry(database, draft=Draft(tags=tags), preset="Été")
    gone = await an_entry(database, draft=Draft(tags=("sea", "sea2")), person_id=77)
    await EntryStore(database).withdraw(77, gone.id)
    await an_entry(database, draft=Draft(tags=("wait",)), state=EntryState.PENDING, person_id=78)
    now = 0.0
    used = Used(database, lambda: now)
    assert await used.tags(ANYBODY) == [Use("café", 3), Use("sea", 2), Use("cave", 1)]
    assert await used.tags(ANYBODY, "CA", limit=1) == [Use("café", 3)]
    assert await used.tags(ANYBODY, "zz") == []
    assert await used.presets(ANYBODY, "ete") == [Use("Été", 5)]
    assert await used.people(ANYBODY) == [DREAMER]
    await an_entry(database, draft=Draft(tags=("new",)), person_id=79)
    assert await used.people(ANYBODY) == [DREAMER], "it was counted a moment ago"
    now += KEPT_S + 1
    assert await used.people(ANYBODY) == [DREAMER, 79]
    assert await used.tags(ANYBODY, "n") == [Use("new", 1)]


async def test_of_many_servers_only_the_last_are_kept(database: Database) -> None:
    used = Used(database)
    for guild_id in range(MOST_KEPT + 5):
        await used.tags(Visitor(guild_id))
    assert len(used._kept) == MOST_KEPT
