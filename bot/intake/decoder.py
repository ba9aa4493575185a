"""The bot's side of the intake: hands untrusted bytes to a decoder process and takes clean pictures back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from bot.children.child import Child, ChildGoneError
from bot.children.environment import environment
from bot.children.frames import Frame, FrameError
from bot.children.shortage import ShortageError
from bot.errors import UserError
from bot.film import Clip
from bot.intake.imprint import BYTES
from bot.intake.sniff import may_be_picture, may_be_video
from engine.films.settings import VideoFilm
from engine.pictures import Encoded
from engine.sentences import Sentence, mark

T = TypeVar("T")

log = logging.getLogger(__name__)

PROGRAM = ("-m", "bot.intake.child")
CHILDREN = 2  # so that one person's slow picture does not hold up the next person's
CLIP_S = 150.0  # a film of ten seconds and 9 million pixels a frame takes half of it
REQUEST_S = 60.0  # a photo of 64 million pixels takes 10, on an idle machine
RECYCLE_AFTER = 200  # requests: what decoding libraries leak stays small
THUMBNAIL_SIDE = 480  # pixels, the longest; a likeness is made of a picture of that size too

MAX_SENTENCE = 500  # characters as text
PNG = b"\x89PNG\r\n\x1a\n"
MEDIA_TYPES = frozenset({"image/png", "image/webp", "image/jpeg"})

EMPTY = mark("This file is empty: send a picture (PNG, JPEG, WebP, GIF, …).")
NO_PICTURE = mark("This file is not a picture that I know: send a PNG, JPEG, WebP or GIF.")
UNSAFE = mark("This picture could not be read safely: save it anew as PNG or JPEG and send that.")
UNFIT = mark("This picture could not be encoded: please try again.")
NO_FILM = mark("This file is not a film that I know: send an MP4, MOV, WebM or MKV, or an animated GIF, WebP or PNG.")
UNSAFE_FILM = mark("This film could not be read safely: save it anew as MP4, shorter or smaller, and send that.")


@dataclass(frozen=True)
class Clean:
    """An upright 8-bit picture without metadata, as our own encoder wrote it."""

    png: bytes
    width: int
    height: int
    sha256: str  # of its pixels, as recipes name pictures (``engine.Picture.sha256``)
    notes: tuple[str, ...] = ()  # sentences for the person, each as ``Sentence.to_text``


@dataclass(frozen=True)
class CleanClip:
    """A moving picture without sound and metadata, upright, as our own encoder wrote it."""

    mp4: bytes
    width: int
    height: int
    clip: Clip
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thumbnail:
    """A picture made small, and by what the large one is known again."""

    webp: bytes
    width: int
    height: int
    likeness: int  # bot.intake.likeness: a signed number of 64 bits


@dataclass(frozen=True)
class Looks:
    """By what a picture is known again: its pixels, and ``bot.intake.imprint``s, ``imprint.BYTES`` bytes each."""

    sha256: str  # of its pixels
    imprints: bytes


@dataclass
class _Seat:
    child: Child
    served: int = 0


class Decoder:
    """A few decoder processes, started when needed and kept; each has one request at a time."""

    def __init__(
        self,
        *,
        program: Sequence[str] = PROGRAM,
        children: int = CHILDREN,
        request_s: float = REQUEST_S,
        recycle_after: int = RECYCLE_AFTER,
    ) -> None:
        self._program = program
        self._children = children
        self._request_s = request_s
        self._recycle_after = recycle_after
        self._free = asyncio.Semaphore(children)
        self._clips = asyncio.Semaphore(max(1, children - 1))
        self._idle: list[_Seat] = []
        self._busy: set[Child] = set()
        self._stopped = False

    async def start(self) -> None:
        """Start one process ahead of the first picture."""
        self._idle.append(await self._spawn())

    async def stop(self) -> None:
        """End every process. Whoever asks for pictures should have stopped before: a request under way just fails."""
        self._stopped = True
        for child in self._busy:
            child.kill()
        for _ in range(self._children):
            await self._free.acquire()
        while self._idle:
            await self._idle.pop().child.close()

    async def clean(self, data: bytes, max_side: int) -> Clean:
        """Decode untrusted bytes to a clean picture, its longest side at most ``max_side`` pixels. Raises UserError."""
        if not data:
            raise UserError(EMPTY)
        if may_be_video(data):  # of which a picture is dreamed: its first
            return await self._ask(Frame("still", {"max_side": max_side}, data), _as_clean, UNSAFE)
        if not may_be_picture(data):
            raise UserError(NO_PICTURE)
        return await self._ask(Frame("clean", {"max_side": max_side}, data), _as_clean, UNSAFE)

    async def clip(self, data: bytes, film: VideoFilm) -> CleanClip:
        """Decode untrusted bytes to a clean moving picture, as much of it as ``film`` takes. Raises UserError.

        One process is always left to pictures.
        """
        if not data:
            raise UserError(EMPTY)
        if not (may_be_video(data) or may_be_picture(data)):
            raise UserError(NO_FILM)
        async with self._clips:
            asked = Frame("clip", {"film": film.model_dump(mode="json")}, data)
            return await self._ask(asked, _as_clip, UNSAFE_FILM, CLIP_S)

    async def refit(self, mp4: bytes, max_bytes: int) -> bytes:
        """Make a film of ours smaller, to at most ``max_bytes``. Raises UserError."""
        async with self._clips:
            return await self._ask(Frame("refit", {"max_bytes": max_bytes}, mp4), _as_film, UNFIT, CLIP_S)

    async def fit(self, png: bytes, max_bytes: int) -> Encoded:
        """Encode a picture of ours to at most ``max_bytes``. Raises UserError."""
        return await self._ask(Frame("fit", {"max_bytes": max_bytes}, png), _as_encoded, UNFIT)

    async def thumbnail(self, picture: bytes, max_bytes: int) -> Thumbnail:
        """Make the thumbnail of a picture of ours, and its likeness. Raises UserError."""
        asked = {"max_side": THUMBNAIL_SIDE, "max_bytes": max_bytes}
        return await self._ask(Frame("thumbnail", asked, picture), _as_thumbnail, UNFIT)

    async def likeness(self, picture: bytes) -> int:
        """Return the likeness of a picture of ours: the same number as with its thumbnail. Raises UserError."""
        return await self._ask(Frame("likeness", {"max_side": THUMBNAIL_SIDE}, picture), _as_likeness, UNSAFE)

    async def imprint(self, picture: bytes, *, windows: bool = False) -> Looks:
        """Return by what a picture or film of ours is known again; ``windows``: also where it was cut or mirrored.

        Of a film it is its first frame. Raises UserError.
        """
        return await self._ask(Frame("imprint", {"windows": int(windows)}, picture), _as_looks, UNSAFE)

    async def film_imprint(self, film: bytes, *, ways: bool = False) -> bytes:
        """Return by what a film of ours is known again: ``bot.intake.imprint.film_imprints``, as bytes.

        Nothing where next to nothing is to be seen in it. Raises UserError.
        """
        async with self._clips:
            return await self._ask(Frame("film-imprint", {"ways": int(ways)}, film), _as_frames, UNSAFE_FILM, CLIP_S)

    async def _ask(self, request: Frame, read: Callable[[Frame], T], failed: str, within_s: float | None = None) -> T:
        """Have one process answer. One that dies, hangs or talks nonsense costs this request and itself, no more."""
        async with self._free:
            if self._stopped:
                raise RuntimeError("the decoder was stopped")
            seat = await self._take()
            sound = False
            try:
                async with asyncio.timeout(within_s or self._request_s):
                    seat.child.send(request)
                    answer = await seat.child.receive()
                if answer.kind == "short":
                    sound = True
                    raise ShortageError
                sentence = _refusal(answer)
                result = None if sentence is not None else read(answer)
                sound = True
            except (TimeoutError, ChildGoneError, FrameError) as error:
                what = "no answer in time" if isinstance(error, TimeoutError) else str(error)
                log.warning("a request of %s bytes failed in the decoder: %s", len(request.body), what)
                raise UserError(failed) from error
            finally:
                await self._give_back(seat, sound)
        if result is None:
            raise UserError(failed) if sentence is None else UserError(sentence.message, **sentence.values)
        return result

    async def _take(self) -> _Seat:
        while self._idle:
            seat = self._idle.pop()
            if seat.child.alive:
                break
            await seat.child.close()
        else:
            seat = await self._spawn()
        self._busy.add(seat.child)
        return seat

    async def _give_back(self, seat: _Seat, sound: bool) -> None:
        self._busy.discard(seat.child)
        seat.served += 1
        if sound and seat.served < self._recycle_after:
            self._idle.append(seat)
        else:
            await seat.child.close()

    async def _spawn(self) -> _Seat:
        try:
            return _Seat(await Child.start("decoder", self._program, environment(threads=1)))
        except OSError as error:  # no memory, no process or no handle left on this machine, for now
            log.warning("a decoder does not start: %s", error)
            raise ShortageError from error


def _refusal(answer: Frame) -> Sentence | None:
    if answer.kind != "refused":
        return None
    text = answer.text("sentence")
    if not 0 < len(text) <= MAX_SENTENCE:
        raise FrameError("a refusal without a fitting sentence")
    return Sentence.from_text(text)


def _as_clean(answer: Frame) -> Clean:
    if answer.kind != "clean" or not answer.body.startswith(PNG):
        raise FrameError("no clean picture")
    notes = answer.texts("notes")
    if sum(map(len, notes)) > MAX_SENTENCE:
        raise FrameError("notes that are too long")
    return Clean(answer.body, answer.integer("width"), answer.integer("height"), answer.text("sha256"), notes)


def _as_clip(answer: Frame) -> CleanClip:
    mp4 = _as_film(answer)
    notes = answer.texts("notes")
    if sum(map(len, notes)) > MAX_SENTENCE:
        raise FrameError("notes that are too long")
    try:
        clip = Clip(frames=answer.integer("frames"), scenes=answer.integer("scenes"), seconds=answer.number("seconds"))
    except ValidationError as error:
        raise FrameError("a film of nothing") from error
    return CleanClip(mp4, answer.integer("width"), answer.integer("height"), clip, notes)


def _as_film(answer: Frame) -> bytes:
    if answer.kind != "film" or answer.body[4:8] != b"ftyp":
        raise FrameError("no film")
    return answer.body


def _as_encoded(answer: Frame) -> Encoded:
    media_type = answer.text("media_type")
    if answer.kind != "encoded" or media_type not in MEDIA_TYPES:
        raise FrameError("no encoded picture")
    return Encoded(answer.body, media_type, answer.integer("width"), answer.integer("height"))


def _as_thumbnail(answer: Frame) -> Thumbnail:
    if answer.kind != "thumbnail" or not (answer.body.startswith(b"RIFF") and answer.body[8:12] == b"WEBP"):
        raise FrameError("no thumbnail")
    return Thumbnail(answer.body, answer.integer("width"), answer.integer("height"), _bits(answer))


def _as_likeness(answer: Frame) -> int:
    if answer.kind != "likeness":
        raise FrameError("no likeness")
    return _bits(answer)


def _as_looks(answer: Frame) -> Looks:
    if answer.kind != "imprint" or not answer.body or len(answer.body) % BYTES:
        raise FrameError("no imprint")
    return Looks(answer.text("sha256"), answer.body)


def _as_frames(answer: Frame) -> bytes:
    if answer.kind != "film-imprint" or len(answer.body) % BYTES:
        raise FrameError("no imprint")
    return answer.body


def _bits(answer: Frame) -> int:
    likeness = answer.integer("likeness")
    if not -(1 << 63) <= likeness < 1 << 63:
        raise FrameError("a likeness has 64 bits")
    return likeness
