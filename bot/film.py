"""What a job's film is asked to be, beside its recipe: plain data, kept as JSON. A job without one is a picture's."""

from __future__ import annotations

import math
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.errors import UserError
from engine.films.settings import PREVIEW_S, Film, Kind, VideoFilm, ZoomFilm
from engine.recipe import Recipe
from engine.sentences import Sentence, mark

MOST_BYTES = 24 * 2**20  # of a film's file: one request has them, also in boosted servers
WITH_TRAILER_S = 2 * PREVIEW_S  # a film of that length, or longer, is shown in small first
TRAILER_BYTES = 2 * 2**20

NO_FILMS = mark("Films are not made here: send a picture with /dream.")
SHORTER = mark("Films have at most {seconds} s here: this one was made shorter.")


class Clip(BaseModel):
    """What the intake found in a moving picture that somebody sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: int = Field(ge=1)
    scenes: int = Field(ge=1)
    seconds: float = Field(gt=0)


class FilmAsk(BaseModel):
    """One film: a zoom into a picture, or a moving picture dreamed frame by frame, and what kind of file it is to be.

    ``clip`` is None for a zoom, and until the moving picture is there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    zoom: ZoomFilm | None = None
    video: VideoFilm | None = None
    kind: Kind = "mp4"
    clip: Clip | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.zoom is None) == (self.video is None):
            raise ValueError("a zoom or a video")
        return self

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what a job has kept. Raises ValidationError for anything else."""
        return cls.model_validate_json(text)

    def to_json(self) -> str:
        """Write as JSON."""
        return self.model_dump_json(exclude_none=True)

    @property
    def film(self) -> ZoomFilm | VideoFilm:
        """What the film is asked."""
        film = self.zoom or self.video
        if film is None:
            raise ValueError("a zoom or a video")  # pydantic has seen to it
        return film

    @property
    def seconds(self) -> float:
        """How long it is; of a moving picture that is not there yet, how long it is at most."""
        return self.clip.seconds if self.clip is not None else self.film.seconds

    @property
    def frames(self) -> int:
        """How many frames it has, or has at most."""
        return self.clip.frames if self.clip is not None else self.film.frames

    @property
    def trailer(self) -> ZoomFilm | VideoFilm | None:
        """The first two seconds, small, to be shown before the film is made; None for a short one."""
        return self.film.preview() if self.seconds >= WITH_TRAILER_S else None

    def found(self, clip: Clip) -> FilmAsk:
        """Return the film of a moving picture in which ``clip`` was found."""
        return self.model_copy(update={"clip": clip})

    def price(self, recipe: Recipe, width: int, height: int) -> float:
        """Price the film and its trailer in GFLOP; ``width`` and ``height`` are the picture's."""
        return self._price(self.film, recipe, width, height) + self.trailer_price(recipe, width, height)

    def trailer_price(self, recipe: Recipe, width: int, height: int) -> float:
        """Price the trailer alone."""
        trailer = self.trailer
        return 0.0 if trailer is None else self._price(trailer, recipe, width, height)

    def _price(self, film: Film, recipe: Recipe, width: int, height: int) -> float:
        if self.clip is None or film is not self.film:
            # As many frames as the trailer's part of the whole has, all in one scene.
            share = 1.0 if film is self.film else min(1.0, PREVIEW_S / self.seconds)
            return film.cost(recipe, width, height, max(1, math.ceil(share * self.frames)))
        return film.cost(recipe, width, height, self.clip.frames, self.clip.scenes)

    def fitted(self, most_side: int | None, most_s: float) -> tuple[FilmAsk, Sentence | None]:
        """Return the film within what holds where it is asked for, and what is to be said of that.

        ``most_s`` is 0 where there are no films. Raises UserError there.
        """
        if most_s <= 0:
            raise UserError(NO_FILMS)
        film, note = self.film, None
        if most_side is not None and film.size > most_side:
            film = film.model_copy(update={"size": max(64, most_side)})
        if film.seconds > most_s:
            film = film.model_copy(update={"seconds": most_s})
            note = Sentence(SHORTER, {"seconds": most_s}) if self.zoom is not None else None  # a video's own says it
        return self.model_copy(update={"zoom" if self.zoom is not None else "video": film}), note
