"""Do films flicker: each frame beside the one before, moved as the clip is known to have moved.

Beside frames that are dreamed alone, each as a picture is, of the same recipe and seed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from engine.bench.films.clips import Known
from engine.dreamer import Dreamer
from engine.films.filming import FilmProgress, Wanted, video
from engine.films.moving import flowed
from engine.films.reading import Rgb, opened
from engine.films.settings import VideoFilm
from engine.objectives import Objective
from engine.octaves import pixels_of
from engine.pictures import Picture
from engine.recipe import Recipe

MOST_FLICKER = 0.5  # of that of frames dreamed alone
LEAST_DREAMED = 0.9  # of their objective, and of their detail's energy


@dataclass(frozen=True)
class Measured:
    """Of the frames of a film but the first, in the mean."""

    flicker: float  # mean difference to the frame before, moved as the clip moved; in levels of 255
    objective: float  # what is maximised
    energy: float  # mean square of the detail, in levels of 255


def filmed(dreamer: Dreamer, clip: Known, recipe: Recipe, film: VideoFilm) -> list[Rgb]:
    """Return the frames of a clip's film, before they are encoded."""
    stills: list[Picture] = []

    def take(at: FilmProgress) -> None:
        if at.still is not None and (not stills or at.still is not stills[-1]):
            stills.append(at.still)

    with tempfile.TemporaryDirectory() as folder:
        path = clip.lossless(Path(folder) / "clip.mkv")
        video(dreamer, opened(path, film), recipe, film, Wanted(Path(folder) / "film.mp4", on_step=take))
    return [still.rgb for still in stills]


def alone(dreamer: Dreamer, clip: Known, recipe: Recipe, tell: Callable[[str], None]) -> list[Rgb]:
    """Return the frames of a clip, each dreamed as a picture."""
    found = []
    for rgb in clip.frames:
        found.append(dreamer.dream(Picture(rgb), recipe).picture.rgb)
        tell("")
    return found


def measured(dreamer: Dreamer, clip: Known, recipe: Recipe, frames: Sequence[Rgb]) -> Measured:
    """Measure a film's ``frames`` of a clip."""
    trunks = {name: dreamer.networks[name].trunk(layers) for name, layers in recipe.layers().items()}
    objective = Objective(recipe.terms(), trunks)
    objective.start(pixels_of(Picture(clip.frames[0])))
    pictures = [pixels_of(Picture(rgb)) for rgb in frames]
    sources = [pixels_of(Picture(rgb)) for rgb in clip.frames]
    differences = []
    for before, now, back, seen in zip(pictures, pictures[1:], clip.back, clip.seen, strict=False):
        difference = (now - flowed(before, back)).abs().mean(1, keepdim=True)
        differences.append(255 * float(difference[seen].mean()))
    details = [now - source for now, source in zip(pictures, sources, strict=True)]
    return Measured(
        fmean(differences),
        fmean(objective.value(one) for one in pictures[1:]),
        fmean(float((255 * one).square().mean()) for one in details[1:]),
    )
