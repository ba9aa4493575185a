"""What a PNG carries beside its pixels, squeezed: texts, and a colour profile. What is too large is taken out of it.

Pillow inflates them all before it looks at a pixel, and takes a picture for broken whose notes have more than 1 MiB. No
text is needed to see a picture; profiles of printers and scanners have up to 3 MB.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from engine.pictures import parts

MAX_PROFILE_BYTES = 4 * 1024 * 1024  # CMYK profiles of printers take up to 2
MOST_BYTES = 2**20 - 1  # of one that Pillow is left to inflate
ALL_BYTES = 2**24  # of all texts together
SQUEEZED = frozenset({b"iCCP", b"zTXt", b"iTXt"})


@dataclass(frozen=True)
class Bounded:
    """A file that Pillow may read, and the colour profile that was taken out of it.

    Of a profile that has more than ``MAX_PROFILE_BYTES``, there is only as much that this shows.
    """

    data: bytes
    profile: bytes | None = None


def bounded(data: bytes) -> Bounded:
    """Take out of a PNG what would be too large; of anything else, or where nothing is, return the bytes themselves.

    Its parts must have been counted (``parts.too_many``).
    """
    if not data.startswith(parts.PNG):
        return Bounded(data)
    cut: list[tuple[int, int]] = []
    left, seen, profile = ALL_BYTES, False, None
    for kind, start, end in parts.chunks(data):
        packed = _packed(kind, data[start + 8 : end - 4]) if kind in SQUEEZED else None
        if packed is None:
            continue
        if kind == b"iCCP":
            found = b"" if seen else _inflated(packed, MAX_PROFILE_BYTES)
            if seen or len(found) > MOST_BYTES:  # a PNG has one
                cut.append((start, end))
                profile = profile or found or None
            seen = True
        else:
            found = _inflated(packed, MOST_BYTES) if left > 0 else b""
            if left <= 0 or len(found) > MOST_BYTES:
                cut.append((start, end))
            left -= len(found)
    if not cut:
        return Bounded(data)
    starts, ends = zip(*cut, strict=True)
    kept = (data[end:start] for end, start in zip((0, *ends), (*starts, len(data)), strict=True))
    return Bounded(b"".join(kept), profile)


def _packed(kind: bytes, body: bytes) -> bytes | None:
    """Return what is squeezed in a chunk; None where nothing is."""
    _, _, rest = body.partition(b"\0")
    if kind != b"iTXt":
        return rest[1:]
    if rest[:1] != b"\1":
        return None
    return rest[2:].partition(b"\0")[2].partition(b"\0")[2]


def _inflated(packed: bytes, most: int) -> bytes:
    """Inflate to ``most`` bytes, and one more where there are more; what is broken is empty, as it is to Pillow."""
    try:
        return zlib.decompressobj().decompress(packed, most + 1)
    except zlib.error:
        return b""
