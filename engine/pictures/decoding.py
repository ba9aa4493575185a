"""Untrusted bytes to clean pixels."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from engine.errors import PictureError
from engine.pictures import notes, parts
from engine.pictures.picture import Picture, split
from engine.sentences import Sentence, mark

# What Pillow may be asked to read: each further format is one more parser for hostile bytes.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
BAND_ROWS = 64
ORIENTATION = 0x0112  # in EXIF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# All that Pillow is known to raise on broken files, seen or in its threads. Not MemoryError: that says nothing of the
# file, and whoever set the limit answers for it.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,  # of AVIF, whose decoder says so of damaged pixels; NotImplementedError is one, too
    struct.error,
    zlib.error,
)
DAMAGED = mark("This picture is cut off or damaged. Save it again, or send another one.")
UNKNOWN = mark("This is not a picture I can read. Send a PNG, JPEG, WebP, GIF, AVIF, BMP or TIFF file.")
TOO_MANY_PARTS = mark("This picture is built of far too many parts. Save it anew, as PNG or JPEG, and send that.")
FIRST_FRAME = Sentence("This is an animation: only its first frame was taken.")
NO_PROFILE = Sentence("Its colour profile is far too large, and was left out: its colours may look a little different.")
FAR_TOO_MANY = mark(
    "This picture has far too many pixels. Send one with at most {side} pixels on a side and {million} million in all."
)
TOO_MANY = mark(
    "This picture has {width} × {height} pixels. Send one with at most {side} pixels on a side and {million} million "
    "in all."
)


@dataclass(frozen=True)
class Limits:
    """What ``decode`` takes before it allocates anything."""

    max_bytes: int = 24 * 1024 * 1024
    max_pixels: int = 64_000_000  # 8000 × 8000: the largest dream
    max_side: int = 20_000


# What we have written ourselves: a dream of 64 million pixels, of which no two are alike, is a PNG of 192 MB.
OURS = Limits(max_bytes=200 * 1024 * 1024)


def decode(data: bytes, limits: Limits | None = None, *, max_side: int | None = None) -> Picture:
    """Decode untrusted bytes to an upright 8-bit picture, its longest side at most ``max_side``.

    Raises PictureError with one sentence for the person.
    """
    limits = limits or Limits()
    if not data:
        raise PictureError("This file is empty. Send a picture.")
    if len(data) > limits.max_bytes:
        raise PictureError(
            "This file has {size} MiB. Send one of at most {most} MiB.",
            size=round(len(data) / 2**20),
            most=round(limits.max_bytes / 2**20),
        )
    with warnings.catch_warnings():
        # Pillow warns of sizes that our own limits judge, and of broken notes that we do without.
        warnings.simplefilter("ignore")
        with _opened(data, limits) as image:
            try:
                return _clean(image, max_side)
            except BROKEN as error:
                raise PictureError(DAMAGED) from error


def texts(data: bytes) -> dict[str, str]:
    """Return the texts in a PNG by keyword; other formats carry none. Raises PictureError."""
    with _opened(data, Limits()) as image:
        try:
            # They may stand behind the pixels: Pillow reads those first.
            found: dict[str, str] = getattr(image, "text", {})
        except BROKEN as error:
            raise PictureError(DAMAGED) from error
        return {keyword: str(text) for keyword, text in found.items()}


def _opened(data: bytes, limits: Limits) -> Image.Image:
    """Read the header only, and refuse what is too large before a pixel is allocated."""
    side, million = limits.max_side, round(limits.max_pixels / 1e6)
    if parts.too_many(data):
        raise PictureError(TOO_MANY_PARTS)
    found = notes.bounded(data)
    try:
        image = Image.open(io.BytesIO(found.data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureError(FAR_TOO_MANY, side=side, million=million) from error
    except UnidentifiedImageError as error:
        raise PictureError(UNKNOWN) from error
    except BROKEN as error:
        raise PictureError(DAMAGED) from error
    if image.width < 1 or image.height < 1:
        raise PictureError(DAMAGED)
    if max(image.size) > limits.max_side or image.width * image.height > limits.max_pixels:
        raise PictureError(TOO_MANY, width=image.width, height=image.height, side=side, million=million)
    if found.profile is not None:
        image.info["icc_profile"] = found.profile
    return image


def _clean(image: Image.Image, max_side: int | None) -> Picture:
    said = (FIRST_FRAME,) if getattr(image, "is_animated", False) and image.format != "MPO" else ()
    turn = TURNS.get(_orientation(image))
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and len(profile) > notes.MAX_PROFILE_BYTES:
        profile, said = None, (*said, NO_PROFILE)
    if max_side is not None:
        # A JPEG's decoder can leave out detail: at least twice what is wanted, for a fraction of the time and memory.
        image.draft(None, (2 * max_side, 2 * max_side))
    image.load()
    image = _eight_bit(image)
    if max_side is not None and max(image.size) > max_side:
        image = _shrunk(image, max_side)
    image = _in_srgb(image, profile if isinstance(profile, bytes) else None)
    if turn is not None:
        image = image.transpose(turn)
    return replace(split(image), notes=said)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except BROKEN:  # a broken note about the picture does not spoil the picture
        return 1


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return the image in 8 bits, transparency as a channel: modes L, LA, RGB, RGBA, CMYK."""
    if image.mode.startswith(("I", "F")):
        return _scaled_to_bytes(image)
    if image.mode in {"LA", "La", "PA"} or "transparency" in image.info or image.mode in {"RGBA", "RGBa"}:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("L" if image.mode == "1" else "RGB")


def _scaled_to_bytes(image: Image.Image) -> Image.Image:
    """Scale 16 and 32 bit greys: Pillow itself would clip them, and most of the picture would be white."""
    values = np.asarray(image)
    # Some rows at a time: whole pictures of the largest size would take 512 MB more, a few times over.
    bands = [slice(row, row + BAND_ROWS) for row in range(0, len(values), BAND_ROWS)]
    top = max(float(_finite(values[band]).max()) for band in bands)
    if image.mode != "F":
        top = max(top, 65535.0)  # whole numbers: 16 bit, or more where they say so
    elif top <= 1.0:
        top = 1.0
    scaled = np.empty(values.shape, np.uint8)
    for band in bands:
        scaled[band] = np.rint(_finite(values[band]).clip(0, top) * (255 / top))
    return Image.fromarray(scaled)


def _finite(values: NDArray[Any]) -> NDArray[np.float64]:
    finite: NDArray[np.float64] = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return finite


def _shrunk(image: Image.Image, max_side: int) -> Image.Image:
    shrink = max_side / max(image.size)
    size = max(1, round(image.width * shrink)), max(1, round(image.height * shrink))
    # Pillow weighs colours by alpha here, so that hidden colours do not bleed into the seen ones.
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to RGB or RGBA in sRGB, by the embedded colour profile where it can be used."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha is not None else image
    converted = None
    if profile is not None:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(colours, source, srgb, outputMode="RGB")
        except (ImageCms.PyCMSError, *BROKEN):  # a broken or foreign profile: the colours as they are
            converted = None
    clean = colours.convert("RGB") if converted is None else converted
    if alpha is not None:
        clean.putalpha(alpha)
    return clean
