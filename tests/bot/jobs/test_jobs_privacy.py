"""Forgetting with dreams under way, and exports with real zip files: on a running service, on both databases."""

from __future__ import annotations

import asyncio
import io
import json
import random
import zipfile
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from jobs_bench import BOUND_S, URL, Bench, Place, a_request, bench, dreamed, settle
from sqlalchemy import select

from bot.errors import UserError
from bot.privacy import Privacy
from bot.privacy.parts import Cursor
from bot.store.privacy import PrivacyStore
from bot.store.tables import Base

ADA, BOB = 700_000_000_000_000_001, 700_000_000_000_000_002
ROOM = 1 << 20


def privacy_of(made: Bench) -> Privacy:
    return Privacy(PrivacyStore(made.database), made.images, made.jobs)


async def whole_database(made: Bench) -> str:
    """Return every value of every row, as text."""
    async with made.database.read() as session:
        tables = [(await session.execute(select(table))).all() for table in Base.metadata.sorted_tables]
        return str([tuple(row) for rows in tables for row in rows])


def contents(folder: Path) -> list[bytes]:
    """Return what lies in the object store."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def export(privacy: Privacy, person_id: int, most_bytes: int = ROOM) -> list[bytes]:
    """Return the parts of an export."""
    async with aclosing(privacy.export(person_id, most_bytes, "Read me.")) as parts:
        return [await asyncio.to_thread(part.file.read_bytes) async for part in parts]


def unpacked(parts: list[bytes]) -> dict[str, bytes]:
    """Return the files of all parts."""
    archives = [zipfile.ZipFile(io.BytesIO(part)) for part in parts]
    return {name: archive.read(name) for archive in archives for name in archive.namelist()}


async def test_a_person_is_gone_from_database_and_store_and_was_told_everything_before(running: Bench) -> None:
    privacy = privacy_of(running)
    running.web.files["https://cdn.discordapp.com/bob.png"] = b"bob's photo"
    bobs = await running.dream_one(person_id=BOB, source_url="https://cdn.discordapp.com/bob.png")
    adas = (await running.jobs.accept(a_request(person_id=ADA)))[0]
    (await running.pool.next()).end(dreamed(b"ada's dream"))
    await running.until_told_at(adas.id)

    files = unpacked(await export(privacy, ADA))
    pictures = {data for name, data in files.items() if name.startswith("pictures/")}
    assert pictures == {b"clean: a photo", b"ada's dream"}
    (row,) = json.loads(files["dreams.json"])
    assert (row["person_id"], row["id"], row["recipe"]["look"]) == (str(ADA), adas.id, "classic")
    assert f"pictures/{row['result_hash']}.png" in files
    assert str(BOB).encode() not in b"".join(files.values())

    held = await privacy.forget(ADA)
    assert held.rows["dreams"] == 1
    assert str(ADA) not in await whole_database(running)
    assert set(contents(running.folder)) == {b"clean: bob's photo", b"a dream"}
    assert await running.store.get(bobs.id) is not None
    assert json.loads(unpacked(await export(privacy, ADA))["dreams.json"]) == []


async def test_bytes_that_somebody_else_has_too_stay(running: Bench) -> None:
    privacy = privacy_of(running)
    await running.dream_one(person_id=BOB)
    await running.dream_one(person_id=ADA)
    await privacy.forget(ADA)
    assert set(contents(running.folder)) == {b"clean: a photo", b"a dream"}


async def test_whoever_sends_the_same_picture_in_that_moment_gets_their_dream(
    running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, puts = running.images.put, 0

    async def put_and_lose_it_once(data: bytes, media_type: str, width: int, height: int) -> str:
        nonlocal puts
        hash_ = await put(data, media_type, width, height)
        puts += 1
        if puts == 1:
            assert await running.images.discard(hash_)
        return hash_

    monkeypatch.setattr(running.images, "put", put_and_lose_it_once)
    job = await running.dream_one(person_id=BOB)
    assert job.failure is None
    assert set(contents(running.folder)) == {b"clean: a photo", b"a dream"}


async def test_dreams_that_wait_or_run_end_untold_and_their_pictures_go(running: Bench) -> None:
    privacy = privacy_of(running)
    await running.jobs.accept(a_request(person_id=ADA))
    dream = await running.pool.next()
    (waiting,) = await running.jobs.accept(a_request(person_id=ADA))
    await running.until(waiting.id, lambda job: job.source_hash is not None)
    await privacy.forget(ADA)
    assert running.pool.cancelled == [dream.work.job_id]
    async with asyncio.timeout(BOUND_S):
        await dream.left.wait()
    await settle()
    bobs = await running.dream_one(person_id=BOB)
    assert {job.id for job, _ in running.chat.tellings} == {bobs.id}
    assert str(ADA) not in await whole_database(running)
    assert len(contents(running.folder)) == 2


async def test_a_picture_that_arrives_while_its_person_is_forgotten_does_not_stay(running: Bench) -> None:
    privacy = privacy_of(running)
    running.web.gate = asyncio.Event()
    (job,) = await running.jobs.accept(a_request(person_id=ADA))
    async with asyncio.timeout(BOUND_S):
        while not running.web.fetched:
            await asyncio.sleep(0.005)
    await privacy.forget(ADA)
    running.web.files["https://cdn.discordapp.com/bob.png"] = b"bob's"
    running.web.gate.set()
    await running.dream_one(person_id=BOB, source_url="https://cdn.discordapp.com/bob.png")
    assert await running.store.get(job.id) is None
    assert set(contents(running.folder)) == {b"clean: bob's", b"a dream"}


async def test_a_dream_that_ends_while_its_person_is_forgotten_does_not_stay(running: Bench) -> None:
    privacy = privacy_of(running)
    running.pool.obeys = False
    await running.jobs.accept(a_request(person_id=ADA))
    dream = await running.pool.next()
    # Its row goes first, and this process learns of it last: as where another process forgets its person.
    await PrivacyStore(running.database).begin(ADA)
    gone = await PrivacyStore(running.database).forget(ADA)
    dream.end(dreamed(b"too late"))
    async with asyncio.timeout(BOUND_S):
        await dream.left.wait()
    await running.dream_one(person_id=BOB, source_url=URL)
    await privacy.start()
    assert await PrivacyStore(running.database).begun() == []
    await privacy.stop()
    assert len(gone.jobs) == 1
    assert b"too late" not in contents(running.folder)


async def test_the_next_start_forgets_whom_the_last_one_did_not(place: Place) -> None:
    async with bench(place) as made:
        await made.jobs.start()
        await made.dream_one(person_id=ADA)
        await PrivacyStore(made.database).begin(ADA)
        await PrivacyStore(made.database).forget(ADA)
        assert len(contents(made.folder)) == 2
    async with bench(place) as made:
        privacy = privacy_of(made)
        await privacy.start()
        await privacy.stop()
        assert contents(made.folder) == []
        assert str(ADA) not in await whole_database(made)


async def test_asked_twice_at_once_a_person_is_forgotten_once(running: Bench) -> None:
    privacy = privacy_of(running)
    await running.dream_one(person_id=ADA)
    await asyncio.gather(privacy.forget(ADA), privacy.forget(ADA))
    assert str(ADA) not in await whole_database(running)
    assert contents(running.folder) == []


async def with_pictures(made: Bench, sizes: list[int]) -> set[bytes]:
    """Have Ada dream as many pictures, of so many bytes that nothing compresses; returns all that is hers."""
    noise = random.Random(7)
    pictures = [noise.randbytes(size) for size in sizes]
    for picture in pictures:
        (job,) = await made.jobs.accept(a_request(person_id=ADA))
        (await made.pool.next()).end(dreamed(picture))
        await made.until_told_at(job.id)
    return {b"clean: a photo", *pictures}


async def test_parts_stay_below_the_limit_and_hold_everything_once(running: Bench) -> None:
    privacy = privacy_of(running)
    limit = 64 * 1024
    pictures = await with_pictures(running, [40_000, 30_000, 20_000, 10_000, 25_000])
    parts = await export(privacy, ADA, limit)
    assert len(parts) > 2
    assert all(len(part) <= limit for part in parts)
    names = [name for part in parts for name in zipfile.ZipFile(io.BytesIO(part)).namelist()]
    inside = [name for name in names if name.startswith("pictures/")]
    assert len(inside) == len(set(inside)) == len(pictures)
    assert {data for name, data in unpacked(parts).items() if name in inside} == pictures
    assert names.count("dreams.json") == 1


async def test_a_picture_too_large_for_a_part_comes_in_pieces(running: Bench) -> None:
    privacy = privacy_of(running)
    limit = 64 * 1024
    pictures = await with_pictures(running, [150_000])
    parts = await export(privacy, ADA, limit)
    assert all(len(part) <= limit for part in parts)
    files = unpacked(parts)
    joined = b"".join(files[name] for name in sorted(files) if "-of-" in name)
    assert joined in pictures


async def test_an_export_goes_on_where_it_stopped_whatever_came_meanwhile(running: Bench) -> None:
    privacy = privacy_of(running)
    limit = 64 * 1024
    pictures = await with_pictures(running, [40_000, 30_000, 20_000, 50_000])
    parts: list[bytes] = []
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        async with aclosing(privacy.export(ADA, limit, "Read me.", Cursor.parse(str(cursor)))) as made:
            part = await anext(made)
            parts.append(await asyncio.to_thread(part.file.read_bytes))
            cursor = part.next
    assert set(unpacked(parts).values()) >= pictures


async def test_a_second_export_at_once_is_refused_and_a_later_one_is_not(running: Bench) -> None:
    privacy = privacy_of(running)
    async with aclosing(privacy.export(ADA, ROOM, "Read me.")) as first:
        await anext(first)
        with pytest.raises(UserError, match="already"):
            await export(privacy, ADA)
        assert await export(privacy, BOB)
    assert await export(privacy, ADA)


async def test_an_export_leaves_nothing_behind(running: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    privacy = privacy_of(running)
    await running.dream_one(person_id=ADA)
    async with aclosing(privacy.export(ADA, ROOM, "Read me.")) as parts:
        assert (await anext(parts)).file.exists()
        assert list(temporary.iterdir())
    assert list(temporary.iterdir()) == []


async def test_a_picture_that_went_meanwhile_is_missing_and_the_rest_is_there(running: Bench) -> None:
    privacy = privacy_of(running)
    job: Any = await running.dream_one(person_id=ADA)
    await running.images.objects.delete(f"blobs/{job.result_hash[:2]}/{job.result_hash}")
    files = unpacked(await export(privacy, ADA))
    assert [data for name, data in files.items() if name.startswith("pictures/")] == [b"clean: a photo"]
