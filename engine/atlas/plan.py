"""Which sheets an atlas has: so many channels of a layer each. Loads no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import catalogue
from engine.catalogue import LayerFacts, NetworkFacts
from engine.vocabulary import layers
from engine.vocabulary.terms import LOGITS

CELL = 112  # pixels: seven of WebP's blocks of 16, so that no cell bleeds into its neighbour
CAPTION = 16  # pixels under each cell
COLUMNS = ROWS = 8
CHANNELS = COLUMNS * ROWS  # of a sheet
STEPS = 128  # of a picture
STEM = "stem"  # edges and spots of colour, as everywhere

# A layer that sees little makes small patterns. Its pictures are made small and shown enlarged: of these sides, in
# pixels, the least that is at least so much of what one position sees (most of that is seen but faintly).
SIDES = (56, 112, 224)
OF_RECEPTIVE_FIELD = 0.5


@dataclass(frozen=True)
class SheetPlan:
    """A sheet that an atlas is to have: ``count`` channels of a layer from ``first`` on."""

    layer: str
    number: int  # of the sheet within its layer, from 0
    first: int
    count: int

    @property
    def file(self) -> str:
        """The name of its picture."""
        return f"{self.layer}-{self.number:02}.webp"

    @property
    def channels(self) -> range:
        """Its channels."""
        return range(self.first, self.first + self.count)


def layers_of(network: NetworkFacts) -> list[str]:
    """Return the layers that an atlas shows: the groups of blocks, and what follows them."""
    return [*(layer for layer in layers.top(network) if layer != STEM), *([LOGITS] if LOGITS in network.layers else [])]


def planned(network: str, chosen: Sequence[str] = ()) -> list[SheetPlan]:
    """Return the sheets of some layers of a network (all of an atlas's). Raises RecipeError for an unknown one."""
    facts = catalogue.network(network)
    names = [layers.find(facts, name).name for name in chosen] or layers_of(facts)
    return [sheet for name in dict.fromkeys(names) for sheet in _sheets(facts.layers[name])]


def side_of(layer: LayerFacts) -> int:
    """Return the side in pixels that a layer's pictures are made at."""
    if layer.receptive_field is None:
        return SIDES[-1]
    return next((side for side in SIDES if side >= OF_RECEPTIVE_FIELD * layer.receptive_field), SIDES[-1])


def subject_words(layer: str, channel: int) -> str:
    """Return how a channel is written where one says what to dream of; of the logits, a class."""
    return f"class {channel}" if layer == LOGITS else f"channel {layer}:{channel}"


def _sheets(layer: LayerFacts) -> list[SheetPlan]:
    firsts = range(0, layer.channels, CHANNELS)
    return [
        SheetPlan(layer.name, number, first, min(CHANNELS, layer.channels - first))
        for number, first in enumerate(firsts)
    ]
