"""The recipe that a command line asks for: its options, over those of a recipe file, over the look's defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import catalogue, pictures
from engine.cli import files
from engine.errors import EngineError, PictureError, RecipeError
from engine.networks import REGISTRY, Entry
from engine.recipe import BEFORE, Recipe
from engine.sentences import Sentence
from engine.vocabulary import Guide

RECIPE_KEYWORD = "oneiros recipe"  # of the text in the PNG
FINGERPRINT_KEYWORD = "oneiros fingerprint"

PNG = b"\x89PNG"
FIRST_VERSION = frozenset({"layer"})  # what recipes of version 1 had and later ones have not


def wanted(
    typed: Mapping[str, Any], file: Path | None, *, guide: bool, mask: bool
) -> tuple[Recipe, tuple[Sentence, ...]]:
    """Return the recipe and notes on it; ``guide`` and ``mask`` say whether such pictures are there.

    A mask is there to dream by it, and a guide to dream of it, unless something else is ``typed``. Raises EngineError.
    """
    basis = Recipe() if file is None else _read(file)
    fields = {**_said(basis, typed.get("look", basis.look)), **typed}
    notes: list[Sentence] = []
    offer(fields.get("network", ""))
    if mask and "where" not in typed:
        fields["where"] = "mask"
    if guide and "of" not in typed and not _dreams_of_guide(basis):
        fields["of"] = "guide"
    if "of" not in fields and fields.get("network", "").startswith("timm:"):
        facts = catalogue.network(fields["network"])
        fields["of"] = f"layer {facts.default_layer}"
        notes.append(Sentence(f"{facts.title} knows no dogs: it dreams of its {facts.default_layer}."))
    recipe = Recipe.checked(**fields)
    return recipe, tuple(notes)


def offer(network: str) -> None:
    """Let recipes name what is not in the registry: of ``lite2+timm:resnet18`` the latter. Raises EngineError."""
    for name in network.split("+"):
        if name.strip().startswith("timm:"):
            from engine.networks import offer as offer_network  # torch: only for those who ask for it

            offer_network(name.strip())


def entry_of(name: str) -> Entry:
    """Return what a network that recipes may name is built of."""
    if name in REGISTRY:
        return REGISTRY[name]
    from engine.networks.network import entry_of as entry_of_any  # torch: it came when this network was offered

    return entry_of_any(name)


def _read(path: Path) -> Recipe:
    """Return the recipe in a JSON file, or in the PNG that was dreamed with it."""
    fields = _fields(path, _text(path))
    offer(str(fields.get("network", "")))
    known = Recipe.model_fields.keys() | (FIRST_VERSION if fields.get("version") == 1 else set())
    for name in fields.keys() - known:
        near = catalogue.nearest(name, known)
        instead = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(sorted(known))}."
        raise RecipeError(f"{path}: recipes have no field “{name}”. {instead}")
    try:
        return Recipe.checked(**fields)
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from error


def _text(path: Path) -> bytes:
    data = files.read(path)
    if not data.startswith(PNG):
        return data
    try:
        texts = pictures.texts(data)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from error
    if RECIPE_KEYWORD not in texts:
        raise EngineError(f"The picture {path} carries no recipe: it was not dreamed here, or was saved anew since.")
    return texts[RECIPE_KEYWORD].encode()


def _fields(path: Path, text: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise EngineError(
            f"{path} holds no recipe: it is no JSON from line {error.lineno}, column {error.colno} on. Name a JSON "
            f"file or the PNG of a dream."
        ) from error
    except (ValueError, RecursionError) as error:  # no UTF-8, numbers of thousands of digits, endless brackets
        raise EngineError(f"{path} holds no recipe. Name a JSON file or the PNG of a dream.") from error
    if not isinstance(fields, dict):
        raise EngineError(f'{path} holds no recipe: a recipe is a JSON object, such as {{"of": "eyes"}}.')
    return fields


def _said(recipe: Recipe, look: str) -> dict[str, Any]:
    """Return what a recipe says beyond the defaults of its look, so that in another ``look`` the other's hold."""
    default = Recipe(look=recipe.look)
    if look != recipe.look == "classic" and recipe.stepping == BEFORE["stepping"]:
        default = default.model_copy(update=BEFORE)
    fields = recipe.model_dump(exclude={"version"})
    return {name: value for name, value in fields.items() if name == "look" or value != getattr(default, name)}


def _dreams_of_guide(recipe: Recipe) -> bool:
    return any(isinstance(term.what, Guide) for term in recipe.terms())
