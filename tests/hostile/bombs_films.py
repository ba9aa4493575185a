"""Films that are small as files, and would be large, endless or lies; each is made by code, in memory."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import numpy as np
from bombs_pictures import GREY, black_png, progressive, saved
from PIL import Image

HUGE = 16_000  # pixels on a side: more than that no decoder of FFmpeg takes


def film(frames: int = 3, width: int = 64, height: int = 48, kind: str = "mp4", codec: str = "libx264") -> bytes:
    """Return a film of grey frames, ten a second."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as out:
        stream = out.add_stream(codec, rate=10, options={"preset": "ultrafast"} if codec == "libx264" else {})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for at in range(frames):
            rgb = np.full((height, width, 3), at * 7 % 256, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def packed(kind: str, codec: str, *packets: bytes, pix_fmt: str = "yuvj420p") -> bytes:
    """Return a film of 64 × 48 pixels, as its container says, of packets that say what they like."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as out:
        stream = out.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
        for at, data in enumerate(packets):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, 10)
            packet.pts = packet.dts = at
            packet.duration = 1
            packet.is_keyframe = True
            out.mux(packet)
    return file.getvalue()


def vp8_header(width: int, height: int) -> bytes:
    """Return the beginning of a frame of VP8: a size, and hardly a pixel."""
    return b"\x10\x02\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(40)


def small_jpeg() -> bytes:
    return saved(Image.new("RGB", (64, 48)), "JPEG")


def huge_frame() -> bytes:
    return packed("matroska", "mjpeg", progressive(HUGE, HUGE, 1))


def huge_later() -> bytes:
    """Small frames, and then one that is huge."""
    return packed("matroska", "mjpeg", small_jpeg(), small_jpeg(), progressive(HUGE, HUGE, 1), small_jpeg())


def huge_png() -> bytes:
    return packed("mov", "png", black_png(HUGE, HUGE, 1, GREY), pix_fmt="rgb24")


def huge_vp8() -> bytes:
    return packed("webm", "libvpx", vp8_header(16_383, 16_383), pix_fmt="yuv420p")


# What a container says of itself


def box(kind: bytes, *inside: bytes) -> bytes:
    """Return a box of MP4."""
    body = b"".join(inside)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, *inside: bytes) -> bytes:
    """Return a box of version 0 without flags."""
    return box(kind, bytes(4), *inside)


def mp4_of_tables(stts: bytes, stsz: bytes, stsc: bytes | None = None, *, tracks: int = 1, edits: bytes = b"") -> bytes:
    """Return an MP4 whose tables say what they like of its samples, of which there are none."""
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    entry = bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HHII", 64, 48, 72 << 16, 72 << 16) + bytes(4) + b"\0\1"
    jpeg = box(b"jpeg", entry + bytes(32) + b"\0\x18\xff\xff")
    table = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), jpeg),
        full(b"stts", stts),
        full(b"stsc", struct.pack(">IIII", 1, 1, 2**31 - 1, 1) if stsc is None else stsc),
        full(b"stsz", stsz),
        full(b"stco", struct.pack(">II", 1, 32)),
    )
    inner = box(
        b"minf", full(b"vmhd", bytes(8)), box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url "))), table
    )
    handler = full(b"hdlr", bytes(4) + b"vide" + bytes(12) + b"\0")
    media = box(b"mdia", full(b"mdhd", struct.pack(">IIIIHH", 0, 0, 1000, 1000, 0, 0)), handler, inner)
    head = full(
        b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, 1000), bytes(16), matrix, struct.pack(">II", 64 << 16, 48 << 16)
    )
    movie = full(
        b"mvhd", struct.pack(">IIIIi", 0, 0, 1000, 1000, 65536), bytes(12), matrix, bytes(24), struct.pack(">I", 2)
    )
    return box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"moov", movie, box(b"trak", head, edits, media) * tracks)


def one_each(count: int) -> bytes:
    """Return the times of ``count`` samples."""
    return struct.pack(">III", 1, count, 1)


def samples_that_are_not_there(count: int = 2**31 - 1) -> bytes:
    """Two thousand million samples of one byte each."""
    return mp4_of_tables(one_each(count), struct.pack(">II", 1, count))


def sizes_that_are_not_there() -> bytes:
    """A table that says to have four thousand million rows, and has none."""
    return mp4_of_tables(struct.pack(">I", 2**32 - 1), struct.pack(">II", 0, 2**32 - 1), struct.pack(">I", 2**32 - 1))


def many_tracks() -> bytes:
    return mp4_of_tables(one_each(1), struct.pack(">II", 1, 1), tracks=20_000)


def nested(depth: int = 200_000) -> bytes:
    """Boxes in boxes in boxes."""
    size = 8 * depth
    inner = b"".join(struct.pack(">I", size - 8 * at) + b"moov" for at in range(depth))
    return box(b"ftyp", b"isom", bytes(4), b"isom") + inner


def mov_that_names_a_file() -> bytes:
    """A film whose pictures are to come from another file of this machine."""
    own = full(b"url ")
    path = b"/etc/passwd\0"
    alias = box(b"alis", bytes(4), bytes(150) + struct.pack(">hh", 2, len(path)) + path + struct.pack(">hh", -1, 0))
    data = mp4_of_tables(one_each(1), struct.pack(">II", 64, 1))
    return data.replace(own, alias)  # the sizes around it are then too small, as damaged films' are
