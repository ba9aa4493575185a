"""What a file's first bytes say it is: all that the bot's own process ever looks at."""

from __future__ import annotations

from engine.pictures.brands import are_pictures

_BEGINNINGS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",  # TIFF
    b"MM\x00*",
)
_QUICKTIME = frozenset({b"moov", b"mdat", b"wide"})  # as films from before there was "ftyp" begin
_EBML = b"\x1aE\xdf\xa3"


def may_be_picture(data: bytes) -> bool:
    """Tell whether ``data`` begins like PNG, JPEG, GIF, BMP, TIFF, WebP, HEIC or AVIF."""
    if data.startswith(_BEGINNINGS):
        return True
    if data[:4] == b"RIFF":
        return data[8:12] == b"WEBP"
    return are_pictures(data)


def may_be_video(data: bytes) -> bool:
    """Tell whether ``data`` begins like MP4, MOV, WebM or MKV."""
    if data[4:8] == b"ftyp":
        return not are_pictures(data)
    return data[4:8] in _QUICKTIME or data.startswith(_EBML)
