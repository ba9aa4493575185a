"""What somebody names to be taken down: a link, a number, a hash, or a file with a picture or a film."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot import errands
from bot.errors import UserError
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.intake.imprint import FARTHEST, distance, is_same_film, rows_of
from bot.store.admin.takedowns import Known, Named, Takedowns
from engine.films.settings import MOST_SECONDS, VideoFilm

MESSAGE = re.compile(r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/(\d+)/(\d+)/?")
ENTRY_PAGE = re.compile(r"https?://\S+/e/([A-Za-z0-9_-]{22})/?(?:\?\S*)?")
NUMBERED = re.compile(r"(job|entry):(\d{1,18})")
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
FILE_SIDE = 1024  # pixels: a file is looked at no larger

UNKNOWN = (
    "{target!r} is nothing that can be taken down: name a message's link, a gallery page's link, job:41, entry:41, a "
    "SHA-256, or a file with a picture or a film."
)
NOTHING = (
    "Nothing is kept of it here. If a message still shows the picture, delete it in the chat; to have it refused from "
    "now on, save the picture and take down the file."
)


class NothingNamedError(Exception):
    """There is nothing to take down: a sentence says why, and what to do."""


@dataclass(frozen=True)
class Target:
    """What is to go, and by what a file that was handed in is known again."""

    named: Named
    known: Known = field(default_factory=Known)


async def target_of(target: str, takedowns: Takedowns, images: ImageStore, decoder: Decoder) -> Target:
    """Find what somebody named. Raises NothingNamedError, and UserError where a file is no picture."""
    data = await asyncio.to_thread(_bytes_of, Path(target))
    if data is not None:
        return await _of_file(data, takedowns, images, decoder)
    if SHA256.fullmatch(target):
        digest = target.lower()
        return Target(Named(frozenset({digest})), Known(frozenset({digest})))
    if found := MESSAGE.fullmatch(target):
        named = await takedowns.at_message(int(found[1]), int(found[2]))
    elif found := ENTRY_PAGE.fullmatch(target):
        named = await takedowns.of_entry(slug=found[1])
    elif found := NUMBERED.fullmatch(target):
        number = int(found[2])
        named = await (takedowns.of_job(number) if found[1] == "job" else takedowns.of_entry(number))
    else:
        raise NothingNamedError(UNKNOWN.format(target=target))
    if not named:
        raise NothingNamedError(NOTHING)
    return Target(named)


def _bytes_of(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


async def _of_file(data: bytes, takedowns: Takedowns, images: ImageStore, decoder: Decoder) -> Target:
    """Look through everything that is stored for what is the same, whatever file it came in; of a film also for films.

    A film's first frame is taken for a picture.
    """
    clean = await decoder.clean(data, FILE_SIDE)
    looks = await decoder.imprint(clean.png, windows=True)
    film = await _film_of(data, decoder)
    digests = {hashlib.sha256(one).hexdigest() for one in (data, clean.png, *([film.mp4] if film is not None else []))}
    windows, ways = rows_of(looks.imprints), rows_of(film.imprints if film is not None else b"")
    pictures, films = await takedowns.pictures(), await takedowns.films() if len(ways) else []
    same = digests & {*pictures, *films}
    with errands.shown("Looking") as show:
        for number, hash_ in enumerate([*pictures, *films]):
            show(number, len(pictures) + len(films))
            is_alike, own = (_is_film, ways) if number >= len(pictures) else (_looks_like, windows)
            if hash_ not in same and await is_alike(hash_, own, images, decoder):
                same.add(hash_)
    films_known = (film.imprints,) if film is not None and film.imprints else ()
    known = Known(frozenset({*digests, clean.sha256}), (looks.imprints,), films_known)
    return Target(Named(frozenset(same)), known)


@dataclass(frozen=True)
class _Film:
    """A moving picture as we keep it, and by what it is known again."""

    mp4: bytes
    imprints: bytes


async def _film_of(data: bytes, decoder: Decoder) -> _Film | None:
    """Read a file as a film; None where it does not move."""
    try:
        clean = await decoder.clip(data, VideoFilm(seconds=MOST_SECONDS))
    except UserError:
        return None
    return _Film(clean.mp4, await decoder.film_imprint(clean.mp4, ways=True))


async def _looks_like(hash_: str, windows: NDArray[np.uint8], images: ImageStore, decoder: Decoder) -> bool:
    """Compare both ways: either may be a part of the other. The first window is the whole picture."""
    try:
        looks = await decoder.imprint(await images.get(hash_), windows=True)
    except UserError:  # it went meanwhile
        return False
    theirs = rows_of(looks.imprints)
    return min(distance(theirs[0], windows), distance(windows[0], theirs)) <= FARTHEST


async def _is_film(hash_: str, ways: NDArray[np.uint8], images: ImageStore, decoder: Decoder) -> bool:
    try:
        frames = await decoder.film_imprint(await images.get(hash_))
    except UserError:  # it went meanwhile
        return False
    return is_same_film(rows_of(frames), ways)
