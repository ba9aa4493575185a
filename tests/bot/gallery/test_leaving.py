"""What happens to galleries when the bot, a person or a dream leaves, and what goes by itself after a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from keeping_stage import ADA, BOB, GUILD, MODERATOR, Stage
from sqlalchemy import update

from bot.entry import EntryState, Nominee, Visitor
from bot.errors import UserError
from bot.guild import LEFT_KEPT_S, WebMode
from bot.guilds import Guilds
from bot.jobs import museum
from bot.jobs.museum import ACTS_S, RECOGNISED_S, RESTORABLE_S, Museum
from bot.store.database import Database
from bot.store.gallery.acts import Acts
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import AlreadyInError, Draft, EntryStore
from bot.store.gallery.leaving import Leavings
from bot.store.gallery.mirrors import Mirrors
from bot.store.gallery.tables import ActRow, EntryRow
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.moments import moment
from bot.store.privacy import PrivacyStore
from bot.store.tables import GuildRow
from bot.store.tellings import Tellings

OTHER = GUILD + 1


def the_museum(database: Database) -> Museum:
    return Museum(Leavings(database), Acts(database), GuildStore(database))


async def let_all_go(database: Database) -> None:
    while await the_museum(database).let_go(2) >= 2:
        pass


async def make_older(stage: Stage, table: Any, column: str, seconds: float) -> None:
    async with stage.database.write() as session:
        await session.execute(update(table).values({column: moment(-seconds)}))


async def a_nomination(stage: Stage) -> tuple[int, int]:
    """Let a dream be nominated; returns the entry's and the job's ids."""
    job = await stage.a_dream()
    entry = await EntryStore(stage.database).nominate(Visitor(GUILD, BOB), Nominee(job, 64, 48))
    return entry.id, job.id


async def test_a_server_that_the_bot_left_is_known_at_once_and_holds_again_when_it_is_back(stage: Stage) -> None:
    await stage.an_entry()
    store = GuildStore(stage.database)
    await store.change(GUILD, MODERATOR, 0, lambda one: one.changed(max_size=256))
    guilds, others = Guilds(store), Guilds(store)
    await guilds.start()
    await others.start()
    assert not guilds.has_left(GUILD)
    await guilds.left(GUILD)
    assert guilds.has_left(GUILD)
    await others._look()
    assert others.has_left(GUILD), "another process sees it at its next look"
    first = guilds.versioned(GUILD).left_at
    await guilds.left(GUILD)
    assert guilds.versioned(GUILD).left_at == first, "told twice, the thirty days do not begin anew"
    await let_all_go(stage.database)
    await guilds.came(GUILD)
    await others._look()
    for one in (guilds, others):
        assert not one.has_left(GUILD)
        assert one.of(GUILD).max_size == 256
    assert len(await stage.rows("gallery_entry")) == 1
    for one in (guilds, others):
        await one.stop()


async def test_what_happened_while_the_bot_was_away_is_found_at_its_start(stage: Stage) -> None:
    store = GuildStore(stage.database)
    await stage.an_entry()  # a server without settings
    await store.change(OTHER, MODERATOR, 0, lambda one: one.changed(max_size=256))
    await store.left(OTHER + 1)
    await store.change(OTHER + 2, MODERATOR, 0, lambda one: one.changed(max_size=256))
    guilds = Guilds(store)
    await guilds.start()
    here = {OTHER, OTHER + 1, OTHER + 7}
    await guilds.compare(here.__contains__, lambda guild_id: guild_id != OTHER + 2)
    left = {guild_id for guild_id in range(GUILD, GUILD + 9) if guilds.has_left(guild_id)}
    assert left == {GUILD}, "another process's servers are for it to say"
    assert {row["guild_id"] for row in await stage.rows("guild")} == {GUILD, OTHER, OTHER + 1, OTHER + 2}
    await guilds.stop()


async def test_after_thirty_days_all_of_the_server_goes_and_nothing_of_another(stage: Stage) -> None:
    for _ in range(3):
        await stage.an_entry(voters=(BOB,))
    theirs = await stage.an_entry(guild_id=OTHER, voters=(BOB,))
    await Decisions(stage.database).bar(stage.moderator(), 4242, "spam")
    guilds = Guilds(GuildStore(stage.database))
    await guilds.left(GUILD)
    await make_older(stage, GuildRow, "left_at", LEFT_KEPT_S - 60)
    await let_all_go(stage.database)
    assert len(await stage.rows("gallery_entry")) == 4
    await make_older(stage, GuildRow, "left_at", LEFT_KEPT_S + 60)
    await let_all_go(stage.database)
    for name in ("entry", "vote", "term", "bar", "act"):
        rows = await stage.rows(f"gallery_{name}")
        assert not [row for row in rows if row.get("guild_id") == GUILD], name
    assert [row["id"] for row in await stage.rows("gallery_entry")] == [theirs.id]
    assert len(await stage.rows("gallery_vote")) == 1
    assert await stage.rows("guild") == []
    await guilds.came(GUILD)
    assert not guilds.has_left(GUILD)
    assert guilds.versioned(GUILD).version == 0, "it begins anew"


async def test_a_process_that_nobody_tells_takes_it_for_forgotten_too(stage: Stage) -> None:
    store = GuildStore(stage.database)
    await store.change(GUILD, MODERATOR, 0, lambda one: one.changed(max_size=256))
    await store.left(GUILD)
    await make_older(stage, GuildRow, "left_at", LEFT_KEPT_S + 60)
    guilds = Guilds(store)
    await guilds.start()
    assert (guilds.has_left(GUILD), guilds.of(GUILD).max_size) == (False, None)
    await store.forget(GUILD)
    await store.change(GUILD, MODERATOR, 0, lambda one: one.changed(max_size=512))
    await guilds._look()
    assert guilds.of(GUILD).max_size == 512
    await guilds.stop()


async def test_the_page_of_a_server_that_was_forgotten_is_gone_in_every_process(stage: Stage) -> None:
    store, public = GuildStore(stage.database), {"web": WebMode.PUBLIC, "web_key": "a" * 22}
    for server in (GUILD, OTHER):
        page = {**public, "web_key": str(server)[-1] * 22}
        await store.change(server, MODERATOR, 0, lambda one, page=page: one.changed(gallery=page))  # type: ignore[misc]
    others = Guilds(store)
    await others.start()
    assert [others.of_page(key * 22) for key in "12"] == others.with_pages() == [GUILD, OTHER]
    await store.forget(GUILD)  # as an operator does, beside the bot
    learnt = others.learnt
    await others._look()
    assert others.learnt > learnt, "what was made of it is made anew"
    assert (others.of_page("1" * 22), others.with_pages()) == (None, [OTHER])
    assert others.of(GUILD).gallery.web is WebMode.OFF
    await store.change(GUILD, MODERATOR, 0, lambda one: one.changed(max_size=256))
    await others._look()
    assert others.of(GUILD).max_size == 256, "it begins anew, though its version is a lower one"
    await others.left(OTHER)
    assert others.with_pages() == []
    await make_older(stage, GuildRow, "left_at", LEFT_KEPT_S + 60)
    await others.refresh(OTHER)
    assert (others.of_page("2" * 22), others.with_pages()) == (None, []), "nobody says so to a process by itself"
    await others.stop()


async def test_the_bot_may_come_back_while_its_gallery_goes(stage: Stage) -> None:
    await stage.an_entry()
    store, leavings = GuildStore(stage.database), Leavings(stage.database)
    await store.left(GUILD)
    await make_older(stage, GuildRow, "left_at", LEFT_KEPT_S + 60)
    assert await store.long_gone(LEFT_KEPT_S) == [GUILD]
    await store.came(GUILD)
    assert (await leavings.remove_entries(GUILD, 9, LEFT_KEPT_S)).entries == 0
    assert not await leavings.remove_rest(GUILD, LEFT_KEPT_S)
    assert len(await stage.rows("gallery_entry")) == 1


async def test_a_server_is_forgotten_at_once_with_its_pictures(stage: Stage) -> None:
    ours, theirs = await stage.an_entry(), await stage.an_entry(guild_id=OTHER)
    async with stage.database.write() as session:
        await session.execute(update(EntryRow).values(job_id=None))
    job_id = (await stage.rows("job"))[0]["id"]
    await Tellings(stage.database).let_go(job_id)
    await Decisions(stage.database).bar(stage.moderator(), 4242, "spam")
    count = await museum.forget_server(
        GUILD, Leavings(stage.database), GuildStore(stage.database), stage.images, at_once=1
    )
    assert count == 1
    assert [row["id"] for row in await stage.rows("gallery_entry")] == [theirs.id]
    assert await stage.rows("gallery_bar") == []
    with pytest.raises(UserError):
        await stage.images.get(ours.picture_hash)
    assert await stage.images.get(theirs.picture_hash)


async def test_the_messages_of_what_goes_are_deleted_where_the_bot_can_be(stage: Stage) -> None:
    mirrors = Mirrors(stage.database)
    for number, server in enumerate((GUILD, OTHER)):
        entry = await stage.an_entry(guild_id=server)
        assert await mirrors.begin(entry.id, 3)
        assert await mirrors.posted(entry, 3, 100 + number, "gallery.png")
    leavings = Leavings(stage.database)
    assert (await leavings.remove_entries(GUILD, 9)).entries == 1
    await GuildStore(stage.database).left(OTHER)
    assert (await leavings.remove_entries(OTHER, 9, 0.0)).entries == 1
    assert [row["message_id"] for row in await stage.rows("gallery_gone_message")] == [100]


async def test_a_removed_entry_can_be_restored_for_thirty_days_and_is_recognised_for_a_year(stage: Stage) -> None:
    entry, shown = await stage.an_entry(), await stage.an_entry()
    await EntryStore(stage.database).set_thumbnail(entry.id, await stage.a_picture(), 12345)
    await stage.remove(entry)
    decisions = Decisions(stage.database)
    await make_older(stage, EntryRow, "removed_at", RESTORABLE_S - 60)
    await let_all_go(stage.database)
    restored = await decisions.show(stage.moderator(), entry.id, EntryState.REMOVED)
    assert restored is not None
    assert restored.removed_at is None
    await stage.remove(restored)
    async with stage.database.write() as session:
        old = update(EntryRow).where(EntryRow.id == entry.id).values(removed_at=moment(-RESTORABLE_S - 60))
        await session.execute(old)
    await let_all_go(stage.database)
    (row,) = [row for row in await stage.rows("gallery_entry") if row["id"] == entry.id]
    assert {row[name] for name in row if name.endswith("_hash")} == {None}
    assert [(row["entry_id"], row["likeness"]) for row in await stage.rows("gallery_likeness")] == [(entry.id, 12345)]
    assert await decisions.show(stage.moderator(), entry.id, EntryState.REMOVED) is None
    without = await EntryStore(stage.database).without_thumbnail(frozenset())
    assert without is not None
    assert without.id == shown.id, "there is nothing to make one of"
    async with stage.database.write() as session:
        old = update(EntryRow).where(EntryRow.id == entry.id).values(removed_at=moment(-RECOGNISED_S - 60))
        await session.execute(old)
    await let_all_go(stage.database)
    assert [row["id"] for row in await stage.rows("gallery_entry")] == [shown.id]


async def test_a_nomination_goes_with_its_dream_and_an_entry_stays(stage: Stage) -> None:
    kept, _ = await a_nomination(stage)
    deleted, deleted_job = await a_nomination(stage)
    old, old_job = await a_nomination(stage)
    entry = await stage.an_entry()
    assert entry.job_id is not None
    for job_id in (deleted_job, entry.job_id):
        assert await Tellings(stage.database).let_go(job_id) == [job_id]
    assert {row["id"] for row in await stage.rows("gallery_entry")} == {kept, old, entry.id}, deleted
    assert await Tellings(stage.database).are_in_a_gallery([deleted_job, entry.job_id]), "who deletes it is told"
    assert not await Tellings(stage.database).are_in_a_gallery([deleted_job])
    await Tellings(stage.database).remove([old_job])
    await let_all_go(stage.database)
    assert {row["id"] for row in await stage.rows("gallery_entry")} == {kept, entry.id}
    assert await stage.images.get(entry.picture_hash)


async def test_the_log_is_kept_for_half_a_year(stage: Stage) -> None:
    await stage.an_entry()
    await make_older(stage, ActRow, "created_at", ACTS_S - 60)
    await let_all_go(stage.database)
    assert len(await stage.rows("gallery_act")) == 1
    await make_older(stage, ActRow, "created_at", ACTS_S + 60)
    await let_all_go(stage.database)
    assert await stage.rows("gallery_act") == []


async def test_a_deleted_dream_is_not_added_by_who_looked_at_it_before(stage: Stage) -> None:
    job = await stage.a_dream()
    await Tellings(stage.database).let_go(job.id)
    with pytest.raises(UserError, match="no longer kept"):
        await stage.an_entry(job=job)
    with pytest.raises(UserError, match="no longer kept"):
        await EntryStore(stage.database).nominate(Visitor(GUILD, BOB), Nominee(job, 64, 48))


async def test_who_is_forgotten_while_they_add_is_in_no_gallery(stage: Stage) -> None:
    for _ in range(5):
        job = await stage.a_dream()
        await asyncio.gather(stage.an_entry(job=job), PrivacyStore(stage.database).forget(ADA), return_exceptions=True)
        assert await stage.rows("gallery_entry") == []
    kept = await stage.an_entry(BOB)
    with pytest.raises(AlreadyInError):
        await stage.an_entry(job=await _job_of(stage, kept.job_id))


async def _job_of(stage: Stage, job_id: int | None) -> Any:
    assert job_id is not None
    return await JobStore(stage.database).get(job_id)


async def test_an_original_is_shown_only_where_it_came_first_hand(stage: Stage) -> None:
    first = await stage.a_dream()
    mine = await stage.an_entry(job=first, draft=Draft(with_original=True))
    assert mine.original_hash == first.source_hash
    again = await stage.a_dream(source_url=None, source_hash=first.source_hash, parent_id=first.id)
    assert (await stage.an_entry(job=again, draft=Draft(with_original=True))).original_hash == first.source_hash
    bobs = await stage.a_dream(BOB, source_url=None, source_hash=first.source_hash, parent_id=first.id)
    assert (await stage.an_entry(job=bobs, draft=Draft(with_original=True))).original_hash is None
    further = await stage.a_dream(BOB, source_url=None, source_hash=first.source_hash, parent_id=bobs.id)
    await PrivacyStore(stage.database).forget(ADA)
    once_more = await stage.a_dream(BOB, source_url=None, source_hash=first.source_hash, parent_id=further.id)
    for job in (further, once_more):
        assert (await stage.an_entry(job=job, draft=Draft(with_original=True))).original_hash is None
    from_a_message = await stage.a_dream(BOB, borrowed=True)
    assert (await stage.an_entry(job=from_a_message, draft=Draft(with_original=True))).original_hash is None
