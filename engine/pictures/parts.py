"""How many parts a file is made of, counted before anybody decodes them: a small picture of millions takes minutes."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

# A file of 24 MiB in the smallest pieces that encoders write, of 2 KiB, has 12,000. Of two million, as many as such a
# file can have, Pillow takes 15 s and 400 MB.
MOST_PARTS = 20_000
# Encoders write up to 14. Each goes over the whole picture: of 64 million pixels, 10 ms in grey and 30 in colour.
MOST_SCANS = 100

PNG = b"\x89PNG\r\n\x1a\n"
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_MARKER_AFTER_PIXELS = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # which stand among them
_START_OF_SCAN, _END = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers that nothing follows
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_SHORT = 128  # bytes of a GIF's block, of 255 at most: encoders fill all but the last


def too_many(data: bytes) -> bool:
    """Tell whether a file is made of more parts, up to the end of its first picture, than any encoder makes."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg_has_too_many(data)
    if data.startswith(PNG):
        return _more_than(MOST_PARTS, chunks(data))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _more_than(MOST_PARTS, _blocks(data))
    return False


def _more_than(most: int, parts: Iterator[object]) -> bool:
    return any(number >= most for number, _ in enumerate(parts))


def _jpeg_has_too_many(data: bytes) -> bool:
    scans = 0
    for number, marker in enumerate(_markers(data)):
        scans += marker == _START_OF_SCAN
        if number >= MOST_PARTS or scans > MOST_SCANS:
            return True
    return False


def _markers(data: bytes) -> Iterator[int]:
    """Yield the markers of a JPEG as libjpeg finds them: what is no marker, where one should be, is passed over."""
    at, wanted = 2, _MARKER
    while (found := wanted.search(data, at)) is not None:
        marker, at, wanted = found[1][0], found.end(), _MARKER
        yield marker
        if marker == _END:
            return
        if marker in _ALONE or at + 2 > len(data):
            continue
        at += max(2, int.from_bytes(data[at : at + 2]))
        if marker == _START_OF_SCAN:
            wanted = _MARKER_AFTER_PIXELS


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield a PNG's chunks, their kind, start and end, also those behind its pixels, which Pillow reads as well."""
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        start, at = at, at + 12 + length
        yield kind, start, at


def _blocks(data: bytes) -> Iterator[int]:
    """Yield where a GIF's short blocks are, and what else it is made of, up to where its second picture begins.

    So far Pillow reads, to tell whether there is one.
    """
    at, images = _behind_colours(data, 10, 13), 0
    while at < len(data) and (kind := data[at]) != _TRAILER:
        yield at
        at += 1
        if kind == _IMAGE:
            images += 1
            if images == 2:
                return
            at = _behind_colours(data, at + 8, at + 9) + 1
        elif kind == _EXTENSION:
            at += 1
        else:
            continue  # what is neither is passed over
        while at < len(data) and data[at]:
            if data[at] < _SHORT:
                yield at
            at += 1 + data[at]
        at += 1


def _behind_colours(data: bytes, flags_at: int, at: int) -> int:
    """Return where a GIF goes on behind a table of colours at ``at``, if its flags say that there is one."""
    flags = data[flags_at] if flags_at < len(data) else 0
    return at + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
