"""What the database holds on a person: every table says so, all of it is exported, and all of it goes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from gallery_samples import a_dream, a_visitor, an_entry
from sqlalchemy import delete, select, update
from store_samples import DREAM, PHOTO, a_queued_job, a_request

from bot.entry import Entry, EntryState
from bot.job import Job
from bot.preset import Viewer
from bot.regime import Block
from bot.store.admin.acts import By
from bot.store.admin.regimes import Regimes
from bot.store.admin.reports import Decision, Reports
from bot.store.admin.tables import DreamReportRow
from bot.store.blobs import Blob, BlobStore
from bot.store.database import Database
from bot.store.errors import PictureGoneError
from bot.store.fairness import of_the_clock
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import BarredError, EntryStore
from bot.store.gallery.entries import Draft as Added
from bot.store.gallery.queues import Queues
from bot.store.gallery.votes import Votes
from bot.store.guilds import GuildStore
from bot.store.holdings import HOLDINGS, OF_NOBODY
from bot.store.jobs import JobStore, Result
from bot.store.moments import moment
from bot.store.presets import Default, Draft, PresetStore
from bot.store.privacy import PrivacyStore
from bot.store.quotas import DAY_S, Caps, FullError, Limits
from bot.store.tables import Base, ForgottenCostRow, JobRow, PresetRow
from bot.store.tellings import Tellings

ADA, BOB = 700_000_000_000_000_001, 700_000_000_000_000_002
GUILD = 900_000_000_000_000_001
NAMES_SOMEBODY = re.compile(r"person|user|member|author|creator|owner_id|_by$|by_id$|^about_id$|^who$")
MASK = Blob("c" * 64, "image/png", 64, 48, 500)


@pytest.fixture
def privacy(database: Database) -> PrivacyStore:
    return PrivacyStore(database)


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table."""
    async with database.read() as session:
        return {
            table.name: [dict(row) for row in (await session.execute(select(table))).mappings()]
            for table in Base.metadata.sorted_tables
        }


async def dreamed(jobs: JobStore, person_id: int, *, cost: float = 10.0, **changes: Any) -> Job:
    """Return a job that was dreamed and told."""
    queued = await a_queued_job(jobs, cost=cost, person_id=person_id, guild_id=GUILD, **changes)
    running = await jobs.claim("mine", [])
    assert running is not None
    assert running.id == queued.id
    ended = await jobs.dreamed(running, Result(DREAM.hash, 1.0, "{}"))
    assert ended is not None
    return ended


async def with_all(database: Database, person_id: int) -> None:
    """Write down everything that the bot may ever hold on a person."""
    jobs, presets = JobStore(database), PresetStore(database)
    await BlobStore(database).touch(MASK)
    await dreamed(jobs, person_id)
    await jobs.accept([a_request(person_id=person_id)], "mine")
    await a_queued_job(jobs, person_id=person_id)
    server, own = Viewer(person_id, GUILD, moderates=True), Viewer(person_id, None)
    name = str(person_id)
    await presets.add(server, Draft("Curated", f"curated {name[-1]}", "{}"), server=True, at_most=9)
    preset = await presets.add(own, Draft("Mine", "mine", "{}", mask_hash=MASK.hash), server=False, at_most=9)
    await presets.share(own, preset.id or 0, f"code{name[-1]}")
    await presets.set_default(person_id, Default(preset.id))
    guilds = GuildStore(database)
    now = await guilds.get(GUILD)
    await guilds.change(GUILD, person_id, now.version, lambda of: of.changed(max_size=256 + now.version))
    await Regimes(database).block_person(person_id, Block("Spam."), By(person_id=person_id))
    reports = Reports(database)
    await reports.add(person_id, guild_id=GUILD, channel_id=3, message_id=person_id + 5, reason="Odd.")
    (one,) = await reports.undecided()
    await reports.decide(one.id, Decision.DISMISSED, person_id)
    async with database.write() as session:  # somebody else's, of theirs
        theirs = update(DreamReportRow).where(DreamReportRow.id == one.id)
        await session.execute(theirs.values(about_id=person_id))


