"""A preset as the rest of the bot sees it, a recipe with a name: frozen plain data, never a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.recipe import Recipe

LONGEST_REFERENCE = 64  # characters of a name with whose it is before it


class Owner(StrEnum):
    """Whose presets there are."""

    PERSON = "person"
    SERVER = "server"
    BUILT_IN = "built-in"


BUILT_IN_TAG = "built-in:"


@dataclass(frozen=True)
class Viewer:
    """Who asks for presets, and where: theirs are seen and those of the server that they are in.

    ``moderates``: whether they may manage that server, as Discord says now.
    """

    person_id: int
    guild_id: int | None
    moderates: bool = False


@dataclass(frozen=True)
class Preset:
    """One preset. ``text`` is its recipe's JSON: it may name a network that is no longer here."""

    id: int | None  # None: built-in
    name: str
    key: str  # what the name is compared by
    owner: Owner
    text: str
    about: str | None = None  # one line in English, of a built-in one
    guide_hash: str | None = None
    mask_hash: str | None = None
    thumbnail_hash: str | None = None
    restricted: bool = False  # its guide or mask comes from an age-restricted place
    created_by: int | None = None
    created_at: datetime | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe. Raises RecipeError where it can no longer be dreamed: see ``bot.presets.networks``."""
        return Recipe.from_json(self.text)

    @property
    def tag(self) -> str:
        """What names this one in a button, whatever it is called by then."""
        return f"{BUILT_IN_TAG}{self.name}" if self.id is None else str(self.id)

    @property
    def reference(self) -> str:
        """What names this one and no other to one viewer: the name alone may be that of one of their own, too."""
        return self.name if self.owner is Owner.PERSON else f"{self.owner.value}: {self.name}"
