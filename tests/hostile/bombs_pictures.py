"""Pictures that are small as files and would be large, slow or endless as pixels; each is made by code, in memory."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image, ImageCms

Make = Callable[[], bytes]

PNG = b"\x89PNG\r\n\x1a\n"
MIB = 2**20
LARGE = 8000  # pixels on a side: the largest that is taken
GREY, RGB, RGBA = 0, 2, 6  # as PNG numbers colours


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(width: int = 96, height: int = 64) -> Image.Image:
    """Return a picture in which no two columns are alike."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)
    pixels[..., 1] = np.linspace(0, 255, height)[:, None]
    return Image.fromarray(pixels)


def animated(kind: str) -> bytes:
    """Return a file of three frames."""
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def with_everything(kind: str) -> bytes:
    """Return a photo with EXIF and a colour profile."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(photo(), kind, exif=exif, icc_profile=icc)


# PNG


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def squeezed(size: int, fill: bytes = b"\0") -> bytes:
    """Return ``size`` equal bytes as zlib has them, without ever holding them."""
    packer, block = zlib.compressobj(9), fill * MIB
    parts = [packer.compress(block) for _ in range(size // MIB)]
    return b"".join([*parts, packer.compress(fill * (size % MIB)), packer.flush()])


def black_png(width: int, height: int, bits: int, colours: int, *before: bytes, interlaced: bool = False) -> bytes:
    """Return a black PNG, with chunks before its pixels."""
    each = {GREY: 1, RGB: 3, RGBA: 4}[colours] * bits
    row = 1 + (width * each + 7) // 8
    head = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, interlaced)
    # Interlaced, a picture has twice as many rows that begin with a byte, and a little more of them.
    pixels = squeezed(height * (row + (2 * 8 if interlaced else 0)))
    return PNG + chunk(b"IHDR", head) + b"".join(before) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def small_png(*before: bytes) -> bytes:
    """Return a PNG of 8 × 8 pixels, with chunks before them."""
    return black_png(8, 8, 8, RGB, *before)


def text_flood() -> bytes:
    return small_png(chunk(b"zTXt", b"k\0\0" + squeezed(MIB - 9)) * 15_000)


def profile_flood() -> bytes:
    return small_png(chunk(b"iCCP", b"k\0\0" + squeezed(MIB - 9)) * 15_000)


def many_chunks() -> bytes:
    return small_png(chunk(b"teXt", b"") * 1_900_000)


def png_with_exif(exif: bytes) -> bytes:
    return small_png(chunk(b"eXIf", exif))


def animated_png_that_lies() -> bytes:
    """An animation of two thousand million frames, of which there is one, larger than all of it."""
    control = chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    frame = struct.pack(">IIIIIHHBB", 0, 2**31 - 1, 2**31 - 1, 0, 0, 1, 10, 0, 0)
    return small_png(control, chunk(b"fcTL", frame))


# GIF

# 64 times the first colour, as GIF has it: codes of three bits, and a clear code after every two pixels.
EIGHT_BY_EIGHT = b"\x02\x25" + bytes.fromhex("040810204080000102") * 4 + b"\x2c\0"


def gif(screen: tuple[int, int], frames: Iterable[tuple[int, int]], data: bytes = EIGHT_BY_EIGHT) -> bytes:
    """Return a GIF whose frames say that they have these sizes; each has the pixels of ``data``, one at least."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    bodies = (b"," + struct.pack("<HHHHB", 0, 0, *size, 0) + data for size in frames)
    return head + b"".join(bodies) + b";"


def gif_of_comments(blocks: bytes) -> bytes:
    """Return a GIF with comments of such blocks before its one picture."""
    still = gif((8, 8), [(1, 1)])
    return still[:19] + b"!\xfe" + blocks + b"\0" + still[19:]


def growing_gif(side: int = 4000) -> bytes:
    """A small frame, and then one that makes all of it 4000 × 4000."""
    large = saved(Image.new("P", (side, side)), "GIF")
    size = struct.pack("<HHHH", 0, 0, side, side)
    pixels = large[large.index(b"," + size) + 10 : -1]
    return gif((8, 8), [(8, 8)])[:-1] + b"," + size + b"\0" + pixels + b";"


# TIFF


def tiff(entries: Iterable[tuple[int, int, int, int]], after: bytes = b"", *, following: int = 0) -> bytes:
    """Return a TIFF of one directory: (tag, type, count, value) each. ``after`` begins behind it."""
    rows = sorted(entries)
    packed = b"".join(struct.pack("<HHII", *row) for row in rows)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + packed + struct.pack("<I", following) + after


def tiff_of(
    width: int, height: int, bits: int, compression: int, data: bytes, *more: tuple[int, int, int, int]
) -> bytes:
    """Return a grey TIFF of one strip."""
    given = {entry[0] for entry in more}
    usual = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, compression), (262, 3, 1, 1),
        (273, 4, 1, 0), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(data)),
    ]  # fmt: skip
    entries = [entry for entry in usual if entry[0] not in given] + list(more)
    start = 8 + 2 + 12 * len(entries) + 4
    return tiff([(tag, kind, count, start if tag == 273 else value) for tag, kind, count, value in entries], data)