def test_every_table_says_what_it_holds_on_a_person_and_how_that_goes() -> None:
    held = {holding.table.__tablename__ for holding in HOLDINGS}
    assert {table.name for table in Base.metadata.sorted_tables} == held | set(OF_NOBODY)
    assert not held & set(OF_NOBODY)


def test_every_column_that_names_somebody_is_in_the_registry() -> None:
    hashed = {("forgotten_cost", "who"), ("gallery_bar", "who"), ("blocked_person", "who")}
    known = {(holding.table.__tablename__, holding.whose.key) for holding in HOLDINGS} | hashed
    found = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if NAMES_SOMEBODY.search(column.name)
    }
    assert found == known


def test_what_no_export_has_is_there_to_be_left_out() -> None:
    for holding in HOLDINGS:
        columns = set(holding.table.__table__.columns.keys())
        assert set(holding.left_out) | set(holding.instead) <= columns


async def test_after_forgetting_no_row_names_the_person_and_others_keep_theirs(
    database: Database, privacy: PrivacyStore
) -> None:
    await with_all(database, BOB)
    before = await everything(database)
    await with_all(database, ADA)
    await privacy.begin(ADA)
    gone = await privacy.forget(ADA)
    assert len(gone.jobs) == 3
    assert set(gone.pictures) == {PHOTO.hash, DREAM.hash, MASK.hash}
    await privacy.done(ADA)
    after = await everything(database)
    assert str(ADA) not in str(after)
    for table in ("person", "job"):
        assert [row for row in after[table] if row["person_id"] == BOB] == [
            row for row in before[table] if row["person_id"] == BOB
        ]
    assert {row["created_by"] for row in after["preset"]} == {BOB, 0}
    assert [row["person_id"] for row in after["guild_change"]] == [BOB, 0], "what changed is known, by whom no more"
    assert await privacy.begun() == []


async def test_an_export_has_every_row_and_no_key(database: Database, privacy: PrivacyStore) -> None:
    await with_all(database, BOB)
    await with_all(database, ADA)
    held = await privacy.held(ADA)
    assert held.rows == {
        "dreams": 3,
        "default": 1,
        "presets": 1,
        "server-presets": 1,
        "server-settings-changed": 1,
        **{one.name: 0 for one in HOLDINGS if one.name.startswith("gallery")},
        **{one.name: 1 for one in HOLDINGS if one.name.startswith(("blocked", "operator"))},
        "forgetting": 0,
    }
    assert (held.pictures, held.picture_bytes) == (3, PHOTO.size + DREAM.size + MASK.size)
    rows = {holding.name: await privacy.rows(holding, ADA, -1) for holding in HOLDINGS}
    assert {name: len(found) for name, found in rows.items()} == held.rows
    text = str(rows)
    assert str(BOB) not in text
    assert "aW50ZXJhY3Rpb246" not in text
    in_tables = await everything(database)
    for holding in HOLDINGS:
        for row in rows[holding.name]:
            whole = next(one for one in in_tables[holding.table.__tablename__] if row.items() <= one.items())
            assert set(whole) - set(row) == set(holding.left_out)


async def test_rows_come_a_page_at_a_time(database: Database, privacy: PrivacyStore) -> None:
    await with_all(database, ADA)
    dreams = HOLDINGS[0]
    (first, *others) = await privacy.rows(dreams, ADA, -1)
    assert await privacy.rows(dreams, ADA, first["id"]) == others
    assert await privacy.rows(dreams, ADA, others[-1]["id"]) == []


