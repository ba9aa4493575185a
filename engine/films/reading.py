"""Files with moving pictures to upright 8-bit frames with their times, one after another."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal, TypeAlias

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError

from engine.errors import PictureError
from engine.films import containers, hdr
from engine.films.settings import VideoFilm
from engine.octaves import dream_size
from engine.pictures import parts
from engine.pictures.decoding import BROKEN, TOO_MANY_PARTS
from engine.pictures.encoding import BACKDROP
from engine.pictures.notes import bounded
from engine.sentences import Sentence, mark

Rgb = NDArray[np.uint8]
Shrinking: TypeAlias = Literal["LANCZOS", "AREA"]  # as FFmpeg calls them: what is looked at, what is only compared
RESAMPLING = {"LANCZOS": Image.Resampling.LANCZOS, "AREA": Image.Resampling.BOX}

ANIMATIONS = ("GIF", "WEBP", "PNG", "AVIF")  # read by Pillow
SHORTEST_MS, UNSAID_MS = 10, 100  # of a frame: up to the one, browsers show it for the other
UNSAID_S = 1 / 25  # between frames of a video that says no time
CUT = 45.0  # grey levels that the means of 32 × 32 fields change by: another scene
FIELDS = 32

UNKNOWN = mark("This is not a film I can read. Send an MP4, MOV, WebM or MKV file, or an animated GIF, WebP or PNG.")
DAMAGED = mark("This film is cut off or damaged. Save it again, or send another one.")
STILL = mark("This picture does not move. Dream on it as a picture, or send a film.")
TOO_LONG = mark("This film takes {minutes} minutes. Send one of at most {most}.")
TOO_LARGE = mark("This film has {width} × {height} pixels. Send one with at most {million} million.")
FAR_TOO_LARGE = mark("This film has far too many pixels. Send one with at most {million} million.")
TOO_HEAVY = mark("This film has {size} MiB. Send one of at most {most} MiB.")
SILENT = Sentence("The sound was left out.")
BROKEN_OFF = mark("This film is damaged after {seconds} s: what comes before was taken.")
SHORTENED = mark("Only the first {seconds} s were taken.")
THINNED = mark("It has more than {fps} frames a second: some were left out.")
FITTED = Sentence("Its frames change their size: all were brought to that of the first.")


@dataclass(frozen=True)
class ClipLimits:
    """What is read, before anything of its size is allocated."""

    max_bytes: int = 100 * 2**20
    max_pixels: int = 9_000_000  # 4096 × 2160
    max_seconds: float = 600.0
    max_frames: int = 20_000  # decoded, also those that are left out


@dataclass(frozen=True)
class Shot:
    """One frame, (height, width, 3), and when it is shown, in seconds from the start."""

    rgb: Rgb
    at: float


@dataclass(frozen=True)
class Clip:
    """What is taken of a film: every frame can be read, for all were."""

    path: Path
    width: int  # pixels, upright
    height: int
    times: tuple[float, ...]  # seconds, when each frame begins; and, the last of them, when the film ends
    cuts: frozenset[int]  # numbers of the frames that begin a scene; not the first one's
    notes: tuple[Sentence, ...]
    film: VideoFilm
    limits: ClipLimits

    @property
    def frames(self) -> int:
        """How many frames are taken."""
        return len(self.times) - 1

    @property
    def seconds(self) -> float:
        """How long they are shown."""
        return self.times[-1]

    def shots(self, width: int, height: int) -> Iterator[Shot]:
        """Read the frames, one at a time, at a size."""
        with _opened(self.path, self.limits) as source:
            taken = _thinned(source.shots(width, height, "LANCZOS"), self.film)
            for _, shot in zip(range(self.frames), taken, strict=False):
                yield shot


def opened(path: Path, film: VideoFilm, limits: ClipLimits | None = None) -> Clip:
    """Read a film once through, as far as it is taken, and tell what there is. Raises PictureError in one sentence."""
    limits = limits or ClipLimits()
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise PictureError(TOO_HEAVY, size=round(size / 2**20), most=round(limits.max_bytes / 2**20))
    with _opened(path, limits) as source:
        if source.seconds > limits.max_seconds:
            most = f"{limits.max_seconds / 60:g}"
            raise PictureError(TOO_LONG, minutes=round(source.seconds / 60), most=most)
        return _surveyed(path, source, film, limits)


def _surveyed(path: Path, source: _Source, film: VideoFilm, limits: ClipLimits) -> Clip:
    times: list[float] = []
    fields: list[NDArray[np.float32]] = []
    cuts: set[int] = set()
    notes = list(source.notes)
    seen, end = 0, 0.0

    def counted() -> Iterator[Shot]:
        nonlocal seen, end
        for shot in source.shots(*dream_size(*source.size, 4 * FIELDS), "AREA"):
            seen, end = seen + 1, max(end, shot.at)
            yield shot
            if seen >= limits.max_frames:
                return

    try:
        for shot in _thinned(counted(), film):
            now = _fields(shot.rgb)
            if fields and float(np.abs(now - fields[-1]).mean()) > CUT:
                cuts.add(len(times))
            fields[:] = [now]
            times.append(shot.at)
    except PictureError:
        if not times:
            raise
        notes.append(Sentence(BROKEN_OFF, {"seconds": round(times[-1], 2)}))
    if not times:
        raise PictureError(containers.NO_FRAMES)
    if seen == 1 and source.still:
        raise PictureError(STILL)
    whole = end + source.last
    facts = (
        (Sentence(SHORTENED, {"seconds": film.seconds}), max(whole - 0.05, source.seconds - 0.5) > film.seconds),
        (Sentence(THINNED, {"fps": film.fps}), len(times) < seen - 1 and source.rate > film.fps + 0.5),
        (FITTED, source.changes_size),
    )
    said = [sentence for sentence, holds in facts if holds]
    until = max(min(whole, film.seconds), times[-1] + 0.01)
    return Clip(path, *source.size, (*times, until), frozenset(cuts), (*notes, *said), film, limits)


def _thinned(shots: Iterator[Shot], film: VideoFilm) -> Iterator[Shot]:
    """Leave out what is more than so many frames a second, or too late."""
    due, each = 0.0, 1 / film.fps
    for shot in shots:
        if shot.at >= film.seconds:
            return
        if shot.at >= due - each / 8:
            due = max(due, shot.at - each) + each
            yield shot


def _fields(rgb: Rgb) -> NDArray[np.float32]:
    small = Image.fromarray(rgb).resize((FIELDS, FIELDS), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)


class _Source:
    """A file that is open. ``last`` is how long its last frame is shown, known once it was read."""

    size: tuple[int, int]
    seconds = 0.0  # as the file says; 0 where it does not
    rate = 0.0  # frames a second
    last = UNSAID_S
    still = False  # one frame of it is a picture, not a film
    changes_size = False
    notes: tuple[Sentence, ...] = ()

    def shots(self, width: int, height: int, how: Shrinking) -> Iterator[Shot]:
        raise NotImplementedError


class _Animation(_Source):
    def __init__(self, image: Image.Image, limits: ClipLimits) -> None:
        _check_size(*image.size, limits)
        self._image = image
        self._limits = limits
        self.size = image.size
        self.still = True

    def shots(self, width: int, height: int, how: Shrinking) -> Iterator[Shot]:
        at = 0.0
        try:
            for frame in ImageSequence.Iterator(self._image):
                _check_size(*frame.size, self._limits)  # a GIF grows with its frames
                whole = frame.convert("RGBA")  # before it is asked for its time: of a WebP that is known then
                milliseconds = float(frame.info.get("duration") or 0)
                self.last = (milliseconds if milliseconds > SHORTEST_MS else UNSAID_MS) / 1000
                self.rate = max(self.rate, 1 / self.last)
                flat = Image.new("RGB", whole.size, BACKDROP)
                flat.paste(whole, mask=whole.getchannel("A"))
                yield Shot(np.array(flat.resize((width, height), RESAMPLING[how], reducing_gap=3.0)), at)
                at += self.last
        except Image.DecompressionBombError as error:
            raise _far_too_large(self._limits) from error
        except BROKEN as error:
            raise PictureError(DAMAGED) from error


class _Video(_Source):
    def __init__(self, container: InputContainer, limits: ClipLimits) -> None:
        self._container = container
        self._stream = stream = containers.video_of(container, limits.max_pixels)
        _check_size(stream.width, stream.height, limits)  # as the container has it; its frames may say otherwise
        self._reformatter = VideoReformatter()  # kept, since what it sets up takes as long as a frame
        self._turn: int | None = None
        self.notes = (SILENT,) if container.streams.audio else ()
        self.rate = float(stream.average_rate or 0)
        if self.rate:
            self.last = 1 / self.rate
        if container.duration:
            self.seconds = container.duration / av.time_base
        elif stream.duration and stream.time_base:
            self.seconds = float(stream.duration * stream.time_base)
        self._decoded = self._frames()
        first = next(self._decoded, None)
        if first is None:
            raise PictureError(containers.NO_FRAMES)
        self._turn = first.rotation // 90 % 4
        self._coded = first.width, first.height
        self.size = self._coded if self._turn % 2 == 0 else self._coded[::-1]
        self._decoded = chain([first], self._decoded)

    def _frames(self) -> Iterator[VideoFrame]:
        try:
            yield from self._container.decode(self._stream)
        except (av.error.FFmpegError, *BROKEN) as error:
            raise PictureError(DAMAGED) from error

    def shots(self, width: int, height: int, how: Shrinking) -> Iterator[Shot]:
        begun: float | None = None
        at = -UNSAID_S
        turn = self._turn or 0
        if turn % 2:
            width, height = height, width
        for frame in self._decoded:
            self.changes_size |= (frame.width, frame.height) != self._coded
            time = frame.time if frame.time is not None else at + (begun or 0.0) + self.last
            begun = time if begun is None else begun
            at = max(time - begun, at + 1e-3)  # times that go back are mended
            try:
                pixels = self._rgb(frame, width, height, how)
            except (av.error.FFmpegError, *BROKEN) as error:
                raise PictureError(DAMAGED) from error
            yield Shot(np.ascontiguousarray(np.rot90(pixels, turn)), at)

    def _rgb(self, frame: VideoFrame, width: int, height: int, how: Shrinking) -> Rgb:
        high = frame.color_trc in (hdr.PQ, hdr.HLG)
        whole = self._reformatter.reformat(
            frame, format="rgb48le" if high else "rgb24", width=width, height=height, interpolation=how
        )
        if high:
            return hdr.to_srgb(whole.to_ndarray().astype(np.uint16, copy=False), int(frame.color_trc))
        return whole.to_ndarray().astype(np.uint8, copy=False)


def _check_size(width: int, height: int, limits: ClipLimits) -> None:
    if width * height > limits.max_pixels:
        raise PictureError(TOO_LARGE, width=width, height=height, million=round(limits.max_pixels / 1e6))


def _far_too_large(limits: ClipLimits) -> PictureError:
    return PictureError(FAR_TOO_LARGE, million=round(limits.max_pixels / 1e6))


@contextmanager
def _opened(path: Path, limits: ClipLimits) -> Iterator[_Source]:
    """Open a file by what it begins with. Raises PictureError."""
    with ExitStack() as stack:
        try:
            source = _source(path, stack, limits)
        except UnidentifiedImageError as error:
            raise PictureError(UNKNOWN) from error
        except Image.DecompressionBombError as error:
            raise _far_too_large(limits) from error
        except (av.error.FFmpegError, *BROKEN) as error:
            raise PictureError(DAMAGED) from error
        yield source


def _source(path: Path, stack: ExitStack, limits: ClipLimits) -> _Source:
    file = stack.enter_context(path.open("rb"))
    head = file.read(containers.HEAD_BYTES)
    file.seek(0)
    kind = containers.demuxer(head)
    if kind is not None:
        return _Video(stack.enter_context(containers.opened(file, kind, limits.max_pixels)), limits)
    data = path.read_bytes()
    if parts.too_many(data):
        raise PictureError(TOO_MANY_PARTS)
    stack.enter_context(warnings.catch_warnings())
    warnings.simplefilter("ignore")
    image = Image.open(io.BytesIO(bounded(data).data), formats=ANIMATIONS)
    return _Animation(stack.enter_context(image), limits)
