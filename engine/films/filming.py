"""Films from the first frame to the file: dreamed one by one, streamed to the encoder, kept, stopped, gone on with."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
from torch import Tensor

from engine import where
from engine.dreamer import Dreamer
from engine.errors import DreamStopped
from engine.films.ahead import Behind, Things, ahead
from engine.films.flow import Flow, Way
from engine.films.keeping import Kept
from engine.films.making import Frames
from engine.films.reading import Clip, Rgb, Shot
from engine.films.settings import PLACED_EVERY, Film, Kind, VideoFilm, ZoomFilm
from engine.films.video import Video
from engine.films.writing import Master, Written, fit
from engine.films.zoom import Zoom
from engine.large.strips import pixels_of_floats
from engine.likeness import weakened
from engine.octaves import Octave, pixels_of
from engine.pictures import Picture, scaled
from engine.recipe import Recipe
from engine.sentences import Sentence, mark

STEP_PIXELS = 16_000  # what a step takes however small its octave, in pixels (lite2 on a processor: 25 ms, 1.6 µs each)

_SMALLER = mark("The frames are {size} pixels wide at most, where memory is short.")


@dataclass(frozen=True)
class FilmProgress:
    """Where a film stands, after a step. Frames count from 1."""

    frame: int
    frames: int
    fraction: float  # of the whole cost, 0–1
    seconds_left: float | None  # None: too little is done to say
    still: Picture | None  # the newest frame that is done


@dataclass(frozen=True)
class Filmed:
    """A dreamed film, and all that is needed to have it again."""

    written: Written
    frames: int
    length_s: float  # of the film
    seconds: float  # that it took
    recipe: Recipe
    film: Film
    fingerprint: str
    notes: tuple[Sentence, ...]


@dataclass(frozen=True)
class Wanted:
    """Where a film goes, and who hears of it."""

    to: Path
    kind: Kind = "mp4"
    max_bytes: int | None = None
    keep: Path | None = None  # the folder where it is kept until it is done; None: nowhere
    resume: bool = False
    on_step: Callable[[FilmProgress], object] | None = None
    should_stop: Callable[[], bool] | None = None


# A frame's number and the state of the one before (None: there is none) → its picture (1, 3, height, width) and state
MakeFrame = Callable[[int, Tensor | None], tuple[Tensor, Tensor]]


def zoom(
    dreamer: Dreamer, picture: Picture, recipe: Recipe, film: ZoomFilm, wanted: Wanted, guide: Picture | None = None
) -> Filmed:
    """Dream a film that goes ever deeper into ``picture``.

    Where to dream, and how much of the photo stays (``likeness``), hold for the opening dream alone. Raises as
    ``Dreamer.dream`` does, and DreamStopped within a step once ``should_stop`` says so; what was kept stays.
    """
    run, frames, first, notes = _begun(dreamer, picture, recipe, film, wanted, film.frames, frozenset(), guide)
    zooming: Zoom | None = None

    def opening() -> Tensor:
        if film.opening == "photo":
            return first
        place = where.place(run.recipe, first, next(iter(dreamer.networks.values())), None)
        return alike(run.recipe, first, frames.opened(first, place, 0, run.between).picture)

    def make(number: int, state: Tensor | None) -> tuple[Tensor, Tensor]:
        nonlocal zooming
        if number == 0 or zooming is None:
            # The same bits again where a film goes on: the first frame is not kept in full.
            begin = opening()
            zooming = Zoom(film, frames, begin)
            if number == 0:
                return begin, begin
        assert state is not None  # noqa: S101 - only the first frame has none
        made = zooming.frame(number, state, run.between)
        return made, made

    times = [number / film.fps for number in range(film.frames + 1)]
    return run.made(make, times, (*picture.notes, *notes), picture.sha256)


def video(
    dreamer: Dreamer, clip: Clip, recipe: Recipe, film: VideoFilm, wanted: Wanted, guide: Picture | None = None
) -> Filmed:
    """Dream a moving picture frame by frame. Raises as ``zoom`` does."""
    width, height = film.frame_size(recipe, clip.width, clip.height)
    first = Picture(next(clip.shots(width, height)).rgb)
    run, frames, _, notes = _begun(dreamer, first, recipe, film, wanted, clip.frames, clip.cuts, guide)
    making = Video(film, frames, dreamer.device)
    looker = next(iter(dreamer.networks.values()))
    coming: Things[tuple[Rgb, Way | None]] | None = None

    def make(number: int, state: Tensor | None) -> tuple[Tensor, Tensor]:
        nonlocal coming
        if coming is None:
            coming = stack.enter_context(
                closing(ahead(partial(_ways, clip, run.size, number), beside=dreamer.device.type != "cpu"))
            )
        now, way = next(coming)
        photo = pixels_of(Picture(now), dreamer.device)
        opens = state is None or way is None
        place = where.place(run.recipe, photo, looker, None) if opens or number % PLACED_EVERY == 0 else None
        if state is None or way is None:
            picture, state = making.opened(photo, place, number, run.between)
        else:
            picture, state = making.gone_on(photo, way, state.to(dreamer.device), place, number, run.between)
        return alike(run.recipe, photo, picture), state

    with ExitStack() as stack:
        return run.made(make, list(clip.times), (*clip.notes, *notes), first.sha256)


def _ways(clip: Clip, size: tuple[int, int], begin: int) -> Things[tuple[Rgb, Way | None]]:
    """Yield a clip's frames from one on, each with the way back to the one before it in the same scene."""
    flow, before = Flow(), None
    for number, shot in enumerate(clip.shots(*size)):
        if number >= begin:  # where a film goes on, what is dreamed already is passed over
            follows = before is not None and number not in clip.cuts
            yield shot.rgb, flow.back(shot.rgb, before) if follows and before is not None else None
        before = shot.rgb


