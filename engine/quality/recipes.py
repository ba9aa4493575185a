"""The recipes that are judged, all of them here. The list says of what and on what, this page says how."""

from __future__ import annotations

from engine.quality.list import LONGEST_SIDE
from engine.recipe import BEFORE, Recipe

LOOKS = ("classic", "natural")


def default(seed: int) -> Recipe:
    """Return the recipe of somebody who chose nothing: its time is the measure of the others' time.

    In the schedule that was the default when the measure was set: a faster default makes no other dream slower.
    """
    return Recipe(**BEFORE, size=LONGEST_SIDE, seed=seed)


def of_class(word: str, seed: int) -> Recipe:
    """Return the recipe of a class dream. Raises RecipeError for a class that is not known."""
    return Recipe.checked(of=f"class: {word}", look="natural", network="lite2+lite0", size=LONGEST_SIDE, seed=seed)


def of_mood(words: str, look: str) -> Recipe:
    """Return the recipe of a mood, or of whatever else the words name, in a look. Raises RecipeError."""
    return Recipe.checked(of=words, look=look, size=LONGEST_SIDE)
