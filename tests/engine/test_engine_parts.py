"""Of how many parts a file is made: those of honest encoders pass, those that only take time do not."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.pictures import parts


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _noise(side: int = 700) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_honest_files_pass(kind: str) -> None:
    assert not parts.too_many(_file(_noise(), kind))


def test_honest_files_of_many_parts_pass() -> None:
    noise = _noise(600)
    assert not parts.too_many(_file(noise, "JPEG", progressive=True, quality=98, exif=bytes(60_000)))
    assert not parts.too_many(_file(noise, "GIF", save_all=True, append_images=[noise.rotate(90)] * 2))
    assert not parts.too_many(_png_in_pieces(_file(noise, "PNG"), 2048))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"GIF89a" + b"\xff" * 9])
def test_what_breaks_off_is_left_to_the_decoder(data: bytes) -> None:
    assert not parts.too_many(data)


def _png_in_pieces(png: bytes, size: int) -> bytes:
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        packed += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    pieces = (packed[start : start + size] for start in range(0, len(packed), size))
    chunks = [b"IDAT" + piece for piece in pieces]
    body = b"".join(struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in chunks)
    return png[:33] + body + png[-12:]


def test_a_png_in_pieces_of_a_few_bytes_is_too_many() -> None:
    assert parts.too_many(_png_in_pieces(_file(_noise(), "PNG"), 40))


def test_scans_are_counted_behind_each_others_pixels() -> None:
    progressive = _file(_noise(64), "JPEG", progressive=True)
    start = progressive.index(b"\xff\xda")
    assert not parts.too_many(progressive[:-2] + progressive[start:-2] * 5 + b"\xff\xd9")
    assert parts.too_many(progressive[:-2] + progressive[start:-2] * 20 + b"\xff\xd9")


def test_what_stands_in_a_segment_is_no_scan() -> None:
    jpeg = _file(_noise(64), "JPEG")
    beside = b"\xff\xfe" + struct.pack(">H", 60_002) + b"\xff\xda" * 30_000
    assert not parts.too_many(jpeg[:2] + beside + jpeg[2:])
