"""How large a dream is made, and whether whole or in tiles: foreseen from the memory that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import memory, tiles
from engine.errors import EngineError
from engine.octaves import dream_size
from engine.recipe import NATURAL_SIDE, Recipe
from engine.tiles import Tiling

SMALLEST_FIT = 256  # pixels: where memory is short, a dream is made smaller, but not smaller than this


@dataclass(frozen=True)
class Plan:
    """How a dream is made."""

    size: int  # pixels, its longest side
    tiling: Tiling | None = None  # None: whole
    natural_side: int = NATURAL_SIDE  # pixels, up to which a natural dream is made in that look

    def facts(self) -> dict[str, Any]:
        """Return what a fingerprint says of it: nothing where a picture is dreamed whole."""
        if self.tiling is None:
            return {}
        return {"tiles": {**self.tiling.facts(), "natural_side": self.natural_side}}


def planned(recipe: Recipe, width: int, height: int, free: int | None) -> Plan:
    """Plan the dream of a photo of ``width`` × ``height`` pixels in ``free`` bytes (None: as many as it takes).

    A dream that would fit whole is made whole, and in tiles otherwise. Where it does not fit even so, one that whole
    pictures are as large as is made smaller. Raises EngineError where that would leave too little, and for a larger
    one.
    """
    wide, high = recipe.dream_size(width, height)
    longest = max(wide, high)
    plan = _fitting(recipe, wide, high, free)
    if plan is not None or free is None:
        return plan or Plan(longest)
    if wide * high > tiles.WHOLE_PIXELS:
        raise _too_large(recipe, wide, high, free)
    needed = _whole_bytes(recipe, wide, high)
    fitting = int(longest * (free / needed) ** 0.5)
    if fitting < min(SMALLEST_FIT, longest):
        raise _no_memory(wide, high, needed, free)
    return Plan(fitting)


def _fitting(recipe: Recipe, wide: int, high: int, free: int | None) -> Plan | None:
    """Return how a dream of this size is made in ``free`` bytes; None: it does not fit."""
    longest, layers = max(wide, high), recipe.deepest()
    large = wide * high > tiles.WHOLE_PIXELS
    if not large and (free is None or _whole_bytes(recipe, wide, high) <= free):
        return Plan(longest)
    if not tiles.can_tile(layers) or (recipe.look == "natural" and not large):
        return None
    natural_side = NATURAL_SIDE
    while recipe.look == "natural" and free is not None and _base_bytes(recipe, wide, high, natural_side) > free:
        natural_side = natural_side * 7 // 8
        if natural_side < SMALLEST_FIT:
            return None
    for tiling in tiles.smaller(layers):
        if free is None or memory.needed_in_tiles(layers, tiling, wide, high, _zoom(recipe)) <= free:
            return Plan(longest, tiling, natural_side)
    return None


def _too_large(recipe: Recipe, wide: int, high: int, free: int) -> EngineError:
    """Say that a dream does not fit, and the largest that does."""
    longest, layers = max(wide, high), recipe.deepest()
    least = list(tiles.smaller(layers))[-1]
    needed = memory.needed_in_tiles(layers, least, wide, high, _zoom(recipe))
    if recipe.look == "natural":
        needed = max(needed, _base_bytes(recipe, wide, high, SMALLEST_FIT))
    fits, fails = 0, longest
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if _fitting(recipe, *dream_size(wide, high, middle), free) is not None:
            fits = middle
        else:
            fails = middle
    if fits < SMALLEST_FIT:
        return _no_memory(wide, high, needed, free)
    return EngineError(
        "A dream of {width} × {height} pixels takes about {needed} GB of memory even in tiles, and {free} GB are free. "
        "The largest that fits has a longest side of {size} pixels: ask for that, or close other programs.",
        width=wide,
        height=high,
        needed=round(needed / 1e9, 1),
        free=round(free / 1e9, 1),
        size=fits,
    )


def _no_memory(wide: int, high: int, needed: int, free: int) -> EngineError:
    return EngineError(
        "A dream of {width} × {height} pixels takes about {needed} GB of memory, and {free} GB are free. Close "
        "other programs, or dream on a machine with more memory.",
        width=wide,
        height=high,
        needed=round(needed / 1e9, 1),
        free=round(free / 1e9, 1),
    )


def _whole_bytes(recipe: Recipe, wide: int, high: int) -> int:
    return max(memory.needed_bytes(layer, wide, high, recipe.zoom) for layer in recipe.deepest())


def _base_bytes(recipe: Recipe, wide: int, high: int, natural_side: int) -> int:
    """Return what a large natural dream takes while it is made in that look, the large photo beside it."""
    return _whole_bytes(recipe, *dream_size(wide, high, natural_side)) + memory.PHOTO_BYTES_PER_PIXEL * wide * high


def _zoom(recipe: Recipe) -> float:
    return recipe.zoom if recipe.look == "classic" else 0.0
