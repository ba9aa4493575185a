"""Pictures that a gallery knows again: what was removed from it does not come back in another file.

How far two files of one dream are apart, and two dreams of one photo, is written in ``bot.intake.likeness``.
"""

from __future__ import annotations

from bot.entry import EntryState, Visitor
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job
from bot.store.database import Database
from bot.store.gallery.acts import THE_BOT, Act, Acts
from bot.store.gallery.entries import NearDuplicateError
from bot.store.gallery.likenesses import Likenesses


class Likeness:
    """Says by what a dream is known again, and writes down who brings a removed one back."""

    def __init__(self, database: Database, *, images: ImageStore, decoder: Decoder) -> None:
        self._likenesses = Likenesses(database)
        self._acts = Acts(database)
        self._images = images
        self._decoder = decoder

    async def of(self, guild_id: int, job: Job) -> int | None:
        """Return by what a job's dream is known again; None where a server has an entry of this very picture.

        Raises UserError where the picture is no longer kept.
        """
        if job.result_hash is None or await self._likenesses.has(guild_id, job.result_hash):
            return None
        return await self._decoder.likeness(await self._images.get(job.result_hash))

    async def note(self, visitor: Visitor, error: Exception) -> None:
        """Write into the log that a visitor tried to bring a removed entry back, where ``error`` says so."""
        if isinstance(error, NearDuplicateError) and error.entry.state is EntryState.REMOVED:
            by, entry = visitor.person_id or THE_BOT, error.entry
            await self._acts.write(visitor.guild_id, Act.REFUSED, by=by, entry_id=entry.id, about=entry.person_id)
