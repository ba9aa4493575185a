"""What people send, through the real decoder process: each file gets its picture or one clear sentence."""

import io
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.errors import UserError
from bot.intake.decoder import Decoder

ROOT = Path(__file__).parents[3]
MAX_SIDE = 64


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder must find ``bot`` whether it is installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    made = Decoder(children=1)
    yield made
    await made.stop()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gradient(width: int = 96, height: int = 48) -> Image.Image:
    """Dark on the left, red at the top right, so that turning it shows."""
    across = np.linspace(0, 255, width).astype(np.uint8)
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2, :, 0] = across
    rgb[height // 2 :, :, 1] = across
    return Image.fromarray(rgb)


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° to the right to see it upright
    exif[0x010E] = "my home address"
    return encoded(gradient(), "JPEG", exif=exif)


def transparent() -> bytes:
    image = gradient().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 128))
    return encoded(image, "PNG")


def sixteen_bit() -> bytes:
    deep = (np.linspace(0, 65535, 96 * 48).reshape(48, 96)).astype(np.uint16)
    return encoded(Image.fromarray(deep), "PNG")


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (96, 48), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def bomb(side: int = 30_000) -> bytes:
    """A PNG of ``side`` × ``side`` black pixels in under 1 MB, made without ever holding them."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda: encoded(gradient(), "PNG"), (64, 32)),
        (lambda: encoded(gradient(40, 20), "PNG"), (40, 20)),
        (lambda: encoded(gradient(), "JPEG"), (64, 32)),
        (lambda: encoded(gradient(), "WEBP"), (64, 32)),
        (lambda: encoded(gradient(), "BMP"), (64, 32)),
        (lambda: encoded(gradient().convert("CMYK"), "JPEG"), (64, 32)),
        (lambda: encoded(gradient().convert("P"), "PNG"), (64, 32)),
        (lambda: encoded(gradient().convert("L"), "PNG"), (64, 32)),
        (sixteen_bit, (64, 32)),
        (turned, (32, 64)),
        (transparent, (64, 32)),
        (lambda: animated("GIF"), (64, 32)),
        (lambda: encoded(Image.new("RGB", (1, 1)), "PNG"), (1, 1)),
    ],
    ids=[
        "png",
        "small",
        "jpeg",
        "webp",
        "bmp",
        "cmyk",
        "palette",
        "grey",
        "16-bit",
        "turned",
        "transparent",
        "animated",
        "one-pixel",
    ],
)
async def test_a_picture_comes_out_clean_upright_and_small_enough(
    decoder: Decoder, make: Callable[[], bytes], size: tuple[int, int]
) -> None:
    clean = await decoder.clean(make(), MAX_SIDE)
    assert (clean.width, clean.height) == size
    with Image.open(io.BytesIO(clean.png)) as image:
        assert image.format == "PNG"
        assert image.size == size
        assert image.mode in {"RGB", "RGBA"}
        assert not image.getexif()
    assert b"home address" not in clean.png


async def test_a_16_bit_picture_is_scaled_and_not_clipped(decoder: Decoder) -> None:
    clean = await decoder.clean(sixteen_bit(), MAX_SIDE)
    with Image.open(io.BytesIO(clean.png)) as image:
        grey = np.asarray(image.convert("L"))
    assert grey[0].mean() < 16
    assert grey[-1].mean() > 240
    assert 110 < grey.mean() < 145


async def test_transparency_is_kept(decoder: Decoder) -> None:
    clean = await decoder.clean(transparent(), MAX_SIDE)
    with Image.open(io.BytesIO(clean.png)) as image:
        assert set(np.asarray(image.getchannel("A")).flat) == {128}


async def test_of_an_animation_the_person_is_told_what_was_taken(decoder: Decoder) -> None:
    clean = await decoder.clean(animated("GIF"), MAX_SIDE)
    assert any("first frame" in note for note in clean.notes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"\x89PNG\r\n\x1a\n and nothing like one after it",
        lambda: encoded(gradient(), "PNG")[:100],
        lambda: encoded(gradient(400, 400), "JPEG")[:700],
        lambda: encoded(gradient(), "GIF")[:40],
        bomb,
        lambda: encoded(gradient(), "BMP") + bytes(25 * 1024 * 1024),
    ],
    ids=["broken", "half-png", "half-jpeg", "half-gif", "bomb", "too-large"],
)
async def test_a_bad_file_gets_one_sentence_and_the_next_picture_is_read(
    decoder: Decoder, make: Callable[[], bytes]
) -> None:
    with pytest.raises(UserError) as caught:
        await decoder.clean(make(), MAX_SIDE)
    sentence = str(caught.value)
    assert 20 < len(sentence) < 200
    assert sentence.endswith(".")
    assert "Error" not in sentence
    assert (await decoder.clean(encoded(gradient(), "PNG"), MAX_SIDE)).width == 64


@pytest.mark.parametrize("max_bytes", [40_000, 8_000])
async def test_a_result_is_encoded_to_what_may_be_uploaded(decoder: Decoder, max_bytes: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    encoded_ = await decoder.fit(encoded(Image.fromarray(noise), "PNG"), max_bytes)
    assert len(encoded_.data) <= max_bytes
    with Image.open(io.BytesIO(encoded_.data)) as image:
        assert Image.MIME[image.format or ""] == encoded_.media_type
        assert image.size == (encoded_.width, encoded_.height)