async def test_the_queues_clock_stays_and_says_nothing_of_whom_it_was_told_by(
    database: Database, privacy: PrivacyStore, jobs: JobStore
) -> None:
    await dreamed(jobs, ADA, cost=100.0)
    await dreamed(jobs, ADA, cost=100.0)
    await privacy.forget(ADA)
    async with database.read() as session:
        assert await session.scalar(of_the_clock(JobRow.start_tag)) == 100.0
    (clock,) = (await everything(database))["job"]
    assert str(GUILD) not in str(clock)
    assert (clock["person_id"], clock["source_hash"], clock["result_hash"]) == (0, None, None)
    assert await Tellings(database).take("mine", [], 9) == []
    bobs = await dreamed(jobs, BOB)
    async with database.read() as session:
        assert await session.scalar(of_the_clock(JobRow.person_id)) == BOB, "the clock has gone on"
    assert await Tellings(database).over(0.0, 9) == [clock["id"]]
    assert bobs.id != clock["id"]


async def test_what_others_made_of_a_forgotten_dream_stays_and_names_it_no_more(
    database: Database, privacy: PrivacyStore, jobs: JobStore
) -> None:
    adas = await dreamed(jobs, ADA)
    (bobs,), _ = await jobs.accept(
        [a_request(person_id=BOB, source_url=None, source_hash=DREAM.hash, parent_id=adas.id)], "mine"
    )
    await privacy.forget(ADA)
    kept = await jobs.get(bobs.id)
    assert kept is not None
    assert (kept.parent_id, kept.source_hash) == (None, DREAM.hash)


async def test_an_export_leaves_out_pictures_of_other_peoples_dreams_however_far_away(
    database: Database, privacy: PrivacyStore, jobs: JobStore
) -> None:
    adas = await dreamed(jobs, ADA)
    theirs = Blob("d" * 64, "image/png", 64, 48, 7)
    await BlobStore(database).touch(theirs)
    request = a_request(person_id=BOB, source_url=None, source_hash=PHOTO.hash, parent_id=adas.id)
    (again,), _ = await jobs.accept([request], "mine")
    request = a_request(person_id=BOB, source_url=None, source_hash=PHOTO.hash, parent_id=again.id)
    (once_more,), _ = await jobs.accept([request], "mine")
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == once_more.id).values(result_hash=theirs.hash))
    assert [one.hash for one in await privacy.pictures(BOB)] == [theirs.hash]
    assert {one.hash for one in await privacy.pictures(ADA)} == {PHOTO.hash, DREAM.hash}
    parents = {row["id"]: row["parent_id"] for row in await privacy.rows(HOLDINGS[0], BOB, -1)}
    assert parents == {again.id: None, once_more.id: again.id}


async def test_a_photo_that_somebody_sent_too_is_still_ones_own(privacy: PrivacyStore, jobs: JobStore) -> None:
    adas = await dreamed(jobs, ADA)
    await dreamed(jobs, BOB)
    await jobs.accept([a_request(person_id=BOB, source_url=None, source_hash=PHOTO.hash, parent_id=adas.id)], "mine")
    assert PHOTO.hash in {one.hash for one in await privacy.pictures(BOB)}


async def test_todays_quota_outlives_forgetting_without_a_name(database: Database, privacy: PrivacyStore) -> None:
    jobs = JobStore(database, Caps(person=Limits(gflop_a_day=100.0), server=Limits(gflop_a_day=150.0)))
    await dreamed(jobs, ADA, cost=80.0)
    await a_queued_job(jobs, cost=15.0, person_id=ADA, guild_id=GUILD)
    await privacy.forget(ADA)
    await privacy.forget(ADA)
    (cost,) = (await everything(database))["forgotten_cost"]
    assert cost["cost"] == 80.0, "what was never begun costs nothing"
    await a_queued_job(jobs, cost=20.0, person_id=ADA, guild_id=None)
    with pytest.raises(FullError, match="one person may in a day") as refused:
        await a_queued_job(jobs, cost=20.0, person_id=ADA, guild_id=None)
    assert refused.value.free_in_s == pytest.approx(DAY_S, abs=60)
    with pytest.raises(FullError, match="one server may in a day"):
        await a_queued_job(jobs, cost=80.0, person_id=BOB, guild_id=GUILD)
    await a_queued_job(jobs, cost=80.0, person_id=BOB, guild_id=None)