def tiff_of_pages(count: int = 1_300_000) -> bytes:
    """A TIFF of a picture, and of a million pages behind it."""
    first = bytearray(tiff_of(8, 8, 8, 1, bytes(64)))
    rows = struct.unpack_from("<H", first, 8)[0]
    struct.pack_into("<I", first, 10 + 12 * rows, len(first))
    pages = np.zeros((count, 18), np.uint8)
    pages[:, :14] = np.frombuffer(struct.pack("<HHHII", 1, 256, 4, 1, 8), np.uint8)
    following = np.arange(1, count + 1, dtype=np.uint32) * 18 + len(first)
    following[-1] = 0
    pages[:, 14:] = following.view(np.uint8).reshape(count, 4)
    return bytes(first) + pages.tobytes()


def tiff_in_a_ring() -> bytes:
    """A TIFF whose one page is followed by itself."""
    ring = bytearray(tiff_of(8, 8, 8, 1, bytes(64)))
    struct.pack_into("<I", ring, 10 + 12 * struct.unpack_from("<H", ring, 8)[0], 8)
    return bytes(ring)


def tiff_with_a_huge_tile() -> bytes:
    tile = 1 << 20
    return tiff_of(64, 64, 8, 8, squeezed(64), (322, 4, 1, tile), (323, 4, 1, tile), (324, 4, 1, 0), (325, 4, 1, 64))


# JPEG


def segment(marker: int, body: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def progressive(width: int, height: int, scans: int) -> bytes:
    """Return a grey JPEG of ``scans`` scans, in each of which nothing comes to any block: 3 bytes a 32767 of them."""
    quality = segment(0xDB, b"\0" + b"\x01" * 64)
    frame = segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0")
    first = segment(0xC4, b"\x00\x01" + bytes(15) + b"\0")  # one code, of one bit: no change of the mean
    runs = segment(0xC4, b"\x10\x01" + bytes(15) + b"\xe0")  # one code: a run of 2^14 and more blocks without anything
    blocks = -(-width // 8) * -(-height // 8)
    means = segment(0xDA, b"\x01\x01\0\0\0\0") + bytes(-(-blocks // 8))
    bits = "".join("0" + "1" * 14 for _ in range(-(-blocks // 32767)))
    ran = int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8)).replace(b"\xff", b"\xff\0")
    scan = segment(0xDA, b"\x01\x01\0\x01\x3f\0") + ran
    return b"\xff\xd8" + quality + frame + first + runs + means + scan * scans + b"\xff\xd9"


def jpeg_header(width: int, height: int) -> bytes:
    """Return a JPEG of a size that it says, and few pixels."""
    data = bytearray(saved(photo(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def many_segments(marker: int, body: bytes, count: int) -> bytes:
    data = saved(photo(), "JPEG")
    return data[:2] + segment(marker, body) * count + data[2:]


# WebP, AVIF, BMP


def webp(side: int) -> bytes:
    """Return a WebP without loss, of the size that it says, and of no pixels."""
    body = b"\x2f" + struct.pack("<I", side - 1 | side - 1 << 14) + bytes(13)
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBPVP8L" + struct.pack("<I", len(body)) + body


def avif_that_lies(side: int) -> bytes:
    """Return an AVIF of few pixels that says to have many."""
    data = bytearray(saved(photo(), "AVIF"))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", side, side)
    return bytes(data)


def heic() -> bytes:
    """Return what begins like a photo of a telephone, of 65535 × 65535 pixels."""
    size = struct.pack(">I4sIII", 20, b"ispe", 0, 65_535, 65_535)
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + struct.pack(">I", 28) + b"ipco" + size


def bmp(side: int, compression: int, data: bytes) -> bytes:
    """Return a BMP of a size that it says."""
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, compression, 0, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(data), 0, 0, 54 + 1024) + head + bytes(1024) + data


# What stands beside pixels: EXIF and colour profiles


def exif_in_a_ring() -> bytes:
    """Directories that lead to each other, and to themselves."""
    entries = [(0x0112, 3, 1, 6), (0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)]
    return b"Exif\0\0" + tiff(entries, following=8)


def exif_of_lies() -> bytes:
    """Fields that say to have 4 thousand million values each."""
    return b"Exif\0\0" + tiff([(tag, 1 + tag % 12, 2**32 - 1, 8) for tag in range(0x100, 0x100 + 3000)])


def profile(kind: bytes, tags: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return an ICC profile for ``kind`` of colours, by its tags."""
    table, bodies = b"", b""
    found = list(tags)
    start = 128 + 4 + 12 * len(found)
    for name, body in found:
        table += name + struct.pack(">II", start + len(bodies), len(body))
        bodies += body
    whole = start + len(bodies)
    head = struct.pack(">I4sI4s4s4s", whole, b"lcms", 0x02400000, b"prtr", kind, b"Lab ") + bytes(12) + b"acsp"
    return head.ljust(128, b"\0") + struct.pack(">I", len(found)) + table + bodies


def profile_of_lies() -> bytes:
    """sRGB, its curves said to have 4 thousand million points."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for index in range(struct.unpack_from(">I", data, 128)[0]):
        name, start, _ = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if name in {b"rTRC", b"gTRC", b"bTRC"}:
            data[start : start + 12] = b"curv" + bytes(4) + struct.pack(">I", 2**32 - 1)
    return bytes(data)


def profile_with_a_table(kind: bytes, channels: int, points: int, *, missing: bool = False) -> bytes:
    """A profile with a table of ``points`` to the power of ``channels`` colours; or one that only says so."""
    head = (
        b"mft2" + bytes(4) + bytes([channels, 3, points, 0]) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    )
    curves = struct.pack(">HH", 0, 65535)
    table = b"" if missing else bytes(points**channels * 3 * 2)
    body = head + struct.pack(">HH", 2, 2) + curves * channels + table + curves * 3
    return profile(kind, [(b"A2B0", body)])