def alike(recipe: Recipe, photo: Tensor, picture: Tensor) -> Tensor:
    """Return a dream weakened until as much of its photo stays as the recipe has it."""
    return weakened(photo, picture, recipe.likeness)[0] if recipe.likeness else picture


class _Run:
    """One film under way: what it has cost so far, and where it goes."""

    def __init__(
        self, dreamer: Dreamer, recipe: Recipe, film: Film, wanted: Wanted, size: tuple[int, int], works: list[int]
    ) -> None:
        self.recipe, self.size = recipe, size
        self._dreamer, self._film, self._wanted = dreamer, film, wanted
        self._works = works  # of each frame: network-pixels, and those that its steps take however small they are
        self._done = self._skipped = 0
        self._number = 0
        self._still: Picture | None = None
        self._began = time.perf_counter()

    def between(self, octave: Octave) -> None:
        """Be told of a step that begins. Raises DreamStopped."""
        if self._wanted.should_stop is not None and self._wanted.should_stop():
            raise DreamStopped
        self._tell()
        self._done += octave.pixels + STEP_PIXELS

    def made(self, make: MakeFrame, times: list[float], notes: tuple[Sentence, ...], source: str) -> Filmed:
        """Dream all frames and write the film."""
        fingerprint = self._dreamer.fingerprint
        kept = self._kept(source, fingerprint)
        with tempfile.TemporaryDirectory(prefix=".oneiros.", dir=self._wanted.to.parent) as folder:
            master, part = Path(folder) / "master.mp4", Path(folder) / f"film.{self._wanted.kind}"
            writing = Master(master, *self.size)
            behind = Behind(writing.add)
            try:
                for number, rgb in enumerate(self._frames(make, len(times) - 1, kept)):
                    behind.take(Shot(rgb, times[number]))
                behind.wait()
                writing.finish(times[-1])
            except BaseException:
                behind.close()
                writing.abandon()
                raise
            behind.close()
            written = fit(master, times[-1], part, self._wanted.kind, self._wanted.max_bytes)
            part.replace(self._wanted.to)
        if kept is not None:
            kept.remove()
        seconds = time.perf_counter() - self._began
        return Filmed(
            replace(written, path=self._wanted.to),
            len(times) - 1,
            times[-1],
            seconds,
            self.recipe,
            self._film,
            fingerprint,
            notes,
        )

    def _kept(self, source: str, fingerprint: str) -> Kept | None:
        if self._wanted.keep is None:
            return None
        about = {
            "recipe": json.loads(self.recipe.to_json()),
            "film": self._film.model_dump(mode="json"),
            "kind": type(self._film).__name__,
            "fingerprint": json.loads(fingerprint),
            "source": source,
            "size": list(self.size),
        }
        return Kept(self._wanted.keep, about, resume=self._wanted.resume)

    def _frames(self, make: MakeFrame, frames: int, kept: Kept | None) -> Iterator[Rgb]:
        begun = 0 if kept is None else min(kept.begun, frames)
        state: Tensor | None = None
        if kept is not None and begun:
            state = kept.state().to(self._dreamer.device)
            for number in range(begun):
                yield kept.frame(number)
            self._done = self._skipped = sum(self._works[:begun])
        for number in range(begun, frames):
            self._number = number
            picture, state = make(number, state)
            self._done = sum(self._works[: number + 1])
            rgb = pixels_of_floats(picture)
            if kept is not None:
                kept.add(number, rgb, state)
            self._still = Picture(rgb)
            self._tell()
            yield rgb

    def _tell(self) -> None:
        if self._wanted.on_step is None:
            return
        whole = sum(self._works)
        fresh, left = self._done - self._skipped, max(0, whole - self._done)
        taken = time.perf_counter() - self._began
        seconds = taken * left / fresh if fresh > 0 else None
        self._wanted.on_step(
            FilmProgress(self._number + 1, len(self._works), min(1.0, self._done / whole), seconds, self._still)
        )