async def test_a_day_later_the_quota_is_free_and_the_hash_is_gone(database: Database, privacy: PrivacyStore) -> None:
    jobs = JobStore(database, Caps(person=Limits(gflop_a_day=100.0)))
    await dreamed(jobs, ADA, cost=80.0)
    await privacy.forget(ADA)
    async with database.write() as session:
        await session.execute(update(ForgottenCostRow).values(created_at=moment(-DAY_S - 1)))
    await a_queued_job(jobs, cost=90.0, person_id=ADA)
    await privacy.let_go_costs()
    assert (await everything(database))["forgotten_cost"] == []


async def test_forgetting_that_is_cut_off_remembers_what_is_left_to_do(
    database: Database, privacy: PrivacyStore
) -> None:
    await with_all(database, ADA)
    await privacy.begin(ADA)
    first = await privacy.forget(ADA)
    await privacy.begin(ADA)
    assert await privacy.begun() == [ADA]
    again = await privacy.forget(ADA)
    assert (again.jobs, again.pictures) == (first.jobs, first.pictures)
    assert again.live == []
    assert len(first.live) == 3, "whoever works on them is told to stop"


async def test_a_picture_goes_at_once_but_not_from_under_another(database: Database, jobs: JobStore) -> None:
    deleted: list[str] = []

    async def delete(hash_: str) -> None:
        deleted.append(hash_)

    blobs = BlobStore(database)
    await dreamed(jobs, BOB)
    await blobs.touch(MASK)
    assert not await blobs.remove(PHOTO.hash, delete)
    assert await blobs.remove(MASK.hash, delete)
    assert not await blobs.remove(MASK.hash, delete)
    assert deleted == [MASK.hash]


async def test_who_names_a_picture_that_has_just_gone_is_told_to_store_it_again(
    database: Database, jobs: JobStore
) -> None:
    (job,), _ = await jobs.accept([a_request(person_id=BOB)], "mine")
    with pytest.raises(PictureGoneError):
        await jobs.enqueue(job, MASK.hash, None, 10.0)
    await BlobStore(database).touch(MASK)
    assert await jobs.enqueue(job, MASK.hash, None, 10.0) is not None


async def test_server_presets_stay_and_so_does_their_recipe(database: Database, privacy: PrivacyStore) -> None:
    await with_all(database, ADA)
    await privacy.forget(ADA)
    async with database.read() as session:
        (preset,) = await session.scalars(select(PresetRow))
    assert (preset.guild_id, preset.name, json.loads(preset.recipe)) == (GUILD, "Curated", {})


async def in_galleries(database: Database, person_id: int, other: int) -> Entry:
    """Let a person do all that one may in galleries, beside ``other``; returns an entry of theirs."""
    jobs = JobStore(database)
    dream = await a_dream(database, person_id=person_id, guild_id=GUILD)
    entry = await an_entry(database, dream, draft=Added("Waves", with_original=True, credit="Somebody"))
    await EntryStore(database).set_thumbnail(entry.id, (await a_picture_of(database)), 7)
    others = await an_entry(database, person_id=other, guild_id=GUILD)
    hers = a_visitor(person_id, guild_id=GUILD, moderates=True)
    await Votes(database).cast(hers, others.id, for_it=True)
    await Votes(database).cast(a_visitor(other, guild_id=GUILD), entry.id, for_it=True)
    decisions = Decisions(database)
    await decisions.report(hers, others.id, "upside down", 100)
    await decisions.bar(hers, 4242 + person_id % 10, "spam")
    await decisions.bar(a_visitor(other, guild_id=GUILD, moderates=True), person_id, "too many")
    await decisions.report(a_visitor(other + 1, guild_id=GUILD), entry.id, "no", 100)
    assert await Queues(database).keep(a_visitor(other, guild_id=GUILD), entry.id, EntryState.SHOWN, 1) is not None
    assert await jobs.get(dream.id) is not None
    return entry


