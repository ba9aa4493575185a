"""Untrusted bytes: each becomes a clean picture, or one sentence."""

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from engine import PictureError, pictures
from engine.pictures.decoding import DAMAGED, FIRST_FRAME, UNKNOWN

ROOT = Path(__file__).parents[2]


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _photo(width: int = 90, height: int = 60) -> Image.Image:
    """Return a smooth picture: red grows to the right, green downwards."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)
    pixels[..., 1] = np.linspace(0, 255, height)[:, None]
    return Image.fromarray(pixels)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width: int, height: int, bits: int, kind: int, rows: Iterator[bytes]) -> bytes:
    """Write a PNG row by row, so that a huge one takes no memory here either."""
    squeeze = zlib.compressobj(9)
    body = b"".join([squeeze.compress(b"\0" + row) for row in rows]) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _bomb(side: int = 30_000) -> bytes:
    row = bytes(side // 8)
    return _png(side, side, 1, 0, (row for _ in range(side)))


def test_a_photo_comes_out_as_it_is() -> None:
    picture = pictures.decode(_file(_photo(), "PNG"))
    assert np.array_equal(picture.rgb, np.array(_photo()))
    assert (picture.width, picture.height) == (90, 60)
    assert picture.alpha is None
    assert picture.notes == ()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "BMP", "TIFF", "AVIF"])
def test_every_kind_is_read(kind: str) -> None:
    picture = pictures.decode(_file(_photo(), kind))
    assert np.abs(picture.rgb.astype(int) - np.array(_photo())).mean() < 6


def _truncated(kind: str) -> bytes:
    rough = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    data = _file(rough, kind)
    return data[: len(data) // 2]


def _spoiled_avif() -> bytes:
    data = bytearray(_file(_photo(), "AVIF"))
    pixels = data.index(b"mdat") + 4
    data[pixels : pixels + 40] = b"\xff" * 40
    return bytes(data)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "This file is empty."),
    "text": (lambda: b"Dear bot, this is no picture at all.\n" * 9, UNKNOWN),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', UNKNOWN),
    "pdf": (lambda: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", UNKNOWN),
    "jpeg cut off": (lambda: _truncated("JPEG"), DAMAGED),
    "png cut off": (lambda: _truncated("PNG"), DAMAGED),
    "webp cut off": (lambda: _truncated("WEBP"), ""),
    "gif cut off": (lambda: _truncated("GIF"), DAMAGED),
    "avif spoiled": (_spoiled_avif, DAMAGED),
    "header only": (lambda: _file(_photo(), "PNG")[:40], UNKNOWN),
    "no pixels": (lambda: _png(0, 5, 8, 2, iter(())), UNKNOWN),
    "25 MB": (lambda: b"\xff\xd8\xff\xe0" + bytes(25_000_000 + 2**20), "This file has 25 MiB"),
    "900 million pixels": (_bomb, "at most 20000 pixels on a side and 64 million in all"),
    "100 million pixels": (lambda: _bomb(10_000), "This picture has 10000 × 10000 pixels"),
    "a side too long": (lambda: _png(20_008, 1, 1, 0, iter([bytes(2501)])), "has 20008 × 1 pixels"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_good_picture_gets_one_sentence(name: str) -> None:
    make, sentence = BAD[name]
    with pytest.raises(PictureError) as refused:
        pictures.decode(make())
    told = str(refused.value)
    assert sentence in told
    assert "\n" not in told
    assert told.endswith(".")


def test_a_bomb_costs_no_memory() -> None:
    bomb = _bomb()
    assert len(bomb) < 120_000
    if sys.platform != "linux":
        pytest.skip("the peak is read otherwise elsewhere")
    code = """
import re, sys
from pathlib import Path
from engine import PictureError, pictures

def peak_kib():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

data = sys.stdin.buffer.read()
before = peak_kib()
try:
    pictures.decode(data)
