"""A takedown from end to end: what goes is known again, then gone from the database, then from the store."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import UserError
from bot.images.objects import OutOfReachError
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.intake.sniff import may_be_video
from bot.jobs.results import Results
from bot.store.admin.acts import By
from bot.store.admin.spread import Spread
from bot.store.admin.takedowns import Known, Named, Takedowns


@dataclass(frozen=True)
class Removed:
    """What a takedown came to; ``kept``: pictures that could not be deleted now, and are swept within a day."""

    number: int
    spread: Spread
    kept: int


class Removal:
    """Takes pictures down."""

    def __init__(self, takedowns: Takedowns, images: ImageStore, decoder: Decoder) -> None:
        self.takedowns = takedowns
        self._images = images
        self._decoder = decoder

    async def take_down(self, named: Named, reason: str, by: By, known: Known | None = None) -> Removed:
        """Take down what is named, and all that was dreamed from it; ``known`` of a file that was handed in."""
        spread = await self.takedowns.spread(named)
        seen = await self._known(spread, known or Known())
        number, took = await self.takedowns.take_down(named, seen, reason, by)
        return Removed(number, took, await self._discard(took))

    async def _known(self, spread: Spread, known: Known) -> Known:
        """Return by what all that goes is known again; by its looks only what shows the picture itself."""
        digests, imprints, films = set(known.digests), list(known.imprints), list(known.films)
        for hash_ in sorted(spread.pictures):
            is_photo = hash_ in spread.photos
            try:
                data = await self._images.get(hash_)
                looks = await self._decoder.imprint(data, windows=is_photo)
                frames = await self._decoder.film_imprint(data, ways=True) if is_photo and may_be_video(data) else b""
            except UserError:  # its bytes are gone: its hash says what it was
                continue
            digests.add(looks.sha256)
            if is_photo:
                imprints.append(looks.imprints)
            if frames:
                films.append(frames)
        return Known(frozenset(digests), tuple(imprints), tuple(films))

    async def _discard(self, spread: Spread) -> int:
        """Delete pictures, and what names the results of dreams; return how many are left to the sweep."""
        kept, results = 0, Results(self._images)
        for hash_ in spread.pictures:
            try:
                await self._images.discard(hash_)
            except OutOfReachError:  # nothing refers to it any more
                kept += 1
        for job_id in spread.jobs:
            try:
                await results.forget(job_id)
            except OutOfReachError:  # the upkeep does it with the job's row
                continue
        return kept
