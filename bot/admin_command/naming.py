"""What somebody names to be taken down: a link, a number, a hash, or a picture file."""

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
from bot.intake.imprint import BYTES, FARTHEST, distance
from bot.store.admin.takedowns import Known, Named, Takedowns

MESSAGE = re.compile(r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/(\d+)/(\d+)/?")
ENTRY_PAGE = re.compile(r"https?://\S+/e/([A-Za-z0-9_-]{22})/?(?:\?\S*)?")
NUMBERED = re.compile(r"(job|entry):(\d{1,18})")
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
FILE_SIDE = 1024  # pixels: a file is looked at no larger

UNKNOWN = (
    "{target!r} is nothing that can be taken down: name a message's link, a gallery page's link, job:41, entry:41, a "
    "SHA-256, or a picture file."
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
    """Look through every stored picture for one that is the same, whatever file it came in."""
    clean = await decoder.clean(data, FILE_SIDE)
    looks = await decoder.imprint(clean.png, windows=True)
    digests = {hashlib.sha256(one).hexdigest() for one in (data, clean.png)}
    windows = np.frombuffer(looks.imprints, np.uint8).reshape(-1, BYTES)
    kept = await takedowns.pictures()
    same = digests & set(kept)
    with errands.shown("Looking") as show:
        for number, hash_ in enumerate(kept):
            show(number, len(kept))
            if hash_ not in same and await _looks_like(hash_, windows, images, decoder):
                same.add(hash_)
    known = Known(frozenset({*digests, clean.sha256}), (looks.imprints,))
    return Target(Named(frozenset(same)), known)


async def _looks_like(hash_: str, windows: NDArray[np.uint8], images: ImageStore, decoder: Decoder) -> bool:
    """Compare both ways: either may be a part of the other. The first window is the whole picture."""
    try:
        looks = await decoder.imprint(await images.get(hash_), windows=True)
    except UserError:  # it went meanwhile
        return False
    theirs = np.frombuffer(looks.imprints, np.uint8).reshape(-1, BYTES)
    return min(distance(theirs[0], windows), distance(windows[0], theirs)) <= FARTHEST
