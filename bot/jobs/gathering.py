"""Gathering: the pictures that a job names are brought into the store, clean, each at most once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.errors import KEPT_NO_MORE, UserError
from bot.fail_points import FailPoint, fail_point
from bot.film import FilmAsk
from bot.images.store import ImageStore
from bot.intake.decoder import Clean, CleanClip
from bot.intake.taken import Looker, Taken
from bot.job import Job
from bot.store.jobs import Beside
from engine.films.settings import VideoFilm
from engine.recipe import Recipe
from engine.sentences import Sentence, mark

# The longest side of a guide and a mask, whatever the dream's: so the same picture is the same in every recipe. The
# engine looks at a guide at 256 pixels, and blurs a mask's border.
BESIDE_SIDE = 1024

ON_GUIDE, ON_MASK = mark("Guide: {note}"), mark("Mask: {note}")


class Fetches(Protocol):
    """``bot.images.download.Downloader``, as far as it is needed here."""

    async def fetch(self, url: str) -> bytes: ...


class Cleans(Looker, Protocol):
    """``bot.intake.decoder.Decoder``, as far as it is needed here."""

    async def clean(self, data: bytes, max_side: int) -> Clean: ...

    async def clip(self, data: bytes, film: VideoFilm) -> CleanClip: ...


@dataclass(frozen=True)
class Source:
    """The picture to dream on, in the store. ``film`` is what is asked for, with what was found in a moving one."""

    hash: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    film: str | None = None


@dataclass(frozen=True)
class _Taken:
    """A picture beside it: ``sha256`` is how recipes name it."""

    hash: str
    sha256: str
    notes: tuple[str, ...] = ()


class Gathering:
    """Fetches what is not ours yet; what is, is only looked up."""

    def __init__(self, images: ImageStore, downloads: Fetches, decoder: Cleans, taken: Taken) -> None:
        self._images = images
        self._downloads = downloads
        self._decoder = decoder
        self._taken = taken

    async def source(self, job: Job) -> Source:
        """Bring in the picture to dream on. Raises UserError."""
        if job.source_hash is not None:
            about = await self._images.about(job.source_hash)
            return Source(job.source_hash, about.width, about.height, film=job.film)
        if job.source_url is None:
            raise UserError(KEPT_NO_MORE)
        ask = None if job.film is None else FilmAsk.from_json(job.film)
        size = Recipe.from_json(job.recipe).size
        if ask is not None and ask.video is not None:
            return await self._moving(job.source_url, ask, ask.video, size)
        hash_, clean = await self._fetch(job.source_url, size)
        return Source(hash_, clean.width, clean.height, clean.notes, job.film)

    async def _moving(self, url: str, ask: FilmAsk, film: VideoFilm, size: int) -> Source:
        small = film.model_copy(update={"size": min(size, film.size)})
        data = await self._downloads.fetch(url)
        clean = await self._decoder.clip(data, small)
        await self._taken.check_film(data, clean.mp4)
        fail_point(FailPoint.CLEANED)
        hash_ = await self._images.put(clean.mp4, "video/mp4", clean.width, clean.height)
        fail_point(FailPoint.STORED)
        return Source(hash_, clean.width, clean.height, clean.notes, ask.found(clean.clip).to_json())

    async def beside(self, job: Job) -> tuple[Beside, tuple[str, ...]]:
        """Bring in the guide and the mask, and return the recipe as it takes them, with notes for the person, as text.

        Raises UserError, or RecipeError where the recipe needs one that was not given.
        """
        recipe = Recipe.from_json(job.recipe)
        guide = await self._take(job.guide_hash, job.guide_url, recipe.guide)
        mask = await self._take(job.mask_hash, job.mask_url, recipe.mask)
        recipe, notes = recipe.with_pictures(
            guide=None if guide is None else guide.sha256, mask=None if mask is None else mask.sha256
        )
        about = [
            Sentence(words, {"note": Sentence.from_text(note)})
            for words, one in ((ON_GUIDE, guide), (ON_MASK, mask))
            for note in (one.notes if one is not None else ())
        ]
        beside = Beside(
            recipe.to_json(),
            guide.hash if guide is not None and recipe.guide is not None else None,
            mask.hash if mask is not None and recipe.mask is not None else None,
        )
        return beside, tuple(note.to_text() for note in (*about, *notes))

    async def discard(self, source: Source, beside: Beside) -> None:
        """Remove at once what was brought in for a job that is gone, unless others have it too."""
        for hash_ in (source.hash, beside.guide_hash, beside.mask_hash):
            if hash_ is not None:
                await self._images.discard(hash_)

    async def _take(self, hash_: str | None, url: str | None, sha256: str | None) -> _Taken | None:
        if hash_ is not None:
            await self._images.about(hash_)
            if sha256 is None:  # it was something else before, say a dream
                sha256 = (await self._decoder.clean(await self._images.get(hash_), BESIDE_SIDE)).sha256
            return _Taken(hash_, sha256)
        if url is None:
            return None
        kept, clean = await self._fetch(url, BESIDE_SIDE)
        return _Taken(kept, clean.sha256, clean.notes)

    async def _fetch(self, url: str, max_side: int) -> tuple[str, Clean]:
        data = await self._downloads.fetch(url)
        clean = await self._decoder.clean(data, max_side)
        await self._taken.check(data, clean.png, clean.sha256)
        fail_point(FailPoint.CLEANED)
        hash_ = await self._images.put(clean.png, "image/png", clean.width, clean.height)
        fail_point(FailPoint.STORED)
        return hash_, clean
