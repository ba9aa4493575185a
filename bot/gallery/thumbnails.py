"""Thumbnails of entries, and by what their pictures are known again: made one after the other, the newest first."""

from __future__ import annotations

import logging

from bot.entry import Entry
from bot.errors import PassingError, UserError
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.clock import Clock
from bot.jobs.tasks import Loop
from bot.store.gallery.entries import EntryStore

log = logging.getLogger(__name__)

EVERY_S = 60.0
MOST_BYTES = 60 * 1024
MEDIA_TYPE = "image/webp"


class EntryThumbnails:
    """Makes the thumbnails that are missing. Which those are stands in the database: a restart forgets nothing."""

    def __init__(
        self, *, entries: EntryStore, images: ImageStore, decoder: Decoder, clock: Clock | None = None
    ) -> None:
        self._entries = entries
        self._images = images
        self._decoder = decoder
        self._stopping = False
        self._hopeless: set[int] = set()  # entries whose picture cannot be read: asked again after a restart
        self._loop = Loop(self._step, every_s=EVERY_S, clock=clock or Clock(), name="entry thumbnails")

    def start(self) -> None:
        """Begin with those that are missing."""
        self._loop.start()

    def wake(self) -> None:
        """An entry came in."""
        self._loop.wake()

    async def stop(self) -> None:
        """End after the one under way, and leave the rest to the next start."""
        self._stopping = True
        await self._loop.stop()

    async def _step(self) -> None:
        while not self._stopping:
            entry = await self._entries.without_thumbnail(frozenset(self._hopeless))
            if entry is None:
                return
            try:
                await self._make(entry)
            except PassingError:
                raise
            except UserError as error:
                self._hopeless.add(entry.id)
                log.warning("entry %s has no thumbnail: %s", entry.id, error)

    async def _make(self, entry: Entry) -> None:
        small = await self._decoder.thumbnail(await self._images.get(entry.picture_hash), MOST_BYTES)
        hash_ = await self._images.put(small.webp, MEDIA_TYPE, small.width, small.height)
        await self._entries.set_thumbnail(entry.id, hash_, small.likeness)
