"""How a feature is visualised, apart from what is. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import EngineError

LEAST_SIDE, MOST_SIDE = 32, 1024  # pixels
MOST_STEPS = 4096


@dataclass(frozen=True)
class Settings:
    """Size, steps and seed of a picture that is made from noise."""

    size: int = 224  # pixels: pictures are square
    steps: int = 128
    seed: int = 0
    maco: bool = False  # the photos' magnitudes, and only the phases climb

    def __post_init__(self) -> None:
        """Raise EngineError for what is out of range."""
        if not LEAST_SIDE <= self.size <= MOST_SIDE:
            raise EngineError(
                "A picture from noise has {least} to {most} pixels a side, not {size}.",
                least=LEAST_SIDE,
                most=MOST_SIDE,
                size=self.size,
            )
        if not 1 <= self.steps <= MOST_STEPS:
            raise EngineError("A picture takes 1 to {most} steps, not {steps}.", most=MOST_STEPS, steps=self.steps)
