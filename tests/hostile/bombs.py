"""All bombs by name: what makes them, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bombs_films as films
import bombs_pictures as pictures
from bombs_pictures import GREY, LARGE, RGBA, black_png, chunk, photo, profile_with_a_table, saved, small_png, squeezed
from PIL import Image

LONG = 2**27
DAMAGED, UNKNOWN, PARTS = "cut off or damaged", "not a picture I can read", "far too many parts"
FAR_TOO_MANY, TOO_MANY, EIGHT = "far too many pixels", r"has \d+ × \d+ pixels", "8 × 8"
NO_FRAME, STILL = "no frame in it", "does not move"


@dataclass(frozen=True)
class Bomb:
    """A file, what comes of it as a picture and, where that is tried, as a film: patterns of the outcome."""

    make: Callable[[], bytes]
    picture: str | None
    film: str | None = None


REFUSED: dict[str, Bomb] = {
    "PNG of 900 million pixels": Bomb(lambda: black_png(30_000, 30_000, 1, GREY), FAR_TOO_MANY),
    "PNG of 1.9 million chunks": Bomb(lambda: small_png(chunk(b"teXt", b"") * 1_900_000), PARTS, PARTS),
    "PNG in 1.9 million pieces": Bomb(lambda: small_png(chunk(b"IDAT", b"") * 1_900_000), PARTS, PARTS),
    "PNG that says 2000 million frames": Bomb(pictures.animated_png_that_lies, UNKNOWN, "not a film I can read"),
    "GIF of 65535 × 65535": Bomb(lambda: pictures.gif((65_535, 65_535), [(1, 1)]), FAR_TOO_MANY, FAR_TOO_MANY),
    "GIF with a frame larger than itself": Bomb(
        lambda: pictures.gif((1, 1), [(65_535, 65_535)]), FAR_TOO_MANY, FAR_TOO_MANY
    ),
    "GIF of 4 million comments": Bomb(lambda: pictures.gif_of_comments(b"\1a\0!\xfe" * 4_000_000), PARTS, PARTS),
    "GIF with a comment of 11 million blocks": Bomb(
        lambda: pictures.gif_of_comments(b"\1a" * 11_000_000), PARTS, PARTS
    ),
    "GIF in 11 million blocks": Bomb(
        lambda: pictures.gif((8, 8), [(1, 1)], b"\x02" + b"\1\x44" * 11_000_000 + b"\0"), PARTS, PARTS
    ),
    "TIFF with a tile of 10^12 pixels": Bomb(pictures.tiff_with_a_huge_tile, DAMAGED),
    "TIFF of 64 million pixels, 100 bytes": Bomb(lambda: pictures.tiff_of(LARGE, LARGE, 8, 1, bytes(100)), DAMAGED),
    "WebP of 16383 × 16383": Bomb(lambda: pictures.webp(16_383), FAR_TOO_MANY, FAR_TOO_MANY),
    "AVIF that says 16000 × 16000": Bomb(lambda: pictures.avif_that_lies(16_000), "pixels", FAR_TOO_MANY),
    "HEIC that says 65535 × 65535": Bomb(pictures.heic, UNKNOWN, "film"),
    "BMP of 64 million pixels, 100 bytes": Bomb(lambda: pictures.bmp(LARGE, 0, bytes(100)), DAMAGED),
    "BMP of 64 million pixels, run lengths": Bomb(lambda: pictures.bmp(LARGE, 1, b"\xff\0" * 99), DAMAGED),
    "JPEG of 65500 × 65500": Bomb(lambda: pictures.jpeg_header(65_500, 65_500), FAR_TOO_MANY),
    "JPEG of 64 million pixels in 50,000 scans": Bomb(lambda: pictures.progressive(LARGE, LARGE, 50_000), PARTS),
    "JPEG of 500,000 scans": Bomb(lambda: pictures.progressive(256, 256, 500_000), PARTS),
    "JPEG of 5 million comments": Bomb(lambda: pictures.many_segments(0xFE, b"", 5_000_000), PARTS),
    "JPEG of 2 million EXIF": Bomb(lambda: pictures.many_segments(0xE1, b"Exif\0\0", 2_000_000), PARTS),
    "JPEG of a million pieces of a colour profile": Bomb(
        lambda: pictures.many_segments(0xE2, b"ICC_PROFILE\0\1\1", 1_000_000), PARTS
    ),
    "MKV with a frame of 256 million pixels": Bomb(films.huge_frame, "film", "cut off"),
    "MOV with a PNG of 256 million pixels": Bomb(films.huge_png, "encoded as png", "encoded as png"),
    "WebM with a frame of 268 million pixels": Bomb(films.huge_vp8, "film", "cut off"),
    "MP4 that says 2000 million samples": Bomb(films.samples_that_are_not_there, NO_FRAME, NO_FRAME),
    "MP4 of tables of 4000 million rows": Bomb(films.sizes_that_are_not_there, "cut off|no frame", "cut off|no frame"),
    "MP4 of 20,000 tracks": Bomb(films.many_tracks, "cut off|no frame", "cut off|no frame"),
    "MP4 of boxes in boxes, 200,000 deep": Bomb(films.nested, "cut off|no frame", "cut off|no frame"),
    "MOV whose pictures are another file's": Bomb(films.mov_that_names_a_file, "do not know", "do not know"),
}
# What does not keep the picture from being read.
TAKEN: dict[str, Bomb] = {
    "PNG of 15,000 texts of 1 MiB each": Bomb(pictures.text_flood, EIGHT, STILL),
    "PNG of 15,000 colour profiles of 1 MiB each": Bomb(pictures.profile_flood, EIGHT, STILL),
    "PNG with a text of 128 MiB": Bomb(lambda: small_png(chunk(b"zTXt", b"k\0\0" + squeezed(LONG))), EIGHT, STILL),
    "PNG with a text of 128 MiB in UTF-8": Bomb(
        lambda: small_png(chunk(b"iTXt", b"k\0\1\0\0\0" + squeezed(LONG))), EIGHT, STILL
    ),
    "PNG with a colour profile of 128 MiB": Bomb(
        lambda: small_png(chunk(b"iCCP", b"k\0\0" + squeezed(LONG))), EIGHT, STILL
    ),
    "TIFF of 1.3 million pages": Bomb(pictures.tiff_of_pages, EIGHT),
    "TIFF that follows itself": Bomb(pictures.tiff_in_a_ring, EIGHT),
    "EXIF that leads to itself": Bomb(lambda: saved(photo(), "JPEG", exif=pictures.exif_in_a_ring()), "64 × 96"),
    "EXIF of fields of 4000 million values": Bomb(
        lambda: saved(photo(), "JPEG", exif=pictures.exif_of_lies()), "96 × 64"
    ),
    "the same in a PNG": Bomb(lambda: small_png(chunk(b"eXIf", pictures.exif_of_lies()[6:])), EIGHT),
    "ICC of curves of 4000 million points": Bomb(
        lambda: saved(photo(), "JPEG", icc_profile=pictures.profile_of_lies()), "96 × 64"
    ),
    "ICC with a table of 3 MB": Bomb(
        lambda: saved(photo().convert("CMYK"), "JPEG", icc_profile=profile_with_a_table(b"CMYK", 4, 27)), "96 × 64"
    ),
    "ICC with a table of 24 GB that is not there": Bomb(
        lambda: saved(photo().convert("CMYK"), "JPEG", icc_profile=profile_with_a_table(b"CMYK", 4, 255, missing=True)),
        "96 × 64",
    ),
    "GIF that grows to 16 million pixels": Bomb(pictures.growing_gif, EIGHT, STILL),
    "MKV with a huge frame after small ones": Bomb(films.huge_later, "64 × 48", "2 frames of 64 × 48"),
}
# As large as may be, or as slow: only measured, for they take seconds.
LARGEST: dict[str, Bomb] = {
    "PNG of 64 million pixels of 64 bits": Bomb(lambda: black_png(LARGE, LARGE, 16, RGBA), "1024 × 1024"),
    "the same, interlaced": Bomb(lambda: black_png(LARGE, LARGE, 8, RGBA, interlaced=True), "1024 × 1024"),
    "PNG of 64 million deep greys": Bomb(lambda: black_png(LARGE, LARGE, 16, GREY), "1024 × 1024"),
    "TIFF of 64 million floats": Bomb(
        lambda: pictures.tiff_of(LARGE, LARGE, 32, 8, squeezed(4 * LARGE * LARGE), (339, 3, 1, 3)), "1024 × 1024"
    ),
    "WebP of 64 million pixels": Bomb(
        lambda: saved(Image.new("RGB", (LARGE, LARGE)), "WEBP", lossless=True, method=0), "1024 × 1024"
    ),
    "AVIF that says 8000 × 8000": Bomb(lambda: pictures.avif_that_lies(LARGE), "1024 × 1024"),
    "JPEG of 64 million pixels in 99 scans": Bomb(lambda: pictures.progressive(LARGE, LARGE, 98), "1024 × 1024"),
    "JPEG of 350 segments of Photoshop's": Bomb(
        lambda: pictures.many_segments(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5000, 350), "96 × 64"
    ),
}
ALL = REFUSED | TAKEN | LARGEST