except PictureError:
    print(peak_kib() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=bomb, cwd=ROOT, capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
    assert int(done.stdout) < 20_000  # its pixels would take 110 MB even at one bit each


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken_and_said(kind: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue", "green")]
    data = _file(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    picture = pictures.decode(data)
    assert picture.notes == (FIRST_FRAME,)
    assert np.abs(picture.rgb.reshape(-1, 3).mean(0) - (255, 0, 0)).max() < 6


def test_a_still_gif_says_nothing() -> None:
    assert pictures.decode(_file(_photo().convert("P"), "GIF")).notes == ()


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    picture = pictures.decode(_file(_photo().convert("CMYK"), "JPEG", quality=95))
    assert np.abs(picture.rgb.astype(int) - np.array(_photo())).mean() < 8


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64).astype(">u2")
    picture = pictures.decode(_png(64, 2, 16, 0, iter([ramp.tobytes()] * 2)))
    expected = np.rint(ramp.astype(float) / 257)
    assert np.abs(picture.rgb[0, :, 0] - expected).max() <= 1
    assert np.array_equal(picture.rgb[..., 0], picture.rgb[..., 2])


def test_sixteen_bits_of_colour_are_scaled_too() -> None:
    ramp = np.linspace(0, 65535, 64 * 3).astype(">u2")
    picture = pictures.decode(_png(64, 1, 16, 2, iter([ramp.tobytes()])))
    assert np.abs(picture.rgb.reshape(-1) - ramp.astype(float) / 257).max() <= 1


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_strange_greys_of_tiff_are_read(dtype: str) -> None:
    top = 1.0 if dtype == "float32" else 65535
    ramp = np.tile(np.linspace(0, top, 64).astype(dtype), (4, 1))
    picture = pictures.decode(_file(Image.fromarray(ramp), "TIFF"))
    assert picture.rgb[0, 0, 0] == 0
    assert picture.rgb[0, -1, 0] == 255
    assert 120 < picture.rgb[0, 32, 0] < 136


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_deep_greys_are_scaled_by_the_brightest_of_all_rows_and_take_little_memory(dtype: str) -> None:
    deep = np.ones((900, 900), dtype)
    deep[-1, -1] = top = 65535 if dtype == "uint16" else 510
    data = _file(Image.fromarray(deep), "TIFF")
    tracemalloc.start()
    try:
        picture = pictures.decode(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert picture.rgb[-1, -1].tolist() == [255] * 3
    assert picture.rgb[0, 0, 0] == round(255 / top)
    # As floats of 64 bits, all of them took 8 bytes a pixel a few times over: the largest could not be read.
    assert peak < 16 * deep.size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_stands_upright(orientation: int) -> None:
    upright = _photo(96, 64)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = pictures.decode(_file(stored, "JPEG", exif=exif, quality=95), max_side=96)
    assert (picture.width, picture.height) == (96, 64)
    assert np.abs(picture.rgb.astype(int) - np.array(upright)).mean() < 4


@pytest.mark.filterwarnings("error")
def test_broken_exif_does_not_spoil_a_photo() -> None:
    data = _file(_photo(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff\x01\x12")
    assert pictures.decode(data).width == 90


def test_transparency_comes_apart() -> None:
    image = _photo().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture = pictures.decode(_file(image, "PNG"))
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha, np.array(image.getchannel("A")))
    assert np.array_equal(picture.rgb, np.array(_photo()))


def test_a_palette_with_a_transparent_colour_comes_apart() -> None:
    image = Image.new("P", (20, 10), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (10, 0, 20, 10))
    picture = pictures.decode(_file(image, "PNG", transparency=0))
    assert picture.alpha is not None
    assert picture.alpha[0].tolist() == [0] * 10 + [255] * 10
    assert picture.rgb[0, 15].tolist() == [0, 0, 255]


def test_an_alpha_that_hides_nothing_is_none() -> None:
    assert pictures.decode(_file(_photo().convert("RGBA"), "PNG")).alpha is None


def test_a_grey_and_a_black_and_white_picture_become_rgb() -> None:
    for mode in ("L", "1", "LA"):
        assert pictures.decode(_file(_photo().convert("L").convert(mode), "PNG")).rgb.shape == (60, 90, 3)


def test_a_colour_profile_is_applied() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = pictures.decode(_file(_photo(), "PNG", icc_profile=lab))
    assert np.abs(same.rgb.astype(int) - np.array(_photo())).max() <= 2


def test_a_wide_profile_changes_the_numbers() -> None:
    wide = _with_gamma_one()
    plain, profiled = (
        pictures.decode(_file(Image.new("RGB", (8, 8), (64, 64, 64)), "PNG", **options))
        for options in ({}, {"icc_profile": wide})
    )
    # Linear light of 64/255 is a good deal brighter in sRGB.
    assert int(profiled.rgb[0, 0, 0]) > int(plain.rgb[0, 0, 0]) + 40


def _with_gamma_one() -> bytes:
    """Return sRGB's profile with its three curves replaced by straight lines."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for index in range(struct.unpack_from(">I", profile, 128)[0]):
        name, start, _ = struct.unpack_from(">4sII", profile, 132 + 12 * index)
        if name in {b"rTRC", b"gTRC", b"bTRC"}:
            profile[start : start + 12] = b"curv" + bytes(4) + struct.pack(">I", 0)
    return bytes(profile)


@pytest.mark.parametrize("profile", [b"no profile", bytes(5 * 2**20), b"\xff" * 200])
def test_a_broken_profile_does_not_spoil_a_photo(profile: bytes) -> None:
    picture = pictures.decode(_file(_photo(), "JPEG", icc_profile=profile))
    assert np.array_equal(picture.rgb, pictures.decode(_file(_photo(), "JPEG")).rgb)


def test_a_huge_jpeg_is_decoded_smaller() -> None:
    large = _photo(4000, 3000)
    picture = pictures.decode(_file(large, "JPEG"), max_side=400)
    assert (picture.width, picture.height) == (400, 300)
    expected = np.array(large.resize((400, 300))).astype(int)
    assert np.abs(picture.rgb.astype(int) - expected).mean() < 2


def test_a_picture_is_never_enlarged() -> None:
    assert pictures.decode(_file(_photo(), "PNG"), max_side=2000).width == 90


@given(st.binary(max_size=400), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]), st.integers(0, 200))
def test_spoiled_files_never_do_worse_than_a_sentence(noise: bytes, kind: str, place: int) -> None:
    data = bytearray(_file(_photo(12, 9), kind))
    data[place : place + len(noise)] = noise
    try:
        picture = pictures.decode(bytes(data), pictures.Limits(max_pixels=1_000_000), max_side=64)
    except PictureError:
        return  # any other error fails the test
    assert picture.rgb.dtype == np.uint8
    assert max(picture.width, picture.height) <= 64
