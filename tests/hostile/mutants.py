"""Good files of every kind, and what becomes of them when they are cut, spliced and told to lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bombs_films import film
from bombs_pictures import animated, photo, saved, with_everything
from hypothesis import strategies as st

SEEDS: dict[str, Callable[[], bytes]] = {
    "png": lambda: with_everything("PNG"),
    "jpeg": lambda: with_everything("JPEG"),
    "progressive jpeg": lambda: saved(photo(), "JPEG", progressive=True),
    "cmyk jpeg": lambda: saved(photo().convert("CMYK"), "JPEG"),
    "tiff": lambda: with_everything("TIFF"),
    "deflated tiff": lambda: saved(photo(), "TIFF", compression="tiff_deflate"),
    "jpeg in tiff": lambda: saved(photo(), "TIFF", compression="jpeg"),
    "bmp": lambda: saved(photo(), "BMP"),
    "webp": lambda: with_everything("WEBP"),
    "avif": lambda: with_everything("AVIF"),
    "gif": lambda: animated("GIF"),
    "moving png": lambda: animated("PNG"),
    "moving webp": lambda: animated("WEBP"),
    "mp4": lambda: film(6),
    "mov": lambda: film(6, kind="mov"),
    "mkv": lambda: film(6, kind="matroska"),
    "webm": lambda: film(6, kind="webm", codec="libvpx"),
}
MOVING = frozenset({"gif", "moving png", "moving webp", "mp4", "mov", "mkv", "webm", "avif"})
# What lies in lengths, counts and sizes.
LIES = [bytes([value]) * size for size in (1, 2, 3, 4, 8) for value in (0, 0xFF)] + [
    (number % 256**size).to_bytes(size, order)
    for number in (1, 2**7, 2**15, 2**16, 2**31 - 1, 2**31, 20_000, 8_000)
    for size in (2, 4)
    for order in ("big", "little")
]


@dataclass(frozen=True)
class Edit:
    """A change at a part of a file: so many bytes go, and these come."""

    at: float  # of the file, 0–1
    gone: int
    come: bytes


@cache
def seed(name: str) -> bytes:
    """Return a good file."""
    return SEEDS[name]()


# Most of what decides stands at the beginning.
_places = st.one_of(st.floats(0, 0.05), st.floats(0, 1))
_lies = st.sampled_from(LIES).map(lambda lie: (len(lie), lie))
_noise = st.binary(max_size=40).map(lambda noise: (len(noise), noise))
_cuts = st.tuples(st.sampled_from([1, 4, 100, 2**30]), st.just(b""))
_grown = st.tuples(st.just(0), st.binary(min_size=1, max_size=8).map(lambda piece: piece * 50))
edits = st.builds(lambda at, change: Edit(at, *change), _places, st.one_of(_lies, _lies, _noise, _cuts, _grown))
mutants = st.tuples(st.sampled_from(sorted(SEEDS)), st.lists(edits, min_size=1, max_size=4))


def mutated(name: str, changes: list[Edit]) -> bytes:
    """Return a good file, changed; its first bytes stay, so that somebody tries to read it."""
    data = bytearray(seed(name))
    for change in changes:
        at = 12 + int(change.at * max(0, len(data) - 12))
        data[at : at + change.gone] = change.come
    return bytes(data)
