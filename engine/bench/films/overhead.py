"""What a film costs beside the steps that it is made of, and whether memory grows with its length.

The film stands still after every few frames, while as many frames' steps are taken and timed alone: what else the
machine does falls on both.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch

from engine.bench.films.clips import FPS, moving
from engine.bench.memory import peak_resident
from engine.dreamer import Dreamer
from engine.films.filming import Filmed, FilmProgress, Wanted, video, zoom
from engine.films.making import octaves_of
from engine.films.reading import opened
from engine.films.settings import Film, VideoFilm, ZoomFilm
from engine.looks import begin
from engine.objectives import Objective
from engine.octaves import Octave, pixels_of, resized
from engine.pictures import Picture, scaled
from engine.quality.photos import photo
from engine.recipe import Recipe

MOST_OVER_STEPS = 1.15
AT_ONCE = 5  # frames, before the film stands still
SMALL = VideoFilm(size=64, seconds=60.0, fps=50, frame_octaves=1)
MEGA = 1e6
MOST_GROWTH_MB = 8.0
OWN = """
import json, sys
from engine.bench.films.overhead import peak
print(json.dumps(peak(*json.loads(sys.argv[1]))))
"""


@dataclass(frozen=True)
class Spent:
    """Seconds: on the wall, and of all processors together, which others' work does not lengthen."""

    wall_s: float
    cpu_s: float

    @classmethod
    def now(cls) -> Spent:
        """Look at both clocks."""
        return cls(time.perf_counter(), time.process_time())

    def until_now(self) -> Spent:
        """Return what was spent since."""
        return Spent(time.perf_counter() - self.wall_s, time.process_time() - self.cpu_s)


@dataclass
class _Pairs:
    """Seconds of a film's frames and of as many frames' steps, by turns."""

    octaves: list[Octave]
    steps: int
    objectives: list[Objective]
    recipe: Recipe
    device: torch.device
    film: list[Spent] = field(default_factory=list)
    alone: list[Spent] = field(default_factory=list)
    last_s: float = 0.0  # when the last frame was done
    _seen: Picture | None = None
    _frames: int = 0
    _since: Spent = Spent(0, 0)

    def look(self, at: FilmProgress) -> None:
        """Be told where the film stands."""
        if at.still is None or at.still is self._seen:
            return
        if self._seen is None:  # the first frame is dreamed whole, and not counted
            self._since = Spent.now()
        else:
            self._frames += 1
        self._seen = at.still
        if self._frames == AT_ONCE:
            self.film.append(self._since.until_now())
            spent = [self.take_steps(at.still) for _ in range(AT_ONCE)]
            self.alone.append(Spent(sum(one.wall_s for one in spent), sum(one.cpu_s for one in spent)))
            self._frames, self._since = 0, Spent.now()
        self.last_s = time.perf_counter()

    def take_steps(self, still: Picture) -> Spent:
        """Take the steps of a frame, and return what they alone took."""
        picture, wall, cpu = pixels_of(still, self.device), 0.0, 0.0
        look = begin(self.recipe, torch.Generator().manual_seed(0), self.device)
        for octave, objective in zip(self.octaves, self.objectives, strict=True):
            look.start(resized(picture, octave.width, octave.height).clamp(0, 1), None, 1.0, (1.0,))
            began = Spent.now()
            for _ in range(self.steps):
                look.step(objective.gradient)
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
            spent = began.until_now()
            wall, cpu = wall + spent.wall_s, cpu + spent.cpu_s
        return Spent(wall, cpu)


@dataclass(frozen=True)
class Cost:
    """What a film took, in seconds a frame, and beside its steps."""

    frames: int
    frame_s: float
    steps_s: float
    around_s: float  # a frame's part of what comes before the first frame and after the last: reading, writing
    over_steps: float  # the median of the pairs, and what comes around them
    over_steps_least: float  # of the pairs
    cpu_over_steps: float  # the same of processors' time, without what comes around: encoding and flow ahead cost it


def video_cost(dreamer: Dreamer, recipe: Recipe, side: int, frames: int) -> Cost:
    """Film a clip of a moving window, read from an MP4."""
    film = VideoFilm(size=side, seconds=frames / FPS)
    with tempfile.TemporaryDirectory() as folder:
        path = moving("astronaut", "coffee", side, side, frames).as_mp4(Path(folder) / "clip.mp4")
        pairs = _pairs(dreamer, recipe, film, side)
        began = time.perf_counter()
        clip = opened(path, film)
        surveyed = time.perf_counter() - began
        to = Path(folder) / "film.mp4"
        filmed = video(dreamer, clip, recipe, film, Wanted(to, on_step=pairs.look))
    return _cost(pairs, filmed, surveyed)


def zoom_cost(dreamer: Dreamer, recipe: Recipe, side: int, frames: int) -> Cost:
    """Film a zoom into a photo."""
    film = ZoomFilm(size=side, seconds=frames / FPS, fps=FPS)
    pairs = _pairs(dreamer, recipe, film, side)
    with tempfile.TemporaryDirectory() as folder:
        picture = scaled(photo("astronaut"), side, side)
        filmed = zoom(dreamer, picture, recipe, film, Wanted(Path(folder) / "film.mp4", on_step=pairs.look))
    return _cost(pairs, filmed, 0.0)


def _pairs(dreamer: Dreamer, recipe: Recipe, film: Film, side: int) -> _Pairs:
    octaves = octaves_of(recipe, side, side)[-film.frame_octaves :]
    trunks = {name: dreamer.networks[name].trunk(layers) for name, layers in recipe.layers().items()}
    objectives = [Objective(recipe.terms(), trunks) for _ in octaves]
    for octave, objective in zip(octaves, objectives, strict=True):
        objective.start(torch.rand(1, 3, octave.height, octave.width).to(dreamer.device))
    pairs = _Pairs(octaves, film.frame_steps, objectives, recipe, dreamer.device)
    pairs.take_steps(Picture(moving("astronaut", "coffee", side, side, 2).frames[0]))  # whatever is done only once
    return pairs


def _cost(pairs: _Pairs, filmed: Filmed, surveyed: float) -> Cost:
    ended = time.perf_counter()
    steps = statistics.median(one.wall_s for one in pairs.alone) / AT_ONCE
    around = (surveyed + ended - pairs.last_s) / filmed.frames
    taken = list(zip(pairs.film, pairs.alone, strict=True))
    ratios = [one.wall_s / other.wall_s for one, other in taken]
    return Cost(
        filmed.frames,
        round(statistics.median(one.wall_s for one in pairs.film) / AT_ONCE, 4),
        round(steps, 4),
        round(around, 4),
        round(statistics.median(ratios) + around / steps, 3),
        round(min(ratios), 3),
        round(statistics.median(one.cpu_s / other.cpu_s for one, other in taken), 3),
    )


def peak(network: str, clip: str) -> float:
    """Return the most bytes that this process had resident, in MB, once it has filmed a clip of small frames."""
    taken = opened(Path(clip), SMALL)
    recipe = Recipe(network=network, size=SMALL.size, octaves=1, steps=1)
    video(Dreamer(network, "cpu"), taken, recipe, SMALL, Wanted(Path(clip).with_suffix(".film.mp4")))
    return peak_resident() / MEGA


def peak_of_own(network: str, frames: int) -> float:
    """Return ``peak`` of a fresh process, for a clip of so many frames."""
    with tempfile.TemporaryDirectory() as folder:
        clip = moving("astronaut", "coffee", SMALL.size, SMALL.size, frames).as_mp4(Path(folder) / "clip.mp4")
        command = [sys.executable, "-c", OWN, json.dumps([network, str(clip)])]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
