"""Pictures that are known again: found by a few differing bits, on the same server; thumbnails that are missing."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from gallery_samples import DREAMER, GUILD, MODERATOR, a_dream, a_picture, a_visitor, an_entry
from PIL import Image

from bot.entry import Entry, EntryState, Visitor
from bot.gallery.likeness import Likeness, NearDuplicateError
from bot.gallery.thumbnails import EntryThumbnails
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery.acts import Act, Acts
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import EntryStore
from bot.store.gallery.likenesses import FARTHEST, Likenesses, differing

ALL = tuple(EntryState)
BOUND_S = 60.0
ROOT = Path(__file__).parents[4]


def signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits


async def known_as(database: Database, likeness: int) -> Entry:
    entry = await an_entry(database)
    await EntryStore(database).set_thumbnail(entry.id, await a_picture(database), likeness)
    return entry


async def test_all_within_the_distance_are_found_and_none_beyond(database: Database) -> None:
    chance = random.Random(5)
    likeness = chance.getrandbits(64)
    entries = {}
    for bits in (*range(10), 6, 7, 7, 7, 8, 32, 64):
        mask = sum(1 << bit for bit in chance.sample(range(64), bits))
        entries[(await known_as(database, signed(likeness ^ mask))).id] = bits
    for distance in range(FARTHEST + 1):
        found = await Likenesses(database).near(GUILD, signed(likeness), distance, ALL)
        assert [entries[entry.id] for entry in found] == sorted(bits for bits in entries.values() if bits <= distance)
    assert await Likenesses(database).near(GUILD + 1, signed(likeness), 7, ALL) == []
    assert await Likenesses(database).near(GUILD, signed(likeness), 7, (EntryState.REMOVED,)) == []
    assert differing(signed(likeness), signed(likeness ^ (1 << 63))) == 1


class Stage(NamedTuple):
    """The galleries' pictures, with a real decoder."""

    database: Database
    images: ImageStore
    likeness: Likeness
    thumbnails: EntryThumbnails

    async def a_dream(self, data: bytes) -> Job:
        return await a_dream(self.database, result=await self.images.put(data, "image/png", 64, 64))

    async def with_thumbnail(self, entry: Entry) -> Entry:
        """Wait until an entry has its thumbnail."""
        async with asyncio.timeout(BOUND_S):
            while True:
                now = await EntryStore(self.database).get(a_visitor(DREAMER), entry.id)
                assert now is not None
                if now.thumbnail_hash is not None:
                    return now
                await asyncio.sleep(0.01)


@pytest.fixture
async def stage(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    images, decoder = ImageStore(Objects(tmp_path / "pictures"), BlobStore(database)), Decoder(children=1)
    likeness = Likeness(likenesses=Likenesses(database), acts=Acts(database), images=images, decoder=decoder)
    thumbnails = EntryThumbnails(entries=EntryStore(database), images=images, decoder=decoder)
    thumbnails.start()
    yield Stage(database, images, likeness, thumbnails)
    await thumbnails.stop()
    await decoder.stop()


def photo(left: int, kind: str = "PNG") -> bytes:
    """Return a part of the photo as a file."""
    file = io.BytesIO()
    with Image.open(ROOT / "engine/data/coffee.jpg") as image:
        image.convert("RGB").crop((left, 0, left + 300, 300)).save(file, kind)
    return file.getvalue()


async def test_a_removed_picture_does_not_come_back_in_another_file(stage: Stage) -> None:
    dream = await stage.a_dream(photo(0))
    visitor = Visitor(GUILD, 77)
    await stage.likeness.check(visitor, dream)
    entry = await an_entry(stage.database, dream)
    stage.thumbnails.wake()
    entry = await stage.with_thumbnail(entry)
    assert entry.thumbnail_hash is not None
    with Image.open(io.BytesIO(await stage.images.get(entry.thumbnail_hash))) as small:
        assert (small.format, small.size) == ("WEBP", (300, 300))
    await stage.likeness.check(visitor, dream)  # the very same picture: whoever adds it finds its entry
    again = await stage.a_dream(photo(0, "JPEG"))
    with pytest.raises(NearDuplicateError) as caught:
        await stage.likeness.check(visitor, again)
    assert caught.value.entry == entry
    await Decisions(stage.database).remove(a_visitor(MODERATOR), entry.id, EntryState.SHOWN, "no")
    with pytest.raises(NearDuplicateError) as caught:
        await stage.likeness.check(visitor, again)
    assert caught.value.entry.state is EntryState.REMOVED
    line = (await Acts(stage.database).newest(GUILD, 1))[0]
    assert (line.act, line.entry_id, line.person_id, line.about_id) == (Act.REFUSED, entry.id, 77, DREAMER)
    await stage.likeness.check(Visitor(GUILD + 1, 77), again)
    await stage.likeness.check(visitor, await stage.a_dream(photo(250)))


async def test_a_picture_that_cannot_be_read_holds_up_no_other(stage: Stage) -> None:
    first = await an_entry(stage.database, await stage.a_dream(photo(0)))
    await an_entry(stage.database, await stage.a_dream(b"no picture"))
    stage.thumbnails.wake()
    assert (await stage.with_thumbnail(first)).thumbnail_hash is not None