async def a_picture_of(database: Database) -> str:
    await BlobStore(database).touch(MASK)
    return MASK.hash


async def test_who_is_forgotten_is_out_of_every_gallery_and_a_bar_stays_with_nobody_named(
    database: Database, privacy: PrivacyStore
) -> None:
    entry = await in_galleries(database, ADA, BOB)
    (others,) = [row for row in (await everything(database))["gallery_entry"] if row["person_id"] == BOB]
    assert (others["votes"], others["reports"]) == (1, 1)
    gone = await privacy.forget(ADA)
    assert {entry.picture_hash, entry.original_hash, MASK.hash} <= set(gone.pictures)
    after = await everything(database)
    assert str(ADA) not in str(after)
    assert "Waves" not in str(after)
    (kept,) = after["gallery_entry"]
    assert (kept["person_id"], kept["votes"], kept["reports"]) == (BOB, 0, 0)
    assert after["gallery_vote"] == after["gallery_report"] == []
    assert {(row["person_id"], row["barred_by"]) for row in after["gallery_bar"]} == {
        (None, BOB),
        (4242 + ADA % 10, 0),
    }
    again = await a_dream(database, person_id=ADA, guild_id=GUILD)
    with pytest.raises(BarredError):
        await an_entry(database, again)


async def test_a_copy_has_ones_entries_with_their_pictures_and_nobody_else(
    database: Database, privacy: PrivacyStore
) -> None:
    entry = await in_galleries(database, ADA, BOB)
    rows = {holding.name: await privacy.rows(holding, ADA, -1) for holding in HOLDINGS}
    assert {name: len(found) for name, found in rows.items() if name.startswith("gallery")} == {
        "gallery": 1,
        "gallery-votes": 1,
        "gallery-reports": 1,
        "gallery-bars": 1,
        "gallery-bars-set": 1,
        "gallery-acts": 2,
        "gallery-acts-about": 3,
    }
    assert str(BOB) not in str(rows)
    assert rows["gallery-bars"][0]["reason"] == "too many"
    assert "4242" not in str(rows["gallery-bars-set"])
    async with database.write() as session:  # the dream itself is over, and its row gone
        await session.execute(delete(JobRow))
    copied = {one.hash for one in await privacy.pictures(ADA)}
    assert copied == {entry.picture_hash, entry.original_hash, MASK.hash}
    assert (await privacy.held(ADA)).pictures == 3


async def test_a_guide_of_somebody_elses_is_not_in_the_copy_of_an_entry(
    database: Database, privacy: PrivacyStore
) -> None:
    adas = await a_dream(database, person_id=ADA)
    await BlobStore(database).touch(MASK)
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == adas.id).values(guide_hash=MASK.hash))
    request = {"source_url": None, "source_hash": adas.source_hash, "guide_hash": MASK.hash, "parent_id": adas.id}
    bobs = await a_dream(database, person_id=BOB, **request)
    entry = await an_entry(database, bobs)
    assert entry.guide_hash == MASK.hash, "Remix needs it"
    for _ in range(2):
        assert MASK.hash not in {one.hash for one in await privacy.pictures(BOB)}
        async with database.write() as session:
            await session.execute(update(JobRow).values(parent_id=None))
            await session.execute(delete(JobRow))


async def test_what_came_from_a_forgotten_persons_dream_is_not_taken_for_ones_own(
    privacy: PrivacyStore, jobs: JobStore
) -> None:
    adas = await dreamed(jobs, ADA)
    (bobs,), _ = await jobs.accept(
        [a_request(person_id=BOB, source_url=None, source_hash=PHOTO.hash, parent_id=adas.id)], "mine"
    )
    assert bobs.borrowed
    await privacy.forget(ADA)
    assert await privacy.pictures(BOB) == []
