"""Every strange file gets its picture or one clear sentence, while the queue is long, and disturbs nobody."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from service_harness import Bot, Chat, text_of

RNG = np.random.default_rng(0)
NOISE = Image.fromarray(RNG.integers(0, 255, (90, 120, 3), dtype=np.uint8))


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


def huge_png(side: int = 30_000) -> bytes:
    """A black picture of ``side`` × ``side`` pixels in less than 130 KB."""
    packer = zlib.compressobj(9)
    row = b"\0" * ((side + 7) // 8 + 1)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(NOISE, "JPEG", exif=exif)


def animated() -> bytes:
    return saved(NOISE, "GIF", save_all=True, append_images=[NOISE.rotate(180)] * 3)


DREAMED = {
    "cmyk.jpg": (lambda: saved(NOISE.convert("CMYK"), "JPEG"), (120, 90)),
    "16bit.png": (
        lambda: saved(Image.fromarray(RNG.integers(0, 65535, (90, 120), dtype=np.uint16)), "PNG"),
        (120, 90),
    ),
    "rotated.jpg": (rotated, (90, 120)),
    "transparent.png": (lambda: saved(Image.new("RGBA", (120, 90), (200, 90, 10, 100)), "PNG"), (120, 90)),
    "animated.gif": (animated, (120, 90)),
    "tiny.png": (lambda: saved(NOISE.resize((1, 1)), "PNG"), (1, 1)),
}

REFUSED = {
    "not-an-image.png": (lambda: b"hello, I am a text", "picture"),
    "empty.png": (lambda: b"", "empty"),
    "truncated.jpg": (lambda: saved(NOISE, "JPEG")[:900], "picture"),
    "truncated.png": (lambda: saved(NOISE, "PNG")[:900], "picture"),
    "large.png": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * (25 * 1024 * 1024), "MiB"),
    "bomb.png": (huge_png, "pixels"),
}


@pytest.mark.parametrize("name", DREAMED)
async def test_a_strange_picture_is_dreamed(name: str, chat: Chat) -> None:
    make, size = DREAMED[name]
    # Of what moves it is asked how, unless that is said.
    asked = await chat.run("dream", options={"film": False}, files={"image": (name, make())})
    result = await chat.ended(asked["message_id"])
    assert result["attachments"], text_of(result)
    picture = Image.open(io.BytesIO(await chat.download(result["attachments"][0]["url"])))
    assert picture.size == size
    if name == "transparent.png":
        assert picture.convert("RGBA").getextrema()[3] == (100, 100)
    if name == "animated.gif":
        assert "first" in text_of(result)


async def test_a_bad_file_is_refused_at_once_while_the_queue_is_long(chat: Chat, bot: Bot, small_photo: bytes) -> None:
    async with bot.held():
        long = [await chat.dream("cup.png", small_photo) for _ in range(4)]
        for name, (make, word) in REFUSED.items():
            text = await refusal(chat, name, make())
            assert word in text, f"{name}: {text}"
            assert text.count("\n") == 0, f"{name}: one sentence or two, not a list: {text}"
            assert "Traceback" not in text
    for interaction in long:
        assert (await chat.ended(interaction["message_id"]))["attachments"]
    assert await chat.violations() == []


async def refusal(chat: Chat, name: str, data: bytes) -> str:
    """Send a file that is no picture; returns what is answered."""
    asked = await chat.dream(name, data, person="bob")
    private = [one for one in await chat.messages(person="bob") if one["id"] == asked["message_id"]]
    answer = private[0] if private and private[0]["only_for"] else await chat.ended(asked["message_id"], person="bob")
    assert not answer["attachments"]
    return text_of(answer)
