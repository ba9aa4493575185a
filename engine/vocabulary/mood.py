"""Moods: names that people know for what a network dreams well, in each network its own way. Needs no torch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from engine import catalogue
from engine.errors import RecipeError
from engine.vocabulary.spelling import Names

EVERY_OTHER = "*"


@dataclass(frozen=True)
class Mood:
    """One mood: what is seen, and what it is made of in each network, in the words that people may type too."""

    name: str
    about: str
    of: dict[str, str]

    @property
    def networks(self) -> tuple[str, ...]:
        """Return the registry's networks that dream of it, in the order to show them."""
        return tuple(name for name in catalogue.networks() if name in self.of or EVERY_OTHER in self.of)

    def made_of(self, network: str) -> str:
        """Return what the mood is made of in a network. Raises RecipeError where nobody has found that yet."""
        made = self.of.get(network) or self.of.get(EVERY_OTHER)
        if made is None:
            raise RecipeError(
                "The mood “{mood}” is not known in {network}: choose {networks}.",
                mood=self.name,
                network=network,
                networks=tuple(self.of),
            )
        return made


@cache
def moods() -> dict[str, Mood]:
    """Return all moods by name, in the order to show them."""
    return {name: Mood(name, **facts) for name, facts in json.loads(_text()).items()}


def digest() -> str:
    """Return 12 digits that change with the moods: a recipe names a mood, and not what it is made of."""
    return hashlib.sha256(_text().encode()).hexdigest()[:12]


@cache
def _text() -> str:
    return files("engine").joinpath("data/moods.json").read_text(encoding="utf-8")


def mood_named(name: str, *, forgiving: bool = False) -> Mood | None:
    """Return the mood of this name, or nothing."""
    found = _spelled().find(name, forgiving=forgiving)
    return moods()[found[0]] if found else None


@cache
def _spelled() -> Names[str]:
    return Names((name, name) for name in moods())
