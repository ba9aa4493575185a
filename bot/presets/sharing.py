"""A preset as a file, which any Oneiros can import: its name and its recipe, and no picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.errors import UserError
from bot.preset import Preset
from engine.recipe import Recipe
from engine.sentences import mark

KIND, VERSION = "oneiros-preset", 1
MOST_BYTES = 16 * 1024

NO_FILE = mark("This is no preset's file: send the one that /preset share made, unchanged.")
FILE_TOO_LARGE = mark("This file is too large for a preset's: those have up to {most} KiB. Send the right one.")
NEWER_FILE = mark("This preset's file was made by a newer version of Oneiros than this one, which cannot read it.")


@dataclass(frozen=True)
class Shared:
    """What a file holds, read and checked; the name is as somebody wrote it, not checked."""

    name: str
    recipe: Recipe


def written(preset: Preset) -> bytes:
    """Write a preset as a file. Raises RecipeError where its network is gone."""
    recipe = _without_pictures(preset.recipe).model_dump(mode="json")
    text = json.dumps({"kind": KIND, "version": VERSION, "name": preset.name, "recipe": recipe}, ensure_ascii=False)
    return f"{text}\n".encode()


def read(data: bytes) -> Shared:
    """Read a file that anybody may have written. Raises UserError, and RecipeError for a recipe of no use here."""
    if len(data) > MOST_BYTES:
        raise UserError(FILE_TOO_LARGE, most=MOST_BYTES // 1024)
    found = _object(data)
    if found.get("kind") != KIND or not isinstance(found.get("name"), str):
        raise UserError(NO_FILE)
    if found.get("version") != VERSION:
        raise UserError(NEWER_FILE)
    return Shared(found["name"], _without_pictures(Recipe.from_json(json.dumps(found.get("recipe")))))


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UserError(NO_FILE) from None
    if not isinstance(found, dict):
        raise UserError(NO_FILE)
    return found


def _without_pictures(recipe: Recipe) -> Recipe:
    """Return the recipe without the hashes of pictures, which a file could only claim to have."""
    return recipe.model_copy(update={"guide": None, "mask": None})
