"""Pictures that a gallery knows again: what was removed from it does not come back in another file.

How far two files of one dream are apart, and two dreams of one photo, is written in ``bot.intake.likeness``.
"""

from __future__ import annotations

from bot.entry import Entry, EntryState, Visitor
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job
from bot.store.database import Database
from bot.store.gallery.acts import THE_BOT, Act, Acts
from bot.store.gallery.entries import AlreadyInError
from bot.store.gallery.likenesses import Likenesses

ALIKE = 6  # bits; the figures are in bot.intake.likeness

_IN_THE_WAY = frozenset(EntryState) - {EntryState.NOMINATED}


class NearDuplicateError(AlreadyInError):
    """A picture so alike that it is the same is in the gallery, or was removed from it; ``entry`` is the one."""


class Likeness:
    """Looks whether a dream is in a gallery already, or was removed from it."""

    def __init__(self, database: Database, *, images: ImageStore, decoder: Decoder) -> None:
        self._likenesses = Likenesses(database)
        self._acts = Acts(database)
        self._images = images
        self._decoder = decoder

    async def check(self, visitor: Visitor, job: Job) -> None:
        """Raise NearDuplicateError where the gallery has a job's dream already, or had it and it was removed.

        Who tries to bring a removed one back stands in the log then. The very same picture is not looked at: whoever
        adds it finds its entry. Raises UserError where the picture is no longer kept.
        """
        if job.result_hash is None or await self._likenesses.has(visitor.guild_id, job.result_hash):
            return
        likeness = await self._decoder.likeness(await self._images.get(job.result_hash))
        near = await self._likenesses.near(visitor.guild_id, likeness, ALIKE, _IN_THE_WAY)
        if not near:
            return
        removed = next((entry for entry in near if entry.state is EntryState.REMOVED), None)
        if removed is not None:
            await self._note(visitor, removed)
        raise NearDuplicateError(removed or near[0])

    async def _note(self, visitor: Visitor, entry: Entry) -> None:
        by = visitor.person_id or THE_BOT
        await self._acts.write(visitor.guild_id, Act.REFUSED, by=by, entry_id=entry.id, about=entry.person_id)
