"""From what somebody said of a dream to its recipe: what goes without saying, and numbers as people type them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from bot.errors import UserError
from engine.recipe import NATURAL, Recipe
from engine.sentences import mark
from engine.vocabulary import Guide

SEEDS = 2**32
_THERE = "0" * 64  # stands for the SHA-256 of a picture that is there, before anybody has looked into it

NO_NUMBER = mark("“{typed}” is no number from {least} to {most}: write for example {example}.")
NO_MEASURES = mark(
    "“{typed}” is not a number of octaves and a size. Write both with a space between them, for example {example}."
)
_NUMBER = re.compile(r"([0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)\s*(%?)")


def fresh_seed() -> int:
    """Draw the seed of a dream for which nobody named one."""
    return secrets.randbelow(SEEDS)


def bounds(field: str) -> tuple[float, float]:
    """Return the least and the most that a recipe takes in a field of numbers."""
    found = Recipe.model_fields[field].metadata
    least = next(one.ge for one in found if hasattr(one, "ge"))
    most = next(
        one.le if hasattr(one, "le") else one.lt - 1 for one in found if hasattr(one, "le") or hasattr(one, "lt")
    )
    return least, most


def changed(base: Recipe, said: Mapping[str, Any], given: Collection[str] = ()) -> Recipe:
    """Change ``base`` by the fields that somebody named. Raises RecipeError.

    Another look brings its own defaults for what differs between the looks. ``given`` names the pictures that came with
    it: a "guide" is dreamed of and a "mask" decides where, unless the person named something else.
    """
    fields = base.model_dump()
    if said.get("look", base.look) != base.look:
        fields = {name: value for name, value in fields.items() if name not in NATURAL}
    fields |= dict.fromkeys(given)  # those that the base was made with are others
    if "guide" in given and not guided(base):
        fields["of"] = "guide"
    if "mask" in given:
        fields["where"] = "mask"
    fields |= said
    return Recipe.checked(**fields)


def check_pictures(recipe: Recipe, *, guide: bool, mask: bool) -> None:
    """Refuse a recipe that needs a guide or a mask where there is none. Raises RecipeError."""
    recipe.with_pictures(guide=_THERE if guide else None, mask=_THERE if mask else None)


def guided(recipe: Recipe) -> bool:
    """Tell whether a recipe dreams of what a guide picture shows."""
    return any(isinstance(term.what, Guide) for term in recipe.terms())


def number(field: str, typed: str) -> float:
    """Read a number of a recipe's field as people type it: ``0.7``, ``0,7``, ``70 %``. Raises UserError."""
    least, most = bounds(field)
    match = _NUMBER.fullmatch(typed.strip())
    if match is not None:
        value = float(match[1].replace(",", ".")) / (100 if match[2] else 1)
        if least <= value <= most:
            return value
    raise UserError(NO_NUMBER, typed=typed[:40], least=least, most=most, example=0.5)


def whole(field: str, typed: str, most: int | None = None) -> int:
    """Read a whole number of a recipe's field, at most ``most`` if that is less than the recipe takes.

    Raises UserError.
    """
    least, largest = map(int, bounds(field))
    largest = largest if most is None else min(most, largest)
    digits = typed.strip()
    if re.fullmatch("[0-9]{1,12}", digits) and least <= int(digits) <= largest:
        return int(digits)
    usual = Recipe.model_fields[field].default or least
    raise UserError(NO_NUMBER, typed=typed[:40], least=least, most=largest, example=min(usual, largest))


def measures(typed: str, most_size: int) -> dict[str, int]:
    """Read octaves and size, as in ``5 × 768``; one number alone is what it can be. Raises UserError."""
    found = re.findall("[0-9]{1,12}", typed)
    if len(found) == 1:
        name = "octaves" if int(found[0]) <= bounds("octaves")[1] else "size"
        return {name: whole(name, found[0], most_size if name == "size" else None)}
    if len(found) != 2:
        raise UserError(NO_MEASURES, typed=typed[:40], example="5 × 768")
    return {"octaves": whole("octaves", found[0]), "size": whole("size", found[1], most_size)}
