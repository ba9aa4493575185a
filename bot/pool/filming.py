"""Films in a worker: the trailer first, then the film itself, told frame by frame."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.children.scratch import scratch
from bot.film import TRAILER_BYTES, FilmAsk
from bot.pool.interface import Dreamed, FilmWork, Progress
from engine.films.settings import Kind, VideoFilm, ZoomFilm
from engine.recipe import Recipe
from engine.sentences import Sentence, mark

if TYPE_CHECKING:
    from engine import Dreamer, Picture
    from engine.films.filming import Filmed, FilmProgress

STILL_SIDE = 512  # pixels
STILL_INTERVAL_S = 2.0
STEP_INTERVAL_S = 0.25
DONE = 0.999  # of the whole, but for rounding
ALIVE_S, MOST_ALIVE_S = 10.0, 900.0  # while the file is made to fit, which tells nothing of itself
PREFIX = "oneiros-film."
MEDIA_TYPES = {"mp4": "video/mp4", "gif": "image/gif", "webp": "image/webp"}

FITTED = mark("The film was made smaller, {width} × {height} pixels, to fit into what may be uploaded here.")


@dataclass(frozen=True)
class Asked:
    """What a film is made of. ``picture`` is a clean PNG; of a moving picture a clean MP4."""

    recipe: Recipe
    film: FilmWork
    picture: bytes
    guide: bytes | None


@dataclass(frozen=True)
class Way:
    """The worker's way to the bot, and back."""

    tell: Callable[[Progress], None]  # from any thread
    should_stop: Callable[[], bool]


def filmed(dreamer: Dreamer, asked: Asked, way: Way) -> Dreamed:
    """Dream a film and its trailer. Raises DreamStopped and EngineError."""
    ask = FilmAsk.from_json(asked.film.ask)
    reporter = _Reporter(way.tell, ask.frames, trailer=ask.trailer is not None)
    with scratch(PREFIX) as folder, reporter:
        filming = _Filming(dreamer, ask, asked, way, reporter, folder)
        begun = time.perf_counter()
        if ask.trailer is not None:
            trailer = filming.made(ask.trailer, "mp4", TRAILER_BYTES)
            reporter.trailer(trailer.written.path.read_bytes(), filming.trailer_share())
        film = filming.made(ask.film, ask.kind, asked.film.max_bytes)
        written = film.written
        return Dreamed(
            written.path.read_bytes(),
            written.width,
            written.height,
            film.fingerprint,
            time.perf_counter() - begun,
            tuple(note.to_text() for note in (*film.notes, *filming.fitted(film))),
            MEDIA_TYPES[written.kind],
        )


class _Filming:
    """What both the trailer and the film are made of."""

    def __init__(
        self, dreamer: Dreamer, ask: FilmAsk, asked: Asked, way: Way, reporter: _Reporter, folder: Path
    ) -> None:
        from engine import pictures

        self._ask = ask
        self._dreamer, self._recipe, self._cost = dreamer, asked.recipe, asked.film.cost
        self._way, self._reporter, self._folder = way, reporter, folder
        self._guide = None if asked.guide is None else pictures.decode(asked.guide, pictures.OURS)
        self._clip = folder / "clip.mp4"
        if ask.zoom is None:
            self._clip.write_bytes(asked.picture)
            self._picture: Picture | None = None
        else:
            self._picture = pictures.decode(asked.picture, pictures.OURS)
        self._size = (0, 0) if self._picture is None else (self._picture.width, self._picture.height)

    def made(self, film: ZoomFilm | VideoFilm, kind: Kind, max_bytes: int) -> Filmed:
        from engine.films import filming, reading

        to = self._folder / f"{film.size}-{film.seconds:g}.{kind}"
        wanted = filming.Wanted(to, kind, max_bytes, on_step=self._reporter.step, should_stop=self._way.should_stop)
        if self._picture is not None and isinstance(film, ZoomFilm):
            return filming.zoom(self._dreamer, self._picture, self._recipe, film, wanted, self._guide)
        if not isinstance(film, VideoFilm):
            raise TypeError("a moving picture cannot be zoomed into")
        clip = replace(reading.opened(self._clip, film), notes=())  # the intake has told them
        self._size = clip.width, clip.height
        return filming.video(self._dreamer, clip, self._recipe, film, wanted, self._guide)

    def trailer_share(self) -> float:
        """Return which part of the whole price the trailer had."""
        return min(0.5, self._ask.trailer_price(self._recipe, *self._size) / self._cost) if self._cost else 0.0

    def fitted(self, film: Filmed) -> tuple[Sentence, ...]:
        """Return what is to be said where the file had to be made smaller."""
        written = film.written
        if (written.width, written.height) >= self._ask.film.frame_size(film.recipe, *self._size):
            return ()
        return (Sentence(FITTED, {"width": written.width, "height": written.height}),)


class _Reporter:
    """Tells how a film goes on: words at most four times a second, the newest frame every two seconds."""

    def __init__(self, tell: Callable[[Progress], None], frames: int, *, trailer: bool) -> None:
        self._tell = tell
        self._is_trailer = trailer  # that is made now
        self._frames = frames
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="still")
        self._encoding: Future[None] | None = None
        self._before = 0.0  # the part of the whole that the trailer was
        self._now = Progress(1, 1, 0.0, frame=0, frames=frames)
        self._told_at = self._shown_at = float("-inf")
        self._over = threading.Event()

    def __enter__(self) -> _Reporter:
        threading.Thread(target=self._stay_alive, name="alive", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._encoder.shutdown()  # events come in the order of the film: what is being encoded before the outcome

    def trailer(self, mp4: bytes, share: float) -> None:
        """Tell of the trailer, which was ``share`` of the whole."""
        self._is_trailer, self._before = False, share
        self._tell(Progress(1, 1, share, frame=0, frames=self._frames, trailer=mp4))

    def step(self, at: FilmProgress) -> None:
        """Tell of a step, if it is time."""
        if self._is_trailer:
            self._now = Progress(1, 1, 0.0, frame=0, frames=self._frames)
        else:
            fraction = self._before + (1 - self._before) * at.fraction
            self._now = Progress(1, 1, fraction, frame=at.frame, frames=at.frames)
        now = time.monotonic()
        if (
            not self._is_trailer
            and at.still is not None
            and now - self._shown_at >= STILL_INTERVAL_S
            and self._is_free()
        ):
            self._shown_at = self._told_at = now
            self._encoding = self._encoder.submit(self._tell_with_still, self._now, at.still)
        elif now - self._told_at >= STEP_INTERVAL_S and self._is_free():
            self._told_at = now
            self._tell(self._now)

    def _is_free(self) -> bool:
        return self._encoding is None or self._encoding.done()

    def _tell_with_still(self, progress: Progress, still: Picture) -> None:
        from engine.pictures import encode_jpeg

        self._tell(replace(progress, preview=encode_jpeg(still, max_side=STILL_SIDE)))

    def _stay_alive(self) -> None:
        """Tell the end once more, again and again, while the file is made to fit: for a while, as that may hang too."""
        until: float | None = None
        while not self._over.wait(ALIVE_S):
            if self._now.fraction < DONE:
                continue
            until = until or time.monotonic() + MOST_ALIVE_S
            if time.monotonic() < until:
                self._tell(self._now)
