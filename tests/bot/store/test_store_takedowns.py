"""A takedown takes a picture and all that was dreamed from it, and nothing else; what it keeps is hashes."""

from __future__ import annotations

from typing import Any

import pytest
from gallery_samples import a_dream, a_picture, an_entry
from sqlalchemy import select, update
from store_samples import a_request

from bot.errors import UserError
from bot.job import Job, Shown, State
from bot.preset import Viewer
from bot.store.admin.acts import AdminActs, By
from bot.store.admin.regimes import Regimes
from bot.store.admin.takedowns import Imprints, Known, Named, Takedowns, is_taken_down
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery.tables import EntryRow
from bot.store.jobs import JobStore
from bot.store.presets import Draft, PresetStore
from bot.store.privacy import PrivacyStore
from bot.store.tables import JobRow, PresetRow
from bot.store.tellings import Tellings

ROOT = By(login="root")


@pytest.fixture
def takedowns(database: Database) -> Takedowns:
    return Takedowns(database)


async def set_to(database: Database, job: Job, **values: Any) -> Job:
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == job.id).values(**values))
    found = await JobStore(database).get(job.id)
    assert found is not None
    return found


async def dreamed_on(database: Database, parent: Job, **changes: Any) -> Job:
    """Return a dream that somebody else made of another's result."""
    job = await a_dream(database, person_id=77, parent_id=parent.id, source_url=None, **changes)
    return await set_to(database, job, source_hash=parent.result_hash)


async def test_it_reaches_what_was_dreamed_from_a_picture_however_far_away(
    database: Database, takedowns: Takedowns
) -> None:
    first = await a_dream(database)
    second = await dreamed_on(database, first)
    third = await dreamed_on(database, second)
    other = await a_dream(database)
    guided = await set_to(database, await a_dream(database), guide_hash=third.result_hash)
    masked = await set_to(database, await a_dream(database), mask_hash=guided.result_hash)
    entry = await an_entry(database, third)
    preset = await PresetStore(database).add(
        Viewer(5, None), Draft("Mine", "mine", "{}", guide_hash=first.result_hash), server=False, at_most=9
    )
    spread = await takedowns.spread(await takedowns.of_job(first.id))
    assert spread.jobs == {one.id for one in (first, second, third, guided, masked)}
    assert (spread.entries, spread.presets) == ({entry.id}, {preset.id})
    photos = {first.source_hash, first.result_hash, second.result_hash, third.result_hash}
    assert spread.photos == photos, "the photo that a guide was for is somebody else's"
    assert spread.pictures == photos | {guided.result_hash, masked.result_hash}
    assert not spread.pictures & {other.source_hash, other.result_hash, guided.source_hash, masked.source_hash}

    from_third = await takedowns.spread(await takedowns.of_job(third.id))
    assert from_third.jobs == spread.jobs, "the photo that it all began with goes too"


async def test_it_follows_dreams_whose_pictures_were_let_go(database: Database, takedowns: Takedowns) -> None:
    first = await a_dream(database)
    second = await dreamed_on(database, first)
    await set_to(database, first, source_hash=None, result_hash=None)
    spread = await takedowns.spread(await takedowns.of_job(first.id))
    assert spread.jobs == {first.id, second.id}
    assert {second.source_hash, second.result_hash} <= spread.pictures


async def test_what_is_taken_down_is_gone_and_told_and_refused(
    database: Database, takedowns: Takedowns, tellings: Tellings
) -> None:
    jobs = JobStore(database)
    told = await a_dream(database)
    removed = await set_to(database, await a_dream(database), source_hash=told.source_hash, shown=Shown.REMOVED)
    (live,), _ = await jobs.accept([a_request()], "mine")
    waiting = await jobs.enqueue(live, told.source_hash or "", None, 5.0)
    assert waiting is not None
    entry = await an_entry(database, told)
    before = await Regimes(database).version()
    number, spread = await takedowns.take_down(
        await takedowns.of_job(told.id),
        Known(frozenset({"e" * 64}), (b"\1" * 64,), (b"\2" * 128,)),
        "Not theirs.",
        ROOT,
    )
    assert await Regimes(database).version() > before, "running bots notice"
    for job in (told, waiting):
        now = await jobs.get(job.id)
        assert now is not None
        assert (now.state, now.told_at, now.source_hash, now.result_hash) == (State.FAILED, None, None, None)
        assert is_taken_down(now.failure)
    kept = await jobs.get(removed.id)
    assert kept is not None
    assert kept.told_at is not None, "a message that was removed is not told anew"
    assert {job.id for job in await tellings.take("mine", [], 9)} == {told.id, waiting.id}
    async with database.read() as session:
        assert await session.get(EntryRow, entry.id) is None
    for hash_ in spread.pictures:
        assert await BlobStore(database).remove(hash_, _deleted), "nothing refers to it"

    (again,), _ = await jobs.accept([a_request()], "mine")
    with pytest.raises(UserError, match="taken down"):
        await jobs.enqueue(again, told.source_hash or "", None, 5.0)
    assert await takedowns.has(["e" * 64])
    assert await takedowns.imprints() == Imprints((b"\1" * 64,), (b"\2" * 128,))
    (line,) = await AdminActs(database).newest(1)
    assert (line.by, line.act, line.reason) == (ROOT, "taken down", f"{number}: Not theirs.")

    assert await takedowns.put_back(number, ROOT)
    assert not await takedowns.put_back(number, ROOT)
    assert (await takedowns.has(["e" * 64]), await takedowns.imprints()) == (False, Imprints((), ()))
    (one,) = await takedowns.all()
    assert (one.undone_at is not None, one.dreams, one.entries) == (True, 3, 1)


