"""Clean pixels to files: without loss, or to fit a limit. Nothing of the source's metadata is in them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from PIL import Image, PngImagePlugin

from engine.errors import PictureError
from engine.pictures.picture import Picture, joined

QUALITIES = (95, 90, 80)  # of WebP, before the picture is made smaller
THUMBNAIL_QUALITIES = (80, 65, 50)
SHRINK = 0.8
SMALLEST_SIDE = 64  # pixels: below it a dream is no longer one
MAX_WEBP_SIDE = 16_383
PNG_EFFORT = 4  # of 9: half the time of the default 6, for 2 % more bytes
LARGE_PIXELS = 8_000_000  # above, time counts more than bytes: less effort for a PNG, and JPEG instead of WebP
LARGE_PNG_EFFORT = 1
BACKDROP = (128, 128, 128)  # behind what is transparent, where a format has no alpha


@dataclass(frozen=True)
class Encoded:
    """A picture as a file."""

    data: bytes
    media_type: str  # "image/png", "image/webp", "image/jpeg"
    width: int
    height: int


def encode_png(picture: Picture, texts: Mapping[str, str] | None = None) -> bytes:
    """Encode without loss, without metadata but the ``texts`` given, by keyword."""
    chunks = PngImagePlugin.PngInfo()
    for keyword, text in (texts or {}).items():
        chunks.add_itxt(keyword, text)
    file = io.BytesIO()
    effort = LARGE_PNG_EFFORT if picture.width * picture.height > LARGE_PIXELS else PNG_EFFORT
    joined(picture).save(file, "PNG", compress_level=effort, pnginfo=chunks)
    return file.getvalue()


def encode_jpeg(picture: Picture, *, max_side: int = 512, quality: int = 85) -> bytes:
    """Encode a small preview, its longest side at most ``max_side`` pixels; what is transparent becomes grey."""
    image = joined(picture)
    image.thumbnail((max_side, max_side), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    _flat(image).save(file, "JPEG", quality=quality)
    return file.getvalue()


def fit(picture: Picture, max_bytes: int, png: bytes | None = None) -> Encoded:
    """Encode to at most ``max_bytes``: PNG, then WebP (JPEG for a very large one) by falling quality, then smaller.

    ``png`` is the picture as PNG, where that is known already. Raises PictureError where that would leave less than
    ``SMALLEST_SIDE`` pixels, or the picture itself if smaller.
    """
    for encoded in _ever_smaller(picture, png):
        if len(encoded.data) <= max_bytes:
            return encoded
    raise PictureError(
        "This picture does not fit into {size} KiB, however small it is made.", size=round(max_bytes / 1024)
    )


def thumbnail(picture: Picture, max_side: int, max_bytes: int) -> Encoded:
    """Encode a small WebP, its longest side at most ``max_side`` pixels: by falling quality, then smaller.

    Raises PictureError where it does not fit with ``SMALLEST_SIDE`` pixels.
    """
    image = joined(picture)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    while True:
        for quality in THUMBNAIL_QUALITIES:
            encoded = _lossy(image, quality)
            if len(encoded.data) <= max_bytes:
                return encoded
        if max(image.size) * SHRINK < SMALLEST_SIDE:
            raise PictureError("This picture has no thumbnail of {size} KiB.", size=round(max_bytes / 1024))
        image.thumbnail((max(image.size) * SHRINK,) * 2, Image.Resampling.LANCZOS)


def _ever_smaller(picture: Picture, png: bytes | None) -> Iterator[Encoded]:
    yield Encoded(png or encode_png(picture), "image/png", picture.width, picture.height)
    image = joined(picture)
    for quality in QUALITIES:
        yield _lossy(image, quality)
    while max(image.size) * SHRINK >= SMALLEST_SIDE:
        size = max(1, round(image.width * SHRINK)), max(1, round(image.height * SHRINK))
        image = image.resize(size, Image.Resampling.LANCZOS)
        yield _lossy(image, QUALITIES[-1])


def _lossy(image: Image.Image, quality: int) -> Encoded:
    file = io.BytesIO()
    webp = max(image.size) <= MAX_WEBP_SIDE and image.width * image.height <= LARGE_PIXELS
    kind = "WEBP" if webp else "JPEG"
    (image if kind == "WEBP" else _flat(image)).save(file, kind, quality=quality)
    return Encoded(file.getvalue(), f"image/{kind.lower()}", image.width, image.height)


def _flat(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    backdrop = Image.new("RGB", image.size, BACKDROP)
    backdrop.paste(image, mask=image.getchannel("A"))
    return backdrop
