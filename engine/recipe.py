"""Recipe: everything that says how to dream, apart from the pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine import catalogue, invalid, octaves, tiles, vocabulary
from engine.errors import RecipeError
from engine.octaves import Octave
from engine.sentences import Sentence, mark
from engine.vocabulary import Guide, Term

LARGEST_SIDE = 8000  # pixels
NATURAL_SIDE = 2048  # pixels: larger, a natural dream is enlarged and finished by classic steps
FINISHING_SCALE, FINISHING_STEPS = 2.0, 4  # of the octaves beyond it
MOST_NETWORKS = 3
NO_GUIDE = mark("Dreaming of a guide takes a second picture: give a guide picture, or dream of something else.")
NO_MASK = mark("Dreaming by a mask takes a mask picture: give one, or choose another place to dream.")
MOST_STEPS = 120  # that an octave takes unasked

# What is different by default in the natural look: its steps go in Fourier space, and its transforms are wider.
NATURAL: Mapping[str, Any] = {
    "octaves": 4,
    "steps": 14,
    "step_size": 0.006,
    "jitter": 32,
    "zoom": 0.25,
    "rotation": 8.0,
    "likeness": 0.7,
    "stepping": "even",
}

# What was different by default in the classic look up to version 2 of recipes: the schedule of 2015.
BEFORE: Mapping[str, Any] = {"steps": 20, "step_size": 0.012, "stepping": "even"}
LAST_STEP = 0.25  # where steps fall: an octave's last one as a part of its first (docs/decisions/0009)

_NEEDLESS = {
    "guide": mark("The guide was not needed: nothing in “{of}” is a guide. Write guide there."),
    "mask": mark("The mask was not needed: where to dream is “{where}”. Write mask there."),
}
_ANOTHER = {
    "guide": mark("The guide is another picture than the one this recipe was made with."),
    "mask": mark("The mask is another picture than the one this recipe was made with."),
}

Look = Literal["classic", "natural"]
Stepping = Literal["even", "falling"]
Where = Literal["everywhere", "subject", "background", "mask"]


class Recipe(BaseModel):
    """How to dream. Frozen and flat; its JSON form is what is stored, shared and repeated.

    A field that is not given takes the default of its look, and the JSON form holds every field.

    Sources: the classic look is Mordvintsev, Olah, Tyka, "Inceptionism", 2015, and google/deepdream's notebook; the
    natural look is named in ``engine.looks.natural``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: Literal[3] = 3
    network: str = Field("lite2", description="who dreams; several together: lite2+lite0")
    of: str = Field("dogs", description="what to dream of: a mood, a class, a layer, channels, or a sum of them")
    look: Look = Field("classic", description="wild as in 2015, or with the photo left whole")
    octaves: Annotated[int, Field(ge=1, le=12, description="how many sizes are dreamed, the smallest first")] = 5
    octave_scale: Annotated[float, Field(gt=1.0, le=3.0, description="each octave is this much larger")] = 1.4
    steps: Annotated[int, Field(ge=1, le=200, description="steps of gradient ascent in each octave")] = 13
    step_size: Annotated[float, Field(gt=0.0, le=0.5, description="mean change a step, in 0–1 pixel units")] = 0.016
    stepping: Stepping = Field(
        "falling", description="an octave's steps: falling from long to short, or even, as in 2015"
    )
    strengths: tuple[Annotated[float, Field(ge=0.0, le=4.0)], ...] = Field(
        (), max_length=12, description="step size of each octave times this, the smallest first; the last one goes on"
    )
    jitter: Annotated[int, Field(ge=0, le=512, description="largest random roll, in pixels")] = 24
    zoom: Annotated[float, Field(ge=0.0, le=0.5, description="largest random change of scale: 0.25 is ± 25 %")] = 0.0
    rotation: Annotated[float, Field(ge=0.0, le=180.0, description="largest random turn, in degrees")] = 0.0
    balance: Annotated[
        float, Field(ge=0.0, le=1.0, description="how far the scales of the gradient are made equally strong")
    ] = 1.0
    total_variation: Annotated[
        float, Field(ge=0.0, le=1.0, description="pull towards smoothness, as a part of the gradient")
    ] = 0.0
    photo_colors: bool = Field(True, description="steps along the colours that vary together in photos")
    keep_colors: bool = Field(False, description="only the light changes; the photo's colours stay")
    where: Where = Field("everywhere", description="where to dream; for mask, give a mask picture")
    feather: Annotated[
        float, Field(ge=0.0, le=0.5, description="how softly that place ends, as a part of the longest side")
    ] = 0.03
    guide: str | None = Field(None, pattern="^[0-9a-f]{64}$", description="SHA-256 of the guide's pixels")
    mask: str | None = Field(None, pattern="^[0-9a-f]{64}$", description="SHA-256 of the mask's pixels")
    likeness: Annotated[
        float, Field(ge=0.0, le=1.0, description="how much of the photo stays: 0 all may go, 1 nothing changes")
    ] = 0.0
    size: Annotated[
        int, Field(ge=32, le=LARGEST_SIDE, description="longest side of the dream, in pixels; never enlarged")
    ] = 1024
    seed: Annotated[int, Field(ge=0, lt=2**32, description="the start of its random numbers")] = 0

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        if given.get("version") == 1:  # there was one look, and one layer to dream of
            given = {**given, "version": 2, "of": f"layer {given.get('layer', 'blocks.4')}"}
            given.pop("layer", None)
        look = given.get("look", "classic")
        if given.get("version") == 2:
            given = {**(BEFORE if look == "classic" else {}), **given, "version": 3}
        return {**NATURAL, **given} if look == "natural" else given

    @model_validator(mode="after")
    def _offered(self) -> Self:
        try:
            self.terms()
        except RecipeError as error:
            raise ValueError(str(error)) from error  # pydantic takes no other
        return self

    @classmethod
    def checked(cls, **fields: Any) -> Self:
        """Make a recipe of what somebody typed. Raises RecipeError with a sentence for a person."""
        try:
            return cls(**fields)
        except ValidationError as error:
            raise invalid.sentence(error) from error

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a recipe. Raises RecipeError with a sentence for a person."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise invalid.sentence(error) from error

    def to_json(self) -> str:
        """Write the recipe as one line of JSON that ``from_json`` reads back as the same recipe."""
        return self.model_dump_json()

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that dream together. Raises RecipeError for a name that is none, or too many of them."""
        names = tuple(name.strip() for name in self.network.split("+"))
        if len(names) > MOST_NETWORKS or len(set(names)) < len(names):
            raise RecipeError(
                "Up to {most} different networks may dream together, such as lite2+lite0.", most=MOST_NETWORKS
            )
        for name in names:
            catalogue.network(name)
        return names

    def terms(self) -> tuple[Term, ...]:
        """Return what is maximised. Raises RecipeError for words that name nothing."""
        return vocabulary.read(self.of, self.networks)

    def layers(self) -> dict[str, set[str]]:
        """Return the layers that are looked at, by network: those without a term are left out."""
        found: dict[str, set[str]] = {}
        for term in self.terms():
            found.setdefault(term.network, set()).add(term.what.layer)
        return found

    def deepest(self) -> list[catalogue.LayerFacts]:
        """Return the dearest layer of each network that is looked at: its trunk ends there."""
        return [
            max((catalogue.network(name).layer(layer) for layer in layers), key=lambda facts: facts.flop_per_pixel)
            for name, layers in self.layers().items()
        ]

    def with_pictures(self, *, guide: str | None, mask: str | None) -> tuple[Self, tuple[Sentence, ...]]:
        """Return the recipe with the SHA-256 of the guide and mask it takes, and notes on one it does not, or not this.

        Raises RecipeError where it needs one and there is none.
        """
        guided = any(isinstance(term.what, Guide) for term in self.terms())
        if guided and guide is None:
            raise RecipeError(NO_GUIDE)
        if self.where == "mask" and mask is None:
            raise RecipeError(NO_MASK)
        given = {"guide": (guide, guided), "mask": (mask, self.where == "mask")}
        notes = []
        for name, (sha256, used) in given.items():
            if sha256 is not None and not used:
                notes.append(Sentence(_NEEDLESS[name], {"of": self.of, "where": self.where}))
            elif used and getattr(self, name) not in (None, sha256):
                notes.append(Sentence(_ANOTHER[name]))
        kept = {name: sha256 if used else None for name, (sha256, used) in given.items()}
        return self.model_copy(update=kept), tuple(notes)

    def steps_of(self, octave: int, octaves: int) -> int:
        """Return the steps of an octave, counted from 1, of ``octaves``.

        In the natural look the smaller ones take more, so that each takes as long as the last: whole things are made
        while the picture is small, and only finished when it is large.
        """
        if self.look == "classic":
            return self.steps
        return max(self.steps, min(MOST_STEPS, round(self.steps * self.octave_scale ** (2 * (octaves - octave)))))

    def strength(self, octave: int) -> float:
        """Return what the step size of an octave, counted from 1, is multiplied by."""
        return self.strengths[min(octave, len(self.strengths)) - 1] if self.strengths else 1.0

    def lengths(self, steps: int) -> tuple[float, ...]:
        """Return how long each of the ``steps`` of an octave is, beside their mean."""
        if self.stepping == "even":
            return (1.0,) * steps
        falling = [1 - (1 - LAST_STEP) * step / max(1, steps - 1) for step in range(steps)]
        return tuple(steps * length / sum(falling) for length in falling)

    def dream_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the (width, height) of the dream of a photo of ``width`` × ``height`` pixels.

        What is made of layers that see the whole picture at once cannot be tiled, and is not made larger than whole
        pictures are.
        """
        wide, high = octaves.dream_size(width, height, self.size)
        if wide * high > tiles.WHOLE_PIXELS and not tiles.can_tile(self.deepest()):
            whole = int(max(wide, high) * (tiles.WHOLE_PIXELS / (wide * high)) ** 0.5)
            return octaves.dream_size(width, height, whole)
        return wide, high

    def octave_sizes(self, width: int, height: int) -> list[tuple[int, int]]:
        """Return each octave's (width, height) for a photo of ``width`` × ``height`` pixels, the smallest first."""
        return [(octave.width, octave.height) for octave in self.schedule(width, height)]

    def schedule(self, width: int, height: int, natural_side: int = NATURAL_SIDE) -> list[Octave]:
        """Return the octaves of a dream of a photo of ``width`` × ``height`` pixels, the smallest first.

        A natural dream too large for that look gets its octaves at up to ``natural_side`` pixels, and others from there
        on that finish it.
        """
        wide, high = self.dream_size(width, height)
        tiled = wide * high > tiles.WHOLE_PIXELS
        if not tiled or self.look == "classic":
            sizes = octaves.sizes(wide, high, self.octaves, self.octave_scale)
            return [Octave(*size, self.steps_of(at, len(sizes)), tiled) for at, size in enumerate(sizes, 1)]
        base = octaves.dream_size(wide, high, natural_side)
        sizes = octaves.sizes(*base, self.octaves, self.octave_scale)
        made = [Octave(*size, self.steps_of(at, len(sizes))) for at, size in enumerate(sizes, 1)]
        doublings = math.log(max(wide, high) / max(base), FINISHING_SCALE)
        beyond = octaves.sizes(wide, high, max(1, math.floor(doublings + 0.5)), FINISHING_SCALE)
        return made + [Octave(*size, FINISHING_STEPS, tiled=True, finishing=True) for size in beyond]

    def cost(self, width: int, height: int) -> float:
        """Price a dream of a picture of ``width`` × ``height`` pixels, in GFLOP (forward and backward).

        What is dreamed in tiles pays for their margins, and for looking at all of them first where that is needed.
        """
        terms, layers = self.terms(), self.deepest()
        pixels = sum(
            octave.steps
            * (
                tiles.work(terms, tiles.tiling_of(layers), octave.width, octave.height)
                if octave.tiled
                else octave.pixels
            )
            for octave in self.schedule(width, height)
        )
        return 2e-9 * sum(layer.flop_per_pixel for layer in layers) * pixels