async def test_a_dream_of_which_no_picture_is_kept_is_changed_all_the_same(
    database: Database, takedowns: Takedowns
) -> None:
    job = await set_to(database, await a_dream(database), source_hash=None, result_hash=None)
    _, spread = await takedowns.take_down(await takedowns.of_job(job.id), Known(), "Not theirs.", ROOT)
    now = await JobStore(database).get(job.id)
    assert now is not None
    assert (spread.jobs, is_taken_down(now.failure), now.told_at) == ({job.id}, True, None)


async def test_it_outlives_whom_the_picture_was_of(database: Database, takedowns: Takedowns) -> None:
    job = await a_dream(database, person_id=4321)
    await takedowns.take_down(await takedowns.of_job(job.id), Known(), "Not theirs.", ROOT)
    privacy = PrivacyStore(database)
    await privacy.begin(4321)
    await privacy.forget(4321)
    assert await takedowns.has([job.result_hash or ""])


async def test_a_link_finds_what_a_message_shows(database: Database, takedowns: Takedowns) -> None:
    job = await set_to(database, await a_dream(database), channel_id=31, message_id=32)
    named = await takedowns.at_message(31, 32)
    assert (named.jobs, named.pictures) == ({job.id}, {job.source_hash, job.result_hash})
    assert not await takedowns.at_message(31, 33)
    entry = await an_entry(database, await a_dream(database))
    by_page = await takedowns.of_entry(slug=entry.slug)
    assert entry.picture_hash in by_page.pictures
    assert by_page == await takedowns.of_entry(entry.id)


async def test_others_of_the_same_message_are_told_anew_with_their_pictures(
    database: Database, takedowns: Takedowns
) -> None:
    jobs = JobStore(database)
    (one, other), _ = await jobs.accept([ask := a_request(), ask], "mine")
    finished = {"state": State.DREAMED, "told_at": one.created_at, "finished_at": one.created_at}
    pictures = [await a_picture(database) for _ in range(4)]
    one = await set_to(database, one, source_hash=pictures[0], result_hash=pictures[1], **finished)
    other = await set_to(database, other, source_hash=pictures[2], result_hash=pictures[3], **finished)
    await takedowns.take_down(Named(frozenset({pictures[0]})), Known(), "Not theirs.", ROOT)
    now, beside = await jobs.together(one.id)
    assert (now.state, now.told_at) == (State.FAILED, None)
    assert (beside.state, beside.told_at, beside.result_hash) == (State.DREAMED, None, pictures[3])


async def test_a_preset_with_the_picture_goes_and_others_stay(database: Database, takedowns: Takedowns) -> None:
    store, guide = PresetStore(database), await a_picture(database)
    await store.add(Viewer(5, None), Draft("Mine", "mine", "{}", guide_hash=guide), server=False, at_most=9)
    other = await store.add(Viewer(5, None), Draft("Other", "other", "{}"), server=False, at_most=9)
    await takedowns.take_down(Named(frozenset({guide})), Known(), "Not theirs.", ROOT)
    async with database.read() as session:
        assert list(await session.scalars(select(PresetRow.id))) == [other.id]


async def test_an_entry_without_its_job_is_found_by_its_picture(database: Database, takedowns: Takedowns) -> None:
    job = await a_dream(database)
    entry = await an_entry(database, job)
    await Tellings(database).remove([job.id])
    spread = await takedowns.spread(Named(frozenset({job.result_hash or ""})))
    assert spread.entries == {entry.id}


async def _deleted(_: str) -> None:
    """Let the object be gone."""
