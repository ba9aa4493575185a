"""First bytes: what may be a picture goes on to the decoder, and nothing else does."""

import io

import pytest
from PIL import Image

from bot.intake.sniff import may_be_picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_what_people_send_is_let_through(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, kind)
    assert may_be_picture(file.getvalue())


def test_a_phones_photo_is_let_through_to_be_answered_by_the_decoder() -> None:
    assert may_be_picture(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"B",
        b"hello",
        b"<svg/>",
        b"%PDF-1.7",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"\x00\x00\x00\x18ftypmp42",
        b"PK\x03\x04",
    ],
)
def test_other_files_are_not(data: bytes) -> None:
    assert not may_be_picture(data)
