"""Frames to MP4, GIF or animated WebP: streamed as they come, then made to fit a limit.

All goes into a master first, an H.264 file of high quality, a frame at a time. What is asked for is that file, or is
made of it: so memory does not grow with the film, and a second try costs no dream.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from engine.errors import EngineError
from engine.films.reading import Rgb, Shot
from engine.films.settings import Kind
from engine.sentences import mark

TICKS = 90_000  # a second, as MPEG has it
# No loss that one sees (CRF of 0–51). *Medium* at 14 makes two thirds of the bytes, and takes 38 ms for a frame of
# 512 × 512 instead of 8: on two cores that is taken from the dream. (CABAC would save a fifteenth of them for 3 ms.)
MASTER_OPTIONS = {"preset": "superfast", "crf": "15", "x264-params": "cabac=0"}
BITS_PER_PIXEL = 0.06  # an MP4 that would have fewer is made smaller instead: H.264 goes to blocks
KEPT_OF_LIMIT = 0.94  # what is asked of the encoder, so that the container and what it misses by have room
SHRINK = 0.8
SMALLEST_SIDE = 64  # pixels
PALETTE_FROM = 24  # frames of the film that a GIF's palette is made of
PALETTE_SIDE = 128  # pixels of each of them
MOST_LEFT_OUT = 2  # of so many frames a GIF that does not fit shows one: it is small and blotched sooner than it jerks
WEBP_QUALITIES = (80, 60, 40)
BT709 = 1  # as ITU-T H.273 numbers primaries, transfer and matrix
NO_FIT = mark("This film does not fit into {size} KiB, however small it is made. Make it shorter.")


@dataclass(frozen=True)
class Written:
    """A film as a file."""

    path: Path
    kind: Kind
    width: int
    height: int
    bytes: int


class Master:
    """An MP4 to which frames are added one at a time; each is shown until the next."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        """Begin a file of even ``width`` and ``height`` in pixels."""
        self._container = av.open(path, "w", format="mp4", options={"movflags": "+faststart"})
        self._stream = _h264(self._container, width, height, MASTER_OPTIONS)
        self._yuv = _Yuv()
        self._waiting: Shot | None = None

    def add(self, shot: Shot) -> None:
        """Add a frame (height, width, 3)."""
        self._write(shot.at)
        self._waiting = shot

    def finish(self, seconds: float) -> None:
        """End the film, ``seconds`` after it began."""
        self._write(seconds)
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abandon(self) -> None:
        """Close what is not finished."""
        self._container.close()

    def _write(self, until: float) -> None:
        if self._waiting is not None:
            _put(self._container, self._stream, self._yuv(self._waiting.rgb), self._waiting.at, until)


def fit(master: Path, seconds: float, to: Path, kind: Kind, max_bytes: int | None = None) -> Written:
    """Write the master's film to ``to``, of at most ``max_bytes``: by falling quality, then smaller.

    Raises EngineError where that would leave less than ``SMALLEST_SIDE`` pixels.
    """
    with av.open(master) as container:
        stream = container.streams.video[0]
        width, height, frames = stream.width, stream.height, stream.frames
    if kind == "mp4" and (max_bytes is None or master.stat().st_size <= max_bytes):
        shutil.copyfile(master, to)
        return Written(to, kind, width, height, to.stat().st_size)
    scale, quality, every = 1.0, 0, 1
    least = min(SMALLEST_SIDE, max(width, height)) / max(width, height)
    while scale >= least:
        size = _even(width * scale), _even(height * scale)
        if kind == "mp4" and max_bytes is not None:
            # Found without a try: H.264 keeps to the bits that it is given.
            bits = 8 * KEPT_OF_LIMIT * max_bytes
            if bits / (size[0] * size[1] * frames) < BITS_PER_PIXEL and scale * SHRINK >= least:
                scale *= SHRINK
                continue
            _to_mp4(master, to, *size, round(bits / (seconds + 1)))
        elif kind == "gif":
            _to_gif(master, to, *size, every)
        else:
            _to_webp(master, to, *size, WEBP_QUALITIES[quality])
        made = to.stat().st_size
        if max_bytes is None or made <= max_bytes:
            return Written(to, kind, *size, made)
        if kind == "webp" and quality + 1 < len(WEBP_QUALITIES):
            quality += 1
        elif kind == "gif" and every < MOST_LEFT_OUT:
            every += 1
        else:
            # As far as the bytes say, since each try takes its time; never less far than a step.
            scale *= SHRINK if kind == "mp4" else min(SHRINK, math.sqrt(max_bytes / made))
    to.unlink(missing_ok=True)
    raise EngineError(NO_FIT, size=round((max_bytes or 0) / 1024))


def _h264(container: OutputContainer, width: int, height: int, options: dict[str, str]) -> VideoStream:
    # One thread: with more, bytes would depend on how many there are.
    stream = container.add_stream("libx264", rate=30, options={"preset": "medium", "threads": "1", **options})
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = BT709
    return stream


def _to_mp4(master: Path, to: Path, width: int, height: int, bits_per_s: int) -> None:
    # The buffer of a second is what the whole may be over its rate at most.
    limits = {"b": str(bits_per_s), "maxrate": str(bits_per_s), "bufsize": str(bits_per_s)}
    with av.open(to, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream, yuv = _h264(container, width, height, limits), _Yuv()
        for rgb, at, until in _timed(master, width, height):
            _put(container, stream, yuv(rgb), at, until)
        container.mux(stream.encode(None))


def _to_webp(master: Path, to: Path, width: int, height: int, quality: int) -> None:
    with av.open(to, "w", format="webp", options={"loop": "0"}) as container:
        options = {"quality": str(quality), "compression_level": "4"}
        stream = container.add_stream("libwebp_anim", rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for rgb, at, until in _timed(master, width, height):
            frame = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
            _put(container, stream, frame, at, until)
        container.mux(stream.encode(None))


def _to_gif(master: Path, to: Path, width: int, height: int, every: int) -> None:
    palette = _palette(master)
    colours = np.array(palette.getpalette("RGB"), np.uint8).reshape(-1, 3)
    table = np.zeros((256, 4), np.uint8)  # blue, green, red, alpha
    table[: len(colours), :3], table[:, 3] = colours[:, ::-1], 255
    with av.open(to, "w", format="gif", options={"loop": "0"}) as container:
        stream = container.add_stream("gif", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 100)
        for rgb, at, until in _timed(master, width, height, every):
            indices = Image.fromarray(rgb).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
            _put(container, stream, _indexed(np.asarray(indices), table), at, until)
        container.mux(stream.encode(None))


def _indexed(indices: NDArray[np.uint8], table: NDArray[np.uint8]) -> VideoFrame:
    height, width = indices.shape
    frame = VideoFrame(width, height, "pal8")
    rows = np.zeros((height, frame.planes[0].line_size), np.uint8)
    rows[:, :width] = indices
    frame.planes[0].update(rows.tobytes())
    frame.planes[1].update(table.tobytes())
    return frame


def _palette(master: Path) -> Image.Image:
    """Return an image whose palette suits the whole film: one for all frames, so that no colour flickers."""
    with av.open(master) as container:
        frames = container.streams.video[0].frames
    each = max(1, frames // PALETTE_FROM)
    seen = [
        Image.fromarray(rgb)
        for number, (rgb, _, _) in enumerate(_timed(master, PALETTE_SIDE, PALETTE_SIDE))
        if number % each == 0
    ]
    sheet = Image.new("RGB", (PALETTE_SIDE, PALETTE_SIDE * len(seen)))
    for row, image in enumerate(seen):
        sheet.paste(image, (0, row * PALETTE_SIDE))
    return sheet.quantize(256, method=Image.Quantize.MEDIANCUT)


def _timed(master: Path, width: int, height: int, every: int = 1) -> Iterator[tuple[Rgb, float, float]]:
    """Read a master, one frame of ``every`` so many: each, when it begins and when it ends, in seconds."""
    before: tuple[Rgb, float] | None = None
    with av.open(master) as container:
        stream = container.streams.video[0]
        ends = float((stream.duration or 0) * (stream.time_base or 0))
        for number, frame in enumerate(container.decode(stream)):
            if number % every:
                continue
            pixels = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="LANCZOS")
            rgb = pixels.astype(np.uint8, copy=False)
            at = float(frame.time or 0)
            if before is not None:
                yield (*before, at)
            before = rgb, at
    if before is not None:
        yield (*before, max(ends, before[1] + 0.01))


class _Yuv:
    """Makes frames (height, width, 3) what H.264 takes. What it sets up once takes longer than a frame."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, rgb: NDArray[np.uint8]) -> VideoFrame:
        frame = VideoFrame.from_ndarray(rgb, format="rgb24")
        return self._reformatter.reformat(
            frame, format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range="MPEG"
        )


def _put(container: OutputContainer, stream: Any, frame: VideoFrame, at: float, until: float) -> None:
    base = stream.codec_context.time_base
    frame.time_base = base
    frame.pts = round(at / base)
    frame.duration = max(1, round(until / base) - frame.pts)
    _mux(container, stream.encode(frame))


def _mux(container: OutputContainer, packets: Sequence[Any]) -> None:
    for packet in packets:
        container.mux(packet)


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
