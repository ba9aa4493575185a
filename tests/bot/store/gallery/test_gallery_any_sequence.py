"""Whatever is done to a gallery, in any order: its counts are true, and its lists are whole and sorted."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from gallery_samples import a_dream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.entry import Cursor, Entry, EntryState, Listing, Nominee, Order, Visitor
from bot.job import Job
from bot.store.database import Database
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import AlreadyInError, Draft, EntryStore
from bot.store.gallery.listings import Listings
from bot.store.gallery.tables import EntryRow, EntryTermRow, ReportRow, VoteRow
from bot.store.gallery.votes import Votes

DREAMS, PEOPLE = 4, 3
HIDE_AT, PROMOTE_AT = 2, 2
DREAMER, MOD = 1, 9
_guilds = itertools.count(1 << 40)

ACTS = ("add", "ask", "nominate", "vote", "unvote", "promote", "report", "approve", "restore", "remove", "withdraw")
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, DREAMS - 1), st.integers(0, PEOPLE - 1)), min_size=5, max_size=40
)


class Stage:
    """A gallery of its own, and what can be done to it."""

    def __init__(self, database: Database, guild_id: int, dreams: list[Job]) -> None:
        self.guild_id = guild_id
        self._database = database
        self._dreams = dreams
        self._entries = EntryStore(database)
        self._votes = Votes(database)
        self._decisions = Decisions(database)
        self._ids: dict[int, int] = {}  # of the dreams that have been entries

    async def do(self, act: str, dream: int, person: int) -> None:
        visitor, mod = Visitor(self.guild_id, 100 + person), Visitor(self.guild_id, MOD, moderates=True)
        of, known = Nominee(self._dreams[dream], 64, 48), self._ids.get(dream, 0)
        if act in ("add", "ask"):
            state = EntryState.SHOWN if act == "add" else EntryState.PENDING
            try:
                entry = await self._entries.add(visitor, of, Draft("Waves", ("sea",)), state, 1000)
            except AlreadyInError as error:
                entry = error.entry
            self._ids[dream] = entry.id
        elif act == "nominate":
            self._ids[dream] = (await self._entries.nominate(visitor, of)).id
        elif act in ("vote", "unvote"):
            await self._votes.cast(visitor, known, for_it=act == "vote")
        elif act == "promote":
            await self._votes.promote(known, PROMOTE_AT, EntryState.SHOWN)
        elif act == "report":
            await self._decisions.report(visitor, known, "no", HIDE_AT)
        elif act == "approve":
            await self._decisions.show(mod, known, EntryState.PENDING)
        elif act == "restore":
            await self._decisions.show(mod, known, EntryState.REMOVED if person else EntryState.HIDDEN)
        elif act == "remove":
            await self._decisions.remove(mod, known, EntryState.SHOWN if person else EntryState.HIDDEN, "no")
        else:
            await self._entries.withdraw(DREAMER, known)

    async def rows(self) -> list[EntryRow]:
        async with self._database.read() as session:
            return list(await session.scalars(select(EntryRow).where(EntryRow.guild_id == self.guild_id)))

    async def counted(self, table: Any) -> Counter[int]:
        """Return how many rows of a table each entry has."""
        counts = select(table.entry_id, func.count()).group_by(table.entry_id)
        async with self._database.read() as session:
            return Counter({row[0]: row[1] for row in await session.execute(counts)})

    async def walked(self, listing: Listing) -> tuple[list[Entry], list[Entry]]:
        """Turn through a listing to its end, and back."""
        there, back = [], []
        at: Cursor | None = None
        while True:
            page = await Listings(self._database).page(Visitor(self.guild_id), listing, at, 2)
            there += page.entries
            if page.next is None:
                break
            at = page.next
        back += page.entries[::-1]
        while page.previous is not None:
            page = await Listings(self._database).page(Visitor(self.guild_id), listing, page.previous, 2)
            back += page.entries[::-1]
        return there, back


@given(STEPS, st.integers(0, 999))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_counts_are_true_and_lists_whole(
    database: Database, steps: list[tuple[str, int, int]], start: int
) -> None:
    guild_id = next(_guilds)
    dreams = [await a_dream(database, guild_id=guild_id, person_id=DREAMER) for _ in range(DREAMS)]
    stage = Stage(database, guild_id, dreams)
    for step in steps:
        await stage.do(*step)
    rows = await stage.rows()
    votes, reports, terms = [await stage.counted(table) for table in (VoteRow, ReportRow, EntryTermRow)]
    shown = {row.id for row in rows if row.state is EntryState.SHOWN}
    for row in rows:
        assert row.votes == votes[row.id]
        assert row.reports == reports[row.id]
        assert (terms[row.id] > 0) is (row.id in shown)
        assert (row.shown_at is not None) or row.id not in shown
    keys: dict[Order, Any] = {
        Order.NEWEST: lambda entry: (entry.shown_at, entry.id),
        Order.TOP: lambda entry: (entry.votes, entry.id),
        Order.RANDOM: lambda entry: (entry.place <= start, entry.place, entry.id),
    }
    for order, key in keys.items():
        for listing in (Listing(order, start=start), Listing(order, start=start, tag="sea")):
            there, back = await stage.walked(listing)
            assert there == sorted(there, key=key, reverse=True)
            if listing.tag is None:
                assert {entry.id for entry in there} == shown
            assert len(there) == len({entry.id for entry in there})
            assert back[: len(there)] == there[::-1] or len(there) % 2, "the first page is full, so pages may shift"
            assert {entry.id for entry in back} == {entry.id for entry in there}
