"""What a film is asked to be, beside the recipe that says how its frames are dreamed. Loads no torch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine import invalid, octaves
from engine.errors import RecipeError
from engine.octaves import Octave
from engine.recipe import Recipe
from engine.sentences import mark

Kind = Literal["mp4", "gif", "webp"]  # of file

PREVIEW_S = 2.0
PREVIEW_SIDE = 256  # pixels
MOST_SECONDS = 60.0
LARGEST_FILM = 1280  # pixels
# Frames: how often a video's subject is looked for; in between it moves as the picture does. Looked for in each frame,
# it took three times as long as the dream, and flickered.
PLACED_EVERY = 10
PLACING_PIXELS = 1_100_000  # of a step, at most, that take as long as looking for it (measured with lite2)
NO_MASK = mark("A film is dreamed everywhere, on its subject or on its background: a mask is for pictures.")


class Film(BaseModel):
    """What every film is asked. Frozen and flat, as recipes are; a frame's octaves and steps replace the recipe's."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    _follows: ClassVar[bool] = False  # whether the place where to dream holds, and is looked for, all the way

    version: Literal[1] = 1
    size: Annotated[
        int, Field(ge=64, le=LARGEST_FILM, description="longest side of the film, in pixels; never enlarged")
    ] = 512
    frame_octaves: Annotated[int, Field(ge=1, le=12, description="how many octaves of each frame are dreamed")] = 3
    frame_steps: Annotated[int, Field(ge=1, le=50, description="steps in each octave of each frame")] = 1
    # Between what was measured on one clip: 1.0 left 0.81 of the detail of frames dreamed alone, 1.5 made 1.22 of it.
    strength: Annotated[float, Field(gt=0.0, le=4.0, description="step size of those steps, in the recipe's own")] = 1.0

    @classmethod
    def checked(cls, **fields: object) -> Self:
        """Make settings of what somebody typed. Raises RecipeError with a sentence for a person."""
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise invalid.sentence(error) from error

    @staticmethod
    def check(recipe: Recipe) -> None:
        """Raise RecipeError where films cannot be dreamed as the recipe has it."""
        if recipe.where == "mask":
            raise RecipeError(NO_MASK)

    def frame_size(self, recipe: Recipe, width: int, height: int) -> tuple[int, int]:
        """Return the (width, height) of the film's frames: even, as video has them."""
        wide, high = octaves.dream_size(width, height, min(self.size, recipe.size))
        return max(2, wide // 2 * 2), max(2, high // 2 * 2)

    def cost(self, recipe: Recipe, width: int, height: int, frames: int, openings: int = 1) -> float:
        """Price ``frames`` frames made of pictures of ``width`` × ``height`` pixels, in GFLOP, as recipes are priced.

        ``openings`` of them are dreamed whole, as the recipe has it: the first one, and in a video the first of every
        scene.
        """
        wide, high = self.frame_size(recipe, width, height)
        whole = recipe.model_copy(update={"size": max(wide, high)})
        schedule = whole.schedule(wide, high)
        steps = sum(octave.pixels * octave.steps for octave in schedule)
        share = self.frame_work(schedule) / steps
        # How often the subject is looked for: where it is, a picture's price leaves out, and a frame's cannot.
        looks = 0 if recipe.where == "everywhere" else openings + frames * self._follows // PLACED_EVERY
        return whole.cost(wide, high) * (openings + (frames - openings) * share + looks * PLACING_PIXELS / steps)

    def frame_work(self, schedule: list[Octave]) -> int:
        """Return the network-pixels of a frame that goes on: pixels × steps, summed over its octaves."""
        return self.frame_steps * sum(octave.pixels for octave in schedule[-self.frame_octaves :])


class ZoomFilm(Film):
    """A film that goes ever deeper into a picture, by frames that are each the one before, moved and dreamed on.

    Source of the idea: Mordvintsev, Olah, Tyka, "Inceptionism", 2015, its last section.
    """

    seconds: Annotated[float, Field(ge=0.5, le=MOST_SECONDS, description="how long the film is")] = 6.0
    fps: Annotated[int, Field(ge=4, le=50, description="frames a second")] = 24
    speed: Annotated[float, Field(ge=1.0, le=4.0, description="how many times larger things grow in a second")] = 1.5
    turn: Annotated[float, Field(ge=-180.0, le=180.0, description="degrees turned in a second, to the right")] = 6.0
    pan_right: Annotated[float, Field(ge=-1.0, le=1.0, description="pan in a second, as a part of half the width")] = (
        0.0
    )
    pan_down: Annotated[float, Field(ge=-1.0, le=1.0, description="pan in a second, as a part of half the height")] = (
        0.0
    )
    easing: Annotated[
        float, Field(ge=0.0, le=1.0, description="how much slower the film is at its ends: at 1 it stands still there")
    ] = 0.5
    loop: bool = Field(True, description="the first frame grows out of the last ones: the film goes on without an end")
    opening: Literal["dream", "photo"] = Field(
        "dream", description="what the film begins with: the photo dreamed as the recipe has it, or as it is"
    )

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return max(2, round(self.seconds * self.fps))

    def price(self, recipe: Recipe, width: int, height: int) -> float:
        """Price the film of a picture of ``width`` × ``height`` pixels, in GFLOP."""
        return self.cost(recipe, width, height, self.frames)

    def preview(self) -> Self:
        """Return the first two seconds of the film, small and without a loop."""
        seconds = min(self.seconds, PREVIEW_S)
        # As far as the whole film goes in its first seconds: only a film of two seconds slows down at its end.
        easing = self.easing if seconds == self.seconds else 0.0
        return self.model_copy(
            update={"size": min(self.size, PREVIEW_SIDE), "seconds": seconds, "loop": False, "easing": easing}
        )

    def paces(self) -> Iterator[float]:
        """Yield how long each move is, from every frame to the next and from the last to the first; 1 in the mean."""
        for frame in range(self.frames):
            yield 1 - self.easing * math.cos(2 * math.pi * (frame + 0.5) / self.frames)


class VideoFilm(Film):
    """A moving picture dreamed frame by frame, each with the detail of the one before, moved as the picture moved."""

    _follows: ClassVar[bool] = True

    seconds: Annotated[float, Field(ge=0.1, le=MOST_SECONDS, description="how much is taken, from the start")] = 10.0
    fps: Annotated[int, Field(ge=4, le=50, description="frames a second at most; what is between is left out")] = 30
    keep: Annotated[
        float, Field(ge=0.0, le=1.0, description="how much of the detail goes on from a frame to the next")
    ] = 0.97
    frame_octaves: Annotated[int, Field(ge=1, le=12, description="how many octaves of each frame are dreamed")] = 2
    # Between what was measured on one clip: 1.0 left 0.81 of the detail of frames dreamed alone, 1.5 made 1.22 of it.
    strength: Annotated[float, Field(gt=0.0, le=4.0, description="step size of those steps, in the recipe's own")] = 1.2

    @property
    def frames(self) -> int:
        """How many frames it has at most."""
        return max(1, math.ceil(self.seconds * self.fps))

    def preview(self) -> Self:
        """Return the first two seconds of the film, small."""
        return self.model_copy(update={"size": min(self.size, PREVIEW_SIDE), "seconds": min(self.seconds, PREVIEW_S)})