def _begun(
    dreamer: Dreamer,
    picture: Picture,
    recipe: Recipe,
    film: Film,
    wanted: Wanted,
    count: int,
    cuts: frozenset[int],
    guide: Picture | None,
) -> tuple[_Run, Frames, Tensor, tuple[Sentence, ...]]:
    """Return the film under way, who dreams its frames, the first of them undreamed, and notes."""
    film.check(recipe)
    if dreamer.device.type == "cpu":
        # The encoder has the other core meanwhile: a second thread of OpenCV's only waits for it.
        cv2.setNumThreads(1)
    size = film.frame_size(recipe, picture.width, picture.height)
    source = scaled(picture, *size)
    recipe, plan, notes = dreamer.ready(source, recipe.model_copy(update={"size": max(size)}), guide, None)
    if plan.size < max(size):
        size = film.model_copy(update={"size": max(64, plan.size)}).frame_size(recipe, *size)
        source = scaled(source, *size)
        notes = (Sentence(_SMALLER, {"size": max(size)}),)
    # What is kept and told names the size that it is, as a recipe's does.
    recipe = recipe.model_copy(update={"size": max(size)})
    film = film.model_copy(update={"size": max(64, *size)})
    frames = Frames(recipe, *size, dreamer.networks, dreamer.device, guide)
    first = pixels_of(source, dreamer.device)
    frames.start(first)
    opening = sum((octave.pixels + STEP_PIXELS) * octave.steps for octave in frames.octaves)
    dreamed = min(film.frame_octaves, len(frames.octaves))
    works = [film.frame_work(frames.octaves) + STEP_PIXELS * film.frame_steps * dreamed] * count
    for number in (0, *cuts):
        works[number] = opening
    if isinstance(film, ZoomFilm) and film.opening == "photo":
        works[0] = 1
    return _Run(dreamer, recipe, film, wanted, size, works), frames, first, notes
