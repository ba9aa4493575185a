"""The presets that come with the bot: ``bot/data/presets.json``, and a thumbnail of each beside it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from bot.preset import Owner, Preset
from bot.presets.names import key
from engine.recipe import Recipe


@cache
def built_in() -> dict[str, Preset]:
    """Return the built-in presets by the key of their names, in the order to show them."""
    found = json.loads(_folder().joinpath("presets.json").read_text(encoding="utf-8"))
    return {key(name): _preset(name, **values) for name, values in found.items()}


@cache
def thumbnail(preset: Preset) -> bytes:
    """Return the thumbnail of a built-in preset, as WebP."""
    return _folder().joinpath("presets", file_of(preset)).read_bytes()


def file_of(preset: Preset) -> str:
    """Return the file name of a built-in preset's thumbnail."""
    return f"{preset.key.replace(' ', '-')}.webp"


def _preset(name: str, about: str, recipe: dict[str, object]) -> Preset:
    return Preset(None, name, key(name), Owner.BUILT_IN, Recipe.checked(**recipe).to_json(), about=about)


def _folder() -> Traversable:
    return files("bot").joinpath("data")
