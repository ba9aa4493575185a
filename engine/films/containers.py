"""Untrusted films to FFmpeg, and as little of it as they need: two demuxers and eight decoders, of its hundreds."""

from __future__ import annotations

from typing import BinaryIO

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.errors import PictureError
from engine.pictures import brands
from engine.sentences import mark

HEAD_BYTES = 64  # of a file, by which it is known
# By what a file begins with, FFmpeg's demuxer: it is named and not guessed, since some would open other files. A file
# object is all that they get, and no protocol by which to open another.
DEMUXERS = {b"ftyp": "mov", b"moov": "mov", b"mdat": "mov", b"wide": "mov", b"\x1aE\xdf\xa3": "matroska"}
# What cameras, telephones, browsers and recorders of screens write. Each further one is one more parser of hostile
# bytes: those of games, of discs and of the nineties are seldom sent, and seldom looked after.
DECODERS = ("h264", "hevc", "libdav1d", "vp8", "vp9", "mpeg4", "mjpeg", "prores")
PROTOCOLS = ""  # none

NO_FRAMES = mark("This film has no frame in it. Send another one.")
FOREIGN = mark(
    "This film is encoded as {codec}, which I do not read. Save it anew with H.264, HEVC, VP8, VP9 or AV1, and send "
    "that."
)
UNKNOWN_CODEC = mark(
    "This film is encoded in a way that I do not know. Save it anew with H.264, HEVC, VP8, VP9 or AV1, and send that."
)


def demuxer(head: bytes) -> str | None:
    """Return the demuxer for a file that begins like this; None where it is none of FFmpeg's to read."""
    if brands.are_pictures(head) and not brands.move_as_films(head):
        return None
    return DEMUXERS.get(head[4:8]) or DEMUXERS.get(head[:4])


def opened(file: BinaryIO, kind: str, max_pixels: int) -> InputContainer:
    """Open a container; close it in the end. Raises what FFmpeg says."""
    # While it looks for what the container leaves unsaid, FFmpeg opens decoders of its own.
    kinds = ",".join(sorted(set(DEMUXERS.values())))
    options = {**bounds(max_pixels), "format_whitelist": kinds, "protocol_whitelist": PROTOCOLS}
    return av.open(file, "r", format=kind, options=options)


def video_of(container: InputContainer, max_pixels: int) -> VideoStream:
    """Return what moves in a container, ready to be decoded. Raises PictureError where there is nothing, or foreign."""
    if not container.streams.video:
        raise PictureError(NO_FRAMES)
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise PictureError(UNKNOWN_CODEC)
    if stream.codec_context.name not in DECODERS:
        raise PictureError(FOREIGN, codec=stream.codec_context.codec.canonical_name)
    stream.codec_context.options = bounds(max_pixels)
    return stream


def bounds(max_pixels: int) -> dict[str, str]:
    """Return what each decoder is held to before it allocates a frame."""
    return {"max_pixels": str(max_pixels), "codec_whitelist": ",".join(DECODERS)}
