"""Files that are two things at once: a picture or a film, and a page, a program or an archive that hides in it."""

from __future__ import annotations

import io
import struct
import zipfile

from bombs_films import box, film
from bombs_pictures import Make, bmp, chunk, many_segments, photo, saved, small_png, webp
from PIL import Image

PAYLOAD = b"alert('polyglot')"
SCRIPT = b"<script>" + PAYLOAD + b"</script>"


def archive() -> bytes:
    """Return a ZIP, as programs for Java are, too."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("run.js", PAYLOAD)
    return file.getvalue()


def gif_that_is_a_program() -> bytes:
    """A GIF, the first bytes of which a browser would take as an assignment in JavaScript, and a comment."""
    data = bytearray(saved(photo().convert("P"), "GIF"))
    data[6:8] = b"/*"  # its width, which the picture itself corrects
    return bytes(data[:-1]) + b"!\xfe" + bytes([len(PAYLOAD) + 4]) + b"*/=1;"[:4] + PAYLOAD + b"\0;"


def webp_with_a_page() -> bytes:
    data = saved(photo(), "WEBP", lossless=True)
    return data + b"XMP " + struct.pack("<I", len(SCRIPT)) + SCRIPT


def tiff_with_a_page() -> bytes:
    return saved(photo(), "TIFF", description=SCRIPT.decode())


def exif_with_a_page() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SCRIPT.decode()
    return saved(photo(), "JPEG", exif=exif)


POLYGLOTS: dict[str, Make] = {
    "PNG and a page behind it": lambda: saved(photo(), "PNG") + b"<html>" + SCRIPT,
    "PNG and a page in its texts": lambda: small_png(chunk(b"tEXt", b"Comment\0" + SCRIPT)),
    "PNG and an archive": lambda: saved(photo(), "PNG") + archive(),
    "GIF and a program": gif_that_is_a_program,
    "JPEG and an archive": lambda: saved(photo(), "JPEG") + archive(),
    "JPEG and a page in a comment": lambda: many_segments(0xFE, SCRIPT, 1),
    "JPEG and a page in its EXIF": exif_with_a_page,
    "JPEG and a document": lambda: many_segments(0xFE, b"%PDF-1.7\n" + PAYLOAD, 1),
    "WebP and a page": webp_with_a_page,
    "TIFF and a page": tiff_with_a_page,
    "BMP and a program": lambda: bmp(8, 0, bytes(64)) + b"*/" + PAYLOAD,
    "MP4 and a page": lambda: film() + box(b"free", SCRIPT),
}
FIRST: dict[str, Make] = {
    "a page, then a PNG": lambda: SCRIPT + saved(photo(), "PNG"),
    "an archive, then a PNG": lambda: archive() + saved(photo(), "PNG"),
    "a document, then a JPEG": lambda: b"%PDF-1.7\n" + saved(photo(), "JPEG"),
    "SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>",
    "a playlist": lambda: b"#EXTM3U\nfile:///etc/passwd\n",
    "a program, then a WebP": lambda: b"\x7fELF" + webp(8),
}
