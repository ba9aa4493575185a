"""What servers settle is kept, with who changed it; of two at once one is told; their caps hold in every process."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update
from store_samples import DREAM, PHOTO, a_queued_job, a_request

from bot.errors import UserError
from bot.guild import Bounds, GuildSettings, Versioned
from bot.guilds import Guilds
from bot.store.database import Database
from bot.store.guilds import MOST_CHANGES, ChangedMeanwhileError, GuildStore
from bot.store.jobs import JobStore, Result
from bot.store.moments import moment
from bot.store.quotas import Caps, FullError, Limits
from bot.store.tables import GuildChangeRow

HERE, EVE, MAX = 1 << 60, 7 << 58, 8
MINE = "mine"


@pytest.fixture
def guilds(database: Database) -> GuildStore:
    return GuildStore(database)


async def settle(guilds: GuildStore, guild_id: int = HERE, **values: object) -> None:
    """Settle something in a server, whatever is settled there."""
    now = await guilds.get(guild_id)
    await guilds.change(guild_id, EVE, now.version, lambda settings: settings.changed(**values))


async def test_a_server_that_nobody_settled_anything_for_restricts_nothing(guilds: GuildStore) -> None:
    assert await guilds.get(HERE) == Versioned(GuildSettings(), 0)
    assert await guilds.changes(HERE, 10) == []


async def test_what_is_settled_is_there_again_with_who_changed_it_when_and_from_what(guilds: GuildStore) -> None:
    await settle(guilds, channels=(HERE + 1, HERE + 2), person=Bounds(waiting=2), previews=False)
    await settle(guilds, previews=True)
    now = await guilds.get(HERE)
    assert now.version == 2
    assert now.settings == GuildSettings(channels=(HERE + 1, HERE + 2), person=Bounds(waiting=2))
    changes = await guilds.changes(HERE, 10)
    assert [(one.setting, one.before, one.after, one.person_id) for one in changes] == [
        ("previews", False, True, EVE),
        ("previews", True, False, EVE),
        ("person", GuildSettings().person.model_dump(), {"waiting": 2, "running": None, "gflop_a_day": None}, EVE),
        ("channels", [], [HERE + 1, HERE + 2], EVE),
    ]
    assert all(one.changed_at.tzinfo is not None for one in changes)


async def test_the_same_again_is_no_change(guilds: GuildStore) -> None:
    await settle(guilds, max_size=512)
    await settle(guilds, max_size=512)
    assert (await guilds.get(HERE)).version == 1
    assert len(await guilds.changes(HERE, 10)) == 1


@pytest.mark.parametrize("seen", [0, 1])
async def test_of_two_at_once_one_changes_and_the_other_is_told_how_it_is(
    guilds: GuildStore, other_database: Database, seen: int
) -> None:
    for _ in range(seen):
        await settle(guilds, max_size=256)
    stores = (guilds, GuildStore(other_database))
    answers = await asyncio.gather(
        *(
            store.change(HERE, person, seen, lambda settings, size=size: settings.changed(max_size=size))
            for store, person, size in zip(stores, (EVE, MAX), (512, 1024), strict=True)
        ),
        return_exceptions=True,
    )
    (told,) = [one for one in answers if isinstance(one, ChangedMeanwhileError)]
    assert told.now == await guilds.get(HERE)
    assert told.now.version == seen + 1
    assert len(await guilds.changes(HERE, 10)) == seen + 1


async def test_what_a_later_version_wrote_is_read_as_far_as_it_is_known() -> None:
    read = GuildSettings.model_validate({"max_size": 512, "moon": "full", "person": {"waiting": 3, "mood": "good"}})
    assert read == GuildSettings(max_size=512, person=Bounds(waiting=3))


async def test_changes_have_a_bound_and_an_end_and_the_settings_stay(database: Database, guilds: GuildStore) -> None:
    for number in range(MOST_CHANGES + 3):
        await settle(guilds, max_size=256 + number)
    await settle(guilds, HERE + 1, max_size=256)
    kept = await guilds.changes(HERE, 1000)
    assert len(kept) == MOST_CHANGES
    assert kept[0].after == 256 + MOST_CHANGES + 2
    async with database.write() as session:
        await session.execute(
            update(GuildChangeRow).where(GuildChangeRow.id <= kept[1].id).values(changed_at=moment(-100.0))
        )
    await guilds.let_go_changes(90.0)
    assert await guilds.changes(HERE, 1000) == kept[:1]
    assert len(await guilds.changes(HERE + 1, 10)) == 1
    assert (await guilds.get(HERE)).version == MOST_CHANGES + 3


async def test_a_server_is_forgotten_whole_and_no_other_with_it(guilds: GuildStore) -> None:
    await settle(guilds, max_size=256)
    await settle(guilds, HERE + 1, max_size=256)
    await guilds.forget(HERE)
    assert await guilds.get(HERE) == Versioned()
    assert await guilds.changes(HERE, 10) == []
    assert (await guilds.get(HERE + 1)).version == 1


async def test_a_process_knows_all_settings_at_its_start_and_sees_anothers_at_its_next_look(
    database: Database, other_database: Database
) -> None:
    theirs = GuildStore(other_database)
    await settle(theirs, max_size=256)
    ours = Guilds(GuildStore(database))
    await ours.start()
    assert ours.of(HERE).max_size == 256
    await settle(theirs, max_size=512)
    await settle(theirs, HERE + 1, max_size=640)
    await ours._look()
    assert (ours.of(HERE).max_size, ours.of(HERE + 1).max_size) == (512, 640)
    await settle(theirs, max_size=768)
    with pytest.raises(UserError, match="have changed since"):
        await ours.change(HERE, EVE, 2, lambda settings: settings.changed(max_size=64))
    assert ours.of(HERE).max_size == 768, "who is refused sees what holds"
    await ours.stop()


async def test_what_cannot_be_settled_changes_nothing(database: Database) -> None:
    ours = Guilds(GuildStore(database))
    for wrong in ({"max_size": 5}, {"language": "xx"}, {"channels": tuple(range(1, 40))}, {"person": {"waiting": -1}}):
        with pytest.raises(UserError):
            await ours.change(HERE, EVE, 0, lambda settings, wrong=wrong: settings.changed(**wrong))
    assert ours.versioned(HERE) == Versioned()


async def test_a_servers_caps_make_the_services_narrower_there_and_nowhere_else(
    database: Database, guilds: GuildStore
) -> None:
    jobs = JobStore(database, Caps(person=Limits(waiting=3), server=Limits(waiting=5)))
    await settle(guilds, person=Bounds(waiting=1), server=Bounds(waiting=2))
    await jobs.accept([a_request(person_id=1, guild_id=HERE)], MINE)
    with pytest.raises(FullError, match="in this server"):
        await jobs.accept([a_request(person_id=1, guild_id=HERE)], MINE)
    await jobs.accept([a_request(person_id=1, guild_id=HERE + 1)], MINE)
    await jobs.accept([a_request(person_id=2, guild_id=HERE)], MINE)
    with pytest.raises(FullError, match="This server has"):
        await jobs.accept([a_request(person_id=3, guild_id=HERE)], MINE)
    await settle(guilds, person=Bounds(waiting=900), server=Bounds(waiting=900))
    await jobs.accept([a_request(person_id=1, guild_id=HERE)], MINE)
    with pytest.raises(FullError, match="You have as many dreams waiting as"):
        await jobs.accept([a_request(person_id=1, guild_id=HERE)], MINE)


async def test_twenty_at_once_get_as_many_places_as_the_server_has(
    database: Database, other_database: Database, guilds: GuildStore
) -> None:
    await settle(guilds, server=Bounds(waiting=7))
    stores = [JobStore(database), JobStore(other_database)]
    answers = await asyncio.gather(
        *(stores[n % 2].accept([a_request(person_id=n, guild_id=HERE)], MINE) for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, FullError) for one in answers) == 13


async def test_whoever_runs_as_many_as_the_server_lets_them_is_passed_over(
    database: Database, guilds: GuildStore
) -> None:
    jobs = JobStore(database)
    await settle(guilds, person=Bounds(running=1), server=Bounds(running=2))
    asked = [(1, HERE), (1, HERE), (2, HERE), (3, HERE), (1, HERE + 1), (1, None)]
    for person_id, guild_id in asked:
        await a_queued_job(jobs, person_id=person_id, guild_id=guild_id)
    claimed = [await jobs.claim(MINE, ()) for _ in range(5)]
    ran = [(one.person_id, one.guild_id) for one in claimed if one is not None]
    assert sorted(ran, key=str) == sorted([(1, HERE), (2, HERE), (1, HERE + 1), (1, None)], key=str)
    first = next(one for one in claimed if one is not None and (one.person_id, one.guild_id) == (2, HERE))
    await jobs.dreamed(first, Result(DREAM.hash, 1.0, "{}"))
    later = await jobs.claim(MINE, ())
    assert later is not None
    assert (later.person_id, later.guild_id) == (3, HERE), "the other is still at their own cap"


async def test_a_servers_day_is_spent_there_alone(database: Database, guilds: GuildStore) -> None:
    jobs = JobStore(database)
    await settle(guilds, person=Bounds(gflop_a_day=100.0))
    await a_queued_job(jobs, person_id=1, guild_id=HERE, cost=80.0)
    (job,), _ = await jobs.accept([a_request(person_id=1, guild_id=HERE)], MINE)
    with pytest.raises(FullError, match="in this server in a day"):
        await jobs.enqueue(job, PHOTO.hash, None, 30.0)
    await a_queued_job(jobs, person_id=1, guild_id=HERE + 1, cost=80.0)
    await a_queued_job(jobs, person_id=2, guild_id=HERE, cost=80.0)


async def test_what_is_said_with_a_request_stays_beside_what_its_picture_brings(database: Database) -> None:
    jobs = JobStore(database)
    (job,), _ = await jobs.accept([a_request(note="Smaller here.")], MINE)
    queued = await jobs.enqueue(job, PHOTO.hash, "Turned upright.", 1.0)
    assert queued is not None
    assert queued.note == "Smaller here.\nTurned upright."
