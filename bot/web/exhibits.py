"""An entry as a page shows it: what templates, feeds and JSON are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from bot.entry import Entry
from bot.language import Language, language_of
from bot.views import wording
from bot.views.alt_text import alt_text
from bot.web import texts
from bot.web.words import clean
from engine.errors import EngineError
from engine.recipe import Recipe

NARROWEST, WIDEST, STEP = 40, 300, 5  # of a frame: its width is that many hundredths of its height
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_HASHES = ("guide", "mask")  # of pictures that are not shown: nobody needs to know them


@dataclass(frozen=True)
class Exhibit:
    """What a page says of an entry, in the visitor's language."""

    slug: str
    number: int
    href: str  # of its page; the addresses begin where the pages do
    title: str  # what the dreamer called it, else what it is a dream of
    named: bool  # whether the dreamer called it anything
    credit: str | None
    alt: str
    votes: int
    votes_in_words: str
    thumbnail: str
    picture: str
    original: str | None
    width: int
    height: int
    frame: str  # the class of a frame of its shape
    spoiler: bool
    tags: tuple[str, ...]
    preset: str | None
    shown_at: datetime

    @property
    def moment(self) -> str:
        """When it was first shown, as RFC 3339 has it."""
        return self.shown_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exhibit(say: Language, entry: Entry, home: str, root: str) -> Exhibit:
    """Return an entry as a page shows it. ``home`` is its gallery's address, ``root`` where all addresses begin."""
    things, alt = _said(say.code, entry.recipe)
    pictures = f"{root}/p/{entry.slug}"
    title = clean(entry.title or "").strip()
    return Exhibit(
        slug=entry.slug,
        number=entry.id,
        href=f"{home}/e/{entry.slug}",
        title=title or things[:1].upper() + things[1:],
        named=bool(title),
        credit=clean(entry.credit or "") or None,
        alt=alt,
        votes=entry.votes,
        votes_in_words=say.many("{count} vote", "{count} votes", entry.votes),
        thumbnail=f"{pictures}/thumb.webp" if entry.thumbnail_hash else f"{pictures}/picture",
        picture=f"{pictures}/picture",
        original=f"{pictures}/original" if entry.original_hash else None,
        width=entry.width,
        height=entry.height,
        frame=frame(entry.width, entry.height),
        spoiler=entry.spoiler,
        tags=tuple(filter(None, map(clean, entry.tags))),
        preset=clean(entry.preset or "") or None,
        shown_at=entry.shown_at or _NEVER,
    )


def frame(width: int, height: int) -> str:
    """Return the class of a frame of a picture's shape: a style of its own would need an unsafe policy."""
    hundredths = round(100 * width / max(1, height) / STEP) * STEP
    return f"r{min(WIDEST, max(NARROWEST, hundredths))}"


def recipe_of(entry: Entry) -> Recipe | None:
    """Return an entry's recipe; None where this version can no longer read it."""
    return _read(entry.recipe)


def recipe_in_words(say: Language, entry: Entry) -> str:
    """Say an entry's recipe in one line."""
    recipe = recipe_of(entry)
    return "" if recipe is None else wording.recipe(say, recipe)


def knobs(entry: Entry) -> dict[str, Any]:
    """Return an entry's recipe, name by name, without the hashes of pictures that are not shown."""
    recipe = recipe_of(entry)
    return {} if recipe is None else recipe.model_dump(mode="json", exclude=set(_HASHES))


def is_guided(entry: Entry) -> bool:
    """Tell whether an entry's dream needed a second picture."""
    return entry.guide_hash is not None or entry.mask_hash is not None


def date(say: Language, moment: datetime) -> str:
    """Say a day."""
    return format_date(moment, format="long", locale=say.code.replace("-", "_"))


@lru_cache(maxsize=4096)
def _said(code: str, recipe: str) -> tuple[str, str]:
    """Return what a recipe dreams of, and what its picture says to somebody who does not see it."""
    say = language_of(code)
    of = _read(recipe)
    if of is None:
        return say(texts.DREAM), say(texts.DREAM)
    return wording.about(say, of), alt_text(say, of)


@lru_cache(maxsize=1024)
def _read(recipe: str) -> Recipe | None:
    try:
        return Recipe.from_json(recipe)
    except EngineError:
        return None
