"""Notes in a PNG that are small as they come and large when they are read: the picture is read, and they are not."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from engine import PictureError, pictures
from engine.films.reading import opened
from engine.films.settings import VideoFilm
from engine.pictures import notes
from engine.pictures.decoding import NO_PROFILE

MIB = 2**20
GREY = Image.new("RGB", (8, 8), (64, 64, 64))


def png(image: Image.Image = GREY, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(data: bytes, *chunks: bytes, behind: bool = False) -> bytes:
    """Put chunks before a PNG's pixels, or behind them."""
    at = data.index(b"IEND" if behind else b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:]


def linear_light(size: int) -> bytes:
    """Return a colour profile of at least ``size`` bytes: sRGB's, its three curves replaced by straight lines."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for index in range(struct.unpack_from(">I", profile, 128)[0]):
        name, start, _ = struct.unpack_from(">4sII", profile, 132 + 12 * index)
        if name in {b"rTRC", b"gTRC", b"bTRC"}:
            profile[start : start + 12] = b"curv" + bytes(4) + struct.pack(">I", 0)
    return bytes(profile).ljust(size, b"\0")


ZIPPED = zlib.compress(bytes(5 * MIB), 9)
LARGE = {
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + ZIPPED),
    "iTXt": chunk(b"iTXt", b"Comment\0\1\0de\0\0" + ZIPPED),
    "iCCP": chunk(b"iCCP", b"ICC\0\0" + ZIPPED),
}


@pytest.mark.parametrize("kind", LARGE)
@pytest.mark.parametrize("behind", [False, True])
def test_a_note_that_inflates_to_megabytes_does_not_spoil_a_picture(kind: str, behind: bool) -> None:
    data = with_chunks(png(), LARGE[kind], behind=behind)
    with pytest.raises(ValueError, match="too large"):  # as Pillow itself has it
        Image.open(io.BytesIO(data)).load()
    picture = pictures.decode(data)
    assert np.array_equal(picture.rgb, np.array(GREY))
    assert picture.notes == ((NO_PROFILE,) if kind == "iCCP" else ())


@pytest.mark.parametrize("size", [0, 2 * MIB, notes.MAX_PROFILE_BYTES])
def test_the_profile_of_a_printer_is_used(size: int) -> None:
    picture = pictures.decode(png(icc_profile=linear_light(size)))
    assert int(picture.rgb[0, 0, 0]) > 64 + 40, "linear light of 64/255 is a good deal brighter in sRGB"
    assert picture.notes == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_profile_that_is_far_too_large_is_left_out_and_that_is_said(kind: str) -> None:
    file = io.BytesIO()
    GREY.save(file, kind, icc_profile=linear_light(notes.MAX_PROFILE_BYTES + 1), quality=100)
    picture = pictures.decode(file.getvalue())
    assert np.abs(picture.rgb.astype(int) - 64).max() <= 1
    assert picture.notes == (NO_PROFILE,)


def test_of_many_texts_only_so_many_are_read_and_none_costs_memory() -> None:
    one = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(MIB - 9), 9))
    data = with_chunks(png(), one * 200, *LARGE.values())
    tracemalloc.start()
    found = notes.bounded(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.data.count(b"zTXt") == notes.ALL_BYTES // (MIB - 9) + 1
    assert peak < 16 * MIB
    assert pictures.decode(data).width == 8


def test_what_pillow_can_read_is_left_to_it() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "somebody", zip=True)
    texts.add_itxt("Title", "ein Traum", zip=True)
    data = with_chunks(png(pnginfo=texts, icc_profile=linear_light(0)), chunk(b"zTXt", b"broken"), chunk(b"iTXt", b""))
    assert notes.bounded(data).data is data
    small = with_chunks(data, LARGE["zTXt"])
    assert notes.bounded(small).data == data
    assert pictures.texts(small).items() >= {"Author": "somebody", "Title": "ein Traum"}.items()


def test_a_turn_that_is_noted_in_a_text_is_heeded() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    raw = b"\nexif\n%8d\n%s\n" % (len(exif.tobytes()), exif.tobytes().hex().encode())
    turned = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))
    assert pictures.decode(with_chunks(png(Image.new("RGB", (8, 4))), turned, LARGE["iTXt"])).width == 4


def test_a_moving_png_is_a_film_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    path.write_bytes(with_chunks(png(frames[0], save_all=True, append_images=frames[1:]), LARGE["zTXt"]))
    assert opened(path, VideoFilm()).frames == 2


def test_a_chunk_that_says_to_be_longer_than_the_file_is_one_sentence() -> None:
    data = png()
    cut = data[: data.index(b"IDAT") - 4] + struct.pack(">I", 2**31 - 1) + b"zTXt" + b"Comment\0\0" + ZIPPED
    with pytest.raises(PictureError):
        pictures.decode(cut)
