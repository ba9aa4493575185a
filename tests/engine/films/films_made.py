"""Small moving pictures, made by FFmpeg and Pillow as somebody's camera would."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine import Picture

Rgb = NDArray[np.uint8]
MILLISECOND = Fraction(1, 1000)
TKHD_MATRIX = 40  # bytes from the “tkhd” of a version 0 box to its matrix
QUARTER_TURN = (0, 1, 0, -1, 0, 0, 0, 0, 0x4000)  # 16.16 but for the last, which is 2.30


def panned(picture: Picture, frames: int, width: int = 64, height: int = 48) -> list[Rgb]:
    """Return a pan over a picture: each frame sees it 2 pixels further right and 1 further down."""
    return [np.ascontiguousarray(picture.rgb[at : at + height, 2 * at : 2 * at + width]) for at in range(frames)]


def film(
    path: Path,
    frames: Sequence[Rgb],
    *,
    times_ms: Sequence[int] | None = None,
    pix_fmt: str = "yuv420p",
    sound: bool = False,
    trc: int | None = None,
) -> Path:
    """Write frames as a video, at 10 frames a second where no times are given."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "10", "threads": "1"})
        height, width = frames[0].shape[:2]
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if trc is not None:
            stream.codec_context.color_trc = trc
        if sound:
            _quiet(container)
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pix_fmt)
            frame.time_base = Fraction(1, 1000)
            frame.pts = 100 * number if times_ms is None else times_ms[number]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _quiet(container: av.container.OutputContainer) -> None:
    stream = container.add_stream("aac", rate=44100)
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 44100, 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def turned(path: Path) -> Path:
    """Have a phone's note in the film that it is to be shown a quarter turned."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 4 + TKHD_MATRIX
    values = [value << 16 for value in QUARTER_TURN]
    data[place : place + 36] = b"".join((value & 0xFFFFFFFF).to_bytes(4, "big") for value in values)
    path.write_bytes(data)
    return path


def gif(path: Path, frames: Sequence[Rgb], milliseconds: int | Sequence[int]) -> Path:
    """Write frames as a GIF."""
    first, *others = [Image.fromarray(rgb) for rgb in frames]
    file = io.BytesIO()
    times = milliseconds if isinstance(milliseconds, int) else list(milliseconds)
    first.save(file, "GIF", save_all=True, append_images=others, duration=times, loop=0)
    path.write_bytes(file.getvalue())
    return path


def every_frame_of_its_size(path: Path, frames: Sequence[Rgb]) -> Path:
    """Write frames of any sizes as MJPEG, each of which names its own."""
    with av.open(path, "w", format="matroska") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        for number, rgb in enumerate(frames):
            file = io.BytesIO()
            Image.fromarray(rgb).save(file, "JPEG", quality=95)
            packet = av.Packet(file.getvalue())
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, 100 * number, 100 * number, MILLISECOND
            packet.is_keyframe = True
            container.mux(packet)
    return path


def without_frames(path: Path) -> Path:
    """Write a film that has a picture's size, sound and no frame."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        _quiet(container)
    return path


def sound_alone(path: Path) -> Path:
    """Write sound."""
    with av.open(path, "w", format="mp4") as container:
        _quiet(container)
    return path


def encoded(path: Path, codec: str, pix_fmt: str = "yuv420p", frames: int = 3) -> Path:
    """Write a film of grey frames by any of FFmpeg's encoders."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 176, 144, pix_fmt  # H.263 has five sizes, and this is one
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((144, 176, 3), 40 * number, np.uint8), format="rgb24")
            container.mux(stream.encode(frame.reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


def still_avif(path: Path, rgb: Rgb) -> Path:
    """Write a picture as AVIF."""
    Image.fromarray(rgb).save(path, "AVIF")
    return path


def moving_avif(path: Path, frames: Sequence[Rgb]) -> Path:
    """Write frames as AVIF, ten a second."""
    first, *others = [Image.fromarray(rgb) for rgb in frames]
    first.save(path, "AVIF", save_all=True, append_images=others, duration=100)
    return path


def still_heic(path: Path, rgb: Rgb) -> Path:
    """Write a picture as telephones do: one frame of HEVC, and boxes that say so."""
    height, width = rgb.shape[:2]
    with av.open(path.with_suffix(".mp4"), "w") as container:
        stream = container.add_stream("libx265", rate=1, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        packets = [*stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")), *stream.encode(None)]
        container.mux(packets)
    film = path.with_suffix(".mp4").read_bytes()
    at = film.index(b"hvcC") - 4
    settings = film[at : at + int.from_bytes(film[at : at + 4])]
    at = film.index(b"mdat")
    sample = film[at + 4 : at - 4 + int.from_bytes(film[at - 4 : at])]
    size = _box(b"ispe", bytes(4) + width.to_bytes(4) + height.to_bytes(4))
    item = _box(b"infe", b"\2\0\0\0" + b"\0\1\0\0hvc1\0")
    first = _box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def about(offset: int) -> bytes:
        return _box(
            b"meta",
            bytes(4),
            _box(b"hdlr", bytes(8) + b"pict" + bytes(13)),
            _box(b"pitm", bytes(4) + b"\0\1"),
            _box(b"iloc", bytes(4) + b"\x44\0\0\1\0\1\0\0\0\1" + offset.to_bytes(4) + len(sample).to_bytes(4)),
            _box(b"iinf", bytes(4) + b"\0\1", item),
            _box(b"iprp", _box(b"ipco", settings, size), _box(b"ipma", bytes(4) + b"\0\0\0\1\0\1\2\x81\2")),
        )

    path.write_bytes(first + about(len(first) + len(about(0)) + 8) + _box(b"mdat", sample))
    return path


def _box(kind: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return (8 + len(body)).to_bytes(4) + kind + body
