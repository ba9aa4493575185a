"""Presets whose network is no longer here: what to say, and which network comes nearest."""

from __future__ import annotations

import json
from typing import Any

from rapidfuzz.distance import OSA

from bot.errors import UserError
from bot.preset import Preset
from bot.presets import names
from engine import catalogue
from engine.errors import RecipeError
from engine.recipe import Recipe
from engine.sentences import mark

GONE_WITH_OFFER = mark(
    "“{name}” dreams with the network {gone}, which is no longer here. The nearest is {nearest}: whoever may change "
    "the preset finds a button for that in /preset show."
)
GONE = mark(
    "“{name}” dreams with the network {gone}, which is no longer here, and no other one can dream this. Save it anew "
    "from another dream."
)


def usable(preset: Preset) -> Recipe:
    """Return a preset's recipe. Raises UserError that names the nearest network where its own is gone."""
    gone = gone_from(preset)
    if not gone:
        return preset.recipe
    instead = nearest(preset)
    if instead is None:
        raise UserError(GONE, name=names.shown(preset.name), gone=gone)
    raise UserError(GONE_WITH_OFFER, name=names.shown(preset.name), gone=gone, nearest=instead.network)


def gone_from(preset: Preset) -> str:
    """Return the name of the first network of a preset that is not here, else nothing."""
    return next((name for name in _networks(_fields(preset)) if name not in _here()), "")


def nearest(preset: Preset) -> Recipe | None:
    """Return the preset's recipe with the network that is most alike in name, of those that can dream it."""
    fields, gone = _fields(preset), gone_from(preset)
    alike = sorted(_here(), key=lambda name: -OSA.normalized_similarity(gone, name))
    for candidate in alike:
        together = dict.fromkeys(name if name in _here() else candidate for name in _networks(fields))
        try:
            return Recipe.checked(**{**fields, "network": "+".join(together)})
        except RecipeError:
            continue
    return None


def _here() -> dict[str, Any]:
    return {**catalogue.networks(), **catalogue.offered()}


def _fields(preset: Preset) -> dict[str, Any]:
    found = json.loads(preset.text)
    return found if isinstance(found, dict) else {}


def _networks(fields: dict[str, Any]) -> list[str]:
    return [name.strip() for name in str(fields.get("network", "lite2")).split("+")]
