"""Recipe: everything that says how to dream, apart from the pictures."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine import catalogue, octaves
from engine.errors import RecipeError


class Recipe(BaseModel):
    """How to dream. Frozen and flat; its JSON form is what is stored, shared and repeated.

    Sources: the classic look is Mordvintsev, Olah, Tyka, "Inceptionism", 2015, and google/deepdream's notebook.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: Literal[1] = 1
    network: str = Field("lite2", description="name of a network in the registry")
    layer: str = Field("blocks.4", description="the layer whose activations are maximised (L2)")
    octaves: Annotated[int, Field(ge=1, le=12, description="how many sizes are dreamed, the smallest first")] = 5
    octave_scale: Annotated[float, Field(gt=1.0, le=3.0, description="each octave is this much larger")] = 1.4
    steps: Annotated[int, Field(ge=1, le=200, description="steps of gradient ascent in each octave")] = 20
    step_size: Annotated[float, Field(gt=0.0, le=0.5, description="mean change a step, in 0–1 pixel units")] = 0.012
    jitter: Annotated[int, Field(ge=0, le=512, description="largest random roll, in pixels")] = 24
    size: Annotated[int, Field(ge=32, le=2048, description="longest side of the dream, in pixels; never enlarged")] = (
        1024
    )
    seed: Annotated[int, Field(ge=0, lt=2**32, description="the start of its random numbers")] = 0

    @model_validator(mode="after")
    def _offered(self) -> Self:
        try:
            catalogue.network(self.network).layer(self.layer)
        except RecipeError as error:
            raise ValueError(str(error)) from error
        return self

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """Make a recipe of what somebody typed. Raises RecipeError with a sentence for a person."""
        try:
            return cls(**fields)
        except ValidationError as error:
            raise _sentence(error) from error

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a recipe. Raises RecipeError with a sentence for a person."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise _sentence(error) from error

    def to_json(self) -> str:
        """Write the recipe as one line of JSON that ``from_json`` reads back as the same recipe."""
        return self.model_dump_json()

    def dream_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the (width, height) of the dream of a photo of ``width`` × ``height`` pixels."""
        return octaves.dream_size(width, height, self.size)

    def octave_sizes(self, width: int, height: int) -> list[tuple[int, int]]:
        """Return each octave's (width, height) for a photo of ``width`` × ``height`` pixels, the smallest first."""
        return octaves.sizes(*self.dream_size(width, height), self.octaves, self.octave_scale)

    def cost(self, width: int, height: int) -> float:
        """Price a dream of a picture of ``width`` × ``height`` pixels, in GFLOP (forward and backward)."""
        layer = catalogue.network(self.network).layer(self.layer)
        pixels = sum(wide * high for wide, high in self.octave_sizes(width, height))
        return 2e-9 * layer.flop_per_pixel * pixels * self.steps


def _sentence(error: ValidationError) -> RecipeError:
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        return RecipeError(str(cause))
    where = ".".join(str(part) for part in first["loc"]) or "recipe"
    return RecipeError(f"This recipe cannot be used: {where}: {first['msg'][:1].lower()}{first['msg'][1:]}.")
