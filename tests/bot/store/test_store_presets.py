"""Presets in the database: whose they are, who sees them, who changes them, and what they keep alive."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from store_samples import DREAM, PHOTO, a_request

from bot.errors import UserError
from bot.job import Job, State
from bot.preset import Owner, Preset, Viewer
from bot.store.blobs import Blob, BlobStore
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.moments import moment
from bot.store.presets import Default, Draft, NameTakenError, PresetStore, TooManyError
from bot.store.tables import BlobRow, JobRow, PresetRow

HERE, ELSEWHERE = 2, 3
ADA, BOB = Viewer(1, HERE), Viewer(5, HERE)
MOD = Viewer(6, HERE, moderates=True)
OUTSIDER = Viewer(7, ELSEWHERE, moderates=True)
CODE = "0" * 14


@pytest.fixture
def presets(database: Database) -> PresetStore:
    return PresetStore(database)


async def a_preset(
    presets: PresetStore, viewer: Viewer = ADA, name: str = "Waves", *, server: bool = False, **draft: str
) -> Preset:
    return await presets.add(viewer, Draft(name, name.casefold(), "{}", **draft), server=server, at_most=100)


def id_of(preset: Preset) -> int:
    assert preset.id is not None
    return preset.id


async def names_seen(presets: PresetStore, viewer: Viewer) -> list[str]:
    return [one.name for one in await presets.visible(viewer)]


async def test_one_sees_ones_own_then_the_servers_each_by_name_and_nobody_elses(presets: PresetStore) -> None:
    for name in ("Waves", "eyes"):
        await a_preset(presets, ADA, name)
    await a_preset(presets, BOB, "Bob's")
    await a_preset(presets, MOD, "Dogs", server=True)
    await a_preset(presets, OUTSIDER, "Elsewhere", server=True)
    assert await names_seen(presets, ADA) == ["eyes", "Waves", "Dogs"]
    assert await names_seen(presets, replace(ADA, guild_id=None)) == ["eyes", "Waves"]
    assert await names_seen(presets, OUTSIDER) == ["Elsewhere"]


async def test_what_was_saved_is_read_back(presets: PresetStore) -> None:
    saved = await presets.add(
        ADA, Draft("Wâves", "waves", "{}", PHOTO.hash, DREAM.hash, restricted=True), server=False, at_most=1
    )
    assert saved == await presets.get(ADA, id_of(saved))
    assert (saved.name, saved.owner, saved.text, saved.restricted) == ("Wâves", Owner.PERSON, "{}", True)
    assert (saved.guide_hash, saved.mask_hash, saved.thumbnail_hash) == (PHOTO.hash, DREAM.hash, None)
    assert saved.created_by == ADA.person_id
    assert saved.created_at is not None


@pytest.mark.parametrize("viewer", [BOB, MOD, OUTSIDER])
async def test_a_person_s_preset_is_nobody_elses(presets: PresetStore, viewer: Viewer) -> None:
    mine = id_of(await a_preset(presets))
    assert await presets.get(viewer, mine) is None
    assert not await presets.rename(viewer, mine, "Theirs", "theirs")
    assert not await presets.replace_recipe(viewer, mine, '{"steps": 1}')
    assert not await presets.remove(viewer, mine)
    assert await presets.share(viewer, mine, CODE) is None
    assert await presets.get(ADA, mine) is not None


async def test_a_server_s_preset_is_seen_by_all_there_and_changed_by_who_moderates(presets: PresetStore) -> None:
    theirs = id_of(await a_preset(presets, MOD, server=True))
    assert await presets.get(ADA, theirs) is not None
    assert await presets.get(OUTSIDER, theirs) is None
    for viewer in (ADA, OUTSIDER, replace(MOD, moderates=False), replace(MOD, guild_id=None)):
        assert not await presets.rename(viewer, theirs, "Mine", "mine")
        assert not await presets.remove(viewer, theirs)
    another = Viewer(99, HERE, moderates=True)
    assert await presets.rename(another, theirs, "Ours", "ours")
    assert await names_seen(presets, ADA) == ["Ours"]
    assert await presets.remove(another, theirs)


async def test_nobody_adds_to_a_server_that_they_do_not_moderate(presets: PresetStore) -> None:
    for viewer in (ADA, replace(MOD, guild_id=None)):
        with pytest.raises(ValueError, match="moderates"):
            await a_preset(presets, viewer, server=True)


async def test_a_name_is_taken_once_an_owner(presets: PresetStore) -> None:
    await a_preset(presets)
    with pytest.raises(NameTakenError):
        await a_preset(presets)
    await a_preset(presets, BOB)
    await a_preset(presets, MOD, server=True)
    other = await a_preset(presets, ADA, "Dogs")
    with pytest.raises(NameTakenError):
        await presets.rename(ADA, id_of(other), "WAVES", "waves")
    assert await presets.rename(ADA, id_of(other), "DOGS", "dogs"), "its own name, written otherwise"


async def test_two_at_once_take_one_name_and_the_last_place_once(
    presets: PresetStore, other_database: Database
) -> None:
    other = PresetStore(other_database)
    same = await asyncio.gather(a_preset(presets), a_preset(other), return_exceptions=True)
    assert sorted(type(one).__name__ for one in same) == ["NameTakenError", "Preset"]
    last = [
        store.add(ADA, Draft(name, name, "{}"), server=False, at_most=2)
        for store, name in ((presets, "a"), (other, "b"))
    ]
    got = await asyncio.gather(*last, return_exceptions=True)
    assert sorted(type(one).__name__ for one in got) == ["Preset", "TooManyError"]


async def test_there_is_room_for_so_many_and_for_one_more_when_one_has_gone(presets: PresetStore) -> None:
    first = await a_preset(presets)
    with pytest.raises(TooManyError):
        await presets.add(ADA, Draft("b", "b", "{}"), server=False, at_most=1)
    await presets.remove(ADA, id_of(first))
    await presets.add(ADA, Draft("b", "b", "{}"), server=False, at_most=1)


async def test_an_id_never_comes_back(presets: PresetStore) -> None:
    first = await a_preset(presets)
    await presets.remove(ADA, id_of(first))
    assert id_of(await a_preset(presets)) > id_of(first)


async def test_a_shared_preset_keeps_its_first_code_and_is_found_by_it_anywhere(presets: PresetStore) -> None:
    mine = await a_preset(presets)
    assert await presets.share(ADA, id_of(mine), CODE) == CODE
    assert await presets.share(ADA, id_of(mine), "1" * 14) == CODE
    assert await presets.by_code(CODE) == mine
    assert await presets.by_code("1" * 14) is None
    await presets.remove(ADA, id_of(mine))
    assert await presets.by_code(CODE) is None


async def test_a_default_is_kept_changed_and_ends_with_its_preset(presets: PresetStore) -> None:
    mine = await a_preset(presets)
    assert await presets.default_of(1) is None
    await presets.set_default(1, Default(built_in="puppy slugs"))
    assert await presets.default_of(1) == Default(built_in="puppy slugs")
    await presets.set_default(1, Default(id_of(mine)))
    assert await presets.default_of(1) == Default(id_of(mine))
    await presets.remove(ADA, id_of(mine))
    assert await presets.default_of(1) is None
    await presets.set_default(1, None)
    assert await presets.default_of(1) is None


async def test_a_preset_keeps_its_pictures_alive_and_lets_them_go(presets: PresetStore, database: Database) -> None:
    small = Blob("c" * 64, "image/webp", 160, 120, 3000)
    blobs = BlobStore(database)
    await blobs.touch(small)
    mine = await a_preset(presets, guide_hash=PHOTO.hash, mask_hash=DREAM.hash)
    await presets.set_thumbnail(mine, small.hash)
    async with database.write() as session:
        await session.execute(update(BlobRow).values(touched_at=moment(-1000)))
    assert await swept(blobs) == set()
    await presets.remove(ADA, id_of(mine))
    assert await swept(blobs) == {PHOTO.hash, DREAM.hash, small.hash}


async def swept(blobs: BlobStore) -> set[str]:
    gone: list[str] = []

    async def delete(hash_: str) -> None:
        gone.append(hash_)

    while await blobs.sweep_one(500.0, delete) is not None:
        pass
    return set(gone)


async def test_a_picture_that_is_gone_is_said_to_be(presets: PresetStore) -> None:
    with pytest.raises(UserError, match="no longer kept"):
        await a_preset(presets, guide_hash="e" * 64)
    assert await presets.visible(ADA) == []


async def test_a_thumbnail_is_made_once_and_anew_for_another_recipe(presets: PresetStore) -> None:
    first, second = await a_preset(presets), await a_preset(presets, BOB)
    assert await presets.without_thumbnail(frozenset()) == first
    assert await presets.without_thumbnail(frozenset({id_of(first)})) == second
    await presets.set_thumbnail(first, PHOTO.hash)
    assert await presets.without_thumbnail(frozenset()) == second
    await presets.replace_recipe(ADA, id_of(first), '{"steps": 1}')
    await presets.set_thumbnail(first, PHOTO.hash)  # of the recipe that it had
    now = await presets.without_thumbnail(frozenset())
    assert now is not None
    assert (now.id, now.text) == (first.id, '{"steps": 1}')


@pytest.mark.parametrize("owner", [{}, {"person_id": 1, "guild_id": 2}])
async def test_the_database_refuses_a_preset_without_exactly_one_owner(
    database: Database, owner: dict[str, int]
) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.execute(
                insert(PresetRow).values(
                    **owner, name="a", name_key="a", recipe="{}", created_by=1, created_at=moment()
                )
            )


async def test_a_preset_vouches_for_its_guide_to_whoever_sees_it_and_hands_on_its_restriction(
    presets: PresetStore, jobs: JobStore
) -> None:
    await presets.add(
        MOD, Draft("Guided", "guided", "{}", PHOTO.hash, DREAM.hash, restricted=True), server=True, at_most=1
    )

    async def asked(viewer: Viewer, **pictures: str) -> Job:
        request = a_request(person_id=viewer.person_id, guild_id=viewer.guild_id, **pictures)
        (job,), _ = await jobs.accept([request], "mine")
        return job

    job = await asked(ADA, guide_hash=PHOTO.hash, mask_hash=DREAM.hash)
    assert (job.guide_hash, job.mask_hash, job.restricted) == (PHOTO.hash, DREAM.hash, True)
    assert not (await asked(ADA)).restricted
    for viewer in (OUTSIDER, replace(ADA, guild_id=None)):
        with pytest.raises(UserError, match="no longer kept"):
            await asked(viewer, guide_hash=PHOTO.hash)
    with pytest.raises(UserError, match="no longer kept"):
        await asked(ADA, source_hash=PHOTO.hash, source_url=None)


async def test_ones_newest_dream_in_a_channel_is_found_and_no_other(
    presets: PresetStore, jobs: JobStore, database: Database
) -> None:
    asked = [
        a_request(person_id=1, recipe="old"),
        a_request(person_id=1, recipe="new"),
        a_request(person_id=1, recipe="elsewhere", channel_id=99),
        a_request(person_id=5, recipe="Bob's"),
    ]
    for request in asked:
        (job,), _ = await jobs.accept([request], "mine")
        async with database.write() as session:
            await session.execute(update(JobRow).where(JobRow.id == job.id).values(state=State.DREAMED))
    await jobs.accept([a_request(person_id=1, recipe="waits")], "mine")
    found = await presets.newest_dream(ADA, 3)
    assert found is not None
    assert found.recipe == "new"
    assert await presets.newest_dream(BOB, 99) is None
