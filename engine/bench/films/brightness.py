"""Do films drift brighter or darker: the light of a film's frames beside the clip's, from its begin to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from engine.bench.films.clips import Known
from engine.films.reading import Rgb
from engine.likeness import luminance
from engine.octaves import pixels_of
from engine.pictures import Picture

ENDS = 10  # frames that are taken at either end
MOST_DRIFT = 2.0  # levels of 255


@dataclass(frozen=True)
class Light:
    """How much brighter a film is than its clip, in levels of 255: in its first frames, and in its last."""

    first: float
    last: float

    @property
    def drift(self) -> float:
        """How much brighter it became."""
        return self.last - self.first


def light(clip: Known, frames: Sequence[Rgb]) -> Light:
    """Measure a film's ``frames`` of a clip."""
    brighter = [
        255 * float(luminance(pixels_of(Picture(now)) - pixels_of(Picture(source))).mean())
        for now, source in zip(frames, clip.frames, strict=True)
    ]
    return Light(fmean(brighter[:ENDS]), fmean(brighter[-ENDS:]))
