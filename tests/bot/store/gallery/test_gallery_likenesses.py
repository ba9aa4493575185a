"""Pictures that are known again: found by a few differing bits, on the same server; thumbnails that are missing."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from gallery_samples import DREAMER, GUILD, MODERATOR, a_dream, a_picture, a_visitor, an_entry
from PIL import Image

from bot.entry import Entry, EntryState, Visitor, Wish
from bot.gallery.service import AlreadyInGalleryError, Gallery
from bot.gallery.thumbnails import EntryThumbnails
from bot.guilds import Guilds
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
from bot.store.gallery.votes import Votes
from bot.store.guilds import GuildStore

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
    gallery: Gallery
    guilds: Guilds
    thumbnails: EntryThumbnails

    async def a_dream(self, data: bytes, **changes: Any) -> Job:
        return await a_dream(self.database, result=await self.images.put(data, "image/png", 64, 64), **changes)

    async def add(self, job: Job) -> Entry:
        """Add a dream as its dreamer does."""
        return await self.gallery.add(Visitor(job.guild_id or GUILD, job.person_id), job, Wish())

    async def refused(self, job: Job) -> Entry:
        """Add a dream that does not come in; returns the entry that is in its way."""
        with pytest.raises(AlreadyInGalleryError) as caught:
            await self.add(job)
        return caught.value.entry

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
    guilds = Guilds(GuildStore(database))
    gallery = Gallery(database, images=images, decoder=decoder, guilds=guilds)
    thumbnails = EntryThumbnails(entries=EntryStore(database), images=images, decoder=decoder)
    thumbnails.start()
    yield Stage(database, images, gallery, guilds, thumbnails)
    await thumbnails.stop()
    await decoder.stop()


def photo(left: int, kind: str = "PNG") -> bytes:
    """Return a part of the photo as a file."""
    file = io.BytesIO()
    with Image.open(ROOT / "engine/data/coffee.jpg") as image:
        image.convert("RGB").crop((left, 0, left + 300, 300)).save(file, kind)
    return file.getvalue()


async def test_a_removed_picture_does_not_come_back_in_another_file(stage: Stage) -> None:
    entry = await stage.add(await stage.a_dream(photo(0)))
    stage.thumbnails.wake()
    entry = await stage.with_thumbnail(entry)
    assert entry.thumbnail_hash is not None
    with Image.open(io.BytesIO(await stage.images.get(entry.thumbnail_hash))) as small:
        assert (small.format, small.size) == ("WEBP", (300, 300))
    again = await stage.a_dream(photo(0, "JPEG"), person_id=77)
    assert await stage.refused(again) == entry
    await Decisions(stage.database).remove(a_visitor(MODERATOR), entry.id, EntryState.SHOWN, "no")
    assert (await stage.refused(again)).state is EntryState.REMOVED
    line = (await Acts(stage.database).newest(GUILD, 1))[0]
    assert (line.act, line.entry_id, line.person_id, line.about_id) == (Act.REFUSED, entry.id, 77, DREAMER)
    assert (await stage.add(await stage.a_dream(photo(0, "JPEG"), guild_id=GUILD + 1))).guild_id == GUILD + 1
    assert (await stage.add(await stage.a_dream(photo(250)))).state is EntryState.SHOWN


async def test_of_two_files_of_one_dream_at_once_one_comes_in(stage: Stage) -> None:
    for number in range(3):  # no thumbnail is made: nobody wakes those that make them
        files = [await stage.a_dream(photo(100 * number, kind)) for kind in ("PNG", "JPEG", "BMP")]
        added = await asyncio.gather(*(stage.add(one) for one in files), return_exceptions=True)
        (entry,) = (one for one in added if isinstance(one, Entry))
        assert [one.entry for one in added if isinstance(one, AlreadyInGalleryError)] == [entry, entry]


async def test_votes_do_not_bring_in_what_was_removed_in_another_file(stage: Stage) -> None:
    await GuildStore(stage.database).change(GUILD, 1, 0, lambda one: one.changed(gallery={"votes_to_add": 2}))
    await stage.guilds.refresh(GUILD)
    nominated = await stage.a_dream(photo(0))
    cast = await stage.gallery.vote_for_dream(a_visitor(70), nominated)
    assert cast.entry.state is EntryState.NOMINATED
    entry = await stage.add(await stage.a_dream(photo(0, "JPEG")))
    await Decisions(stage.database).remove(a_visitor(MODERATOR), entry.id, EntryState.SHOWN, "no")
    with pytest.raises(AlreadyInGalleryError) as caught:
        await stage.gallery.vote_for_dream(a_visitor(71), nominated)
    assert caught.value.entry.id == entry.id
    # Its dreamer does not bring it in by their word either, nor a press that looked before the removal.
    assert (await stage.refused(nominated)).id == entry.id
    await Votes(stage.database).cast(a_visitor(71), cast.entry.id, for_it=True)
    assert await Votes(stage.database).promote(cast.entry.id, 2, EntryState.SHOWN) is None


async def test_a_picture_that_cannot_be_read_holds_up_no_other(stage: Stage) -> None:
    first = await an_entry(stage.database, await stage.a_dream(photo(0)))
    await an_entry(stage.database, await stage.a_dream(b"no picture"))
    stage.thumbnails.wake()
    assert (await stage.with_thumbnail(first)).thumbnail_hash is not None
