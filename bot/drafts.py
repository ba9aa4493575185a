"""Drafts: dreams that somebody has begun to ask for. Free of Discord: what is said, and what it comes to."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, Self, TypeVar

from bot import recipes
from bot.entry import Entry, Wish
from bot.errors import UserError
from bot.film import FilmAsk
from bot.job import Job
from bot.preset import Owner
from bot.presets import Preset, networks
from engine.recipe import Recipe
from engine.sentences import mark

MOST_KEPT = 1000
KEPT_S = 3600.0
KEY = r"[A-Za-z0-9_-]{16}"  # what a draft is kept under, as a pattern

FORGOTTEN = mark("What you had written here is no longer kept: please begin anew, with /dream or the dream's buttons.")


@dataclass(frozen=True)
class Ask:
    """One dream that somebody asks for.

    Its pictures are named by an address to fetch them from, or by the hash of one that is ours already: then
    ``parent_id`` is the job that it belongs to.
    """

    recipe: Recipe
    source_url: str | None = None
    source_hash: str | None = None
    guide_url: str | None = None
    guide_hash: str | None = None
    mask_url: str | None = None
    mask_hash: str | None = None
    parent_id: int | None = None
    spoiler: bool = False
    preset: str | None = None  # what the preset it begins from is called, unless that is a person's own
    borrowed: bool = False  # the picture is from somebody else's message
    film: FilmAsk | None = None  # None: a picture
    moving: bool = False  # the picture may move, as far as its name says

    @classmethod
    def again(cls, job: Job, source_hash: str) -> Self:
        """Ask for a job's dream once more, on its photo or its picture."""
        return cls(
            Recipe.from_json(job.recipe),
            source_hash=source_hash,
            guide_hash=job.guide_hash,
            mask_hash=job.mask_hash,
            parent_id=job.id,
            spoiler=job.spoiler,
            preset=job.preset,
            film=None if job.film is None else FilmAsk.from_json(job.film),
        )


@dataclass(frozen=True)
class Draft:
    """What a person has said so far: which pictures (``ask``), and by name the fields of the recipe they want changed.

    ``ask.recipe`` is what they begin from. ``open``: they have not said from what, so that their default preset goes
    before it.
    """

    ask: Ask
    said: Mapping[str, Any] = field(default_factory=dict)
    private: bool = False
    open: bool = False

    def on(self, preset: Preset) -> Draft:
        """Begin from a preset, but for its size and seed. Raises UserError where its network is gone."""
        own = {"size": self.ask.recipe.size, "seed": self.ask.recipe.seed}
        recipe = networks.usable(preset).model_copy(update=own)
        ask = replace(
            self.ask,
            recipe=recipe,
            guide_hash=preset.guide_hash,
            mask_hash=preset.mask_hash,
            preset=None if preset.owner is Owner.PERSON else preset.reference,
        )
        return replace(self, ask=ask, open=False)

    def remixing(self, entry: Entry) -> Draft:
        """Begin from what an entry of a gallery was dreamed with, but for size and seed. Raises RecipeError."""
        own = {"size": self.ask.recipe.size, "seed": self.ask.recipe.seed}
        ask = replace(
            self.ask,
            recipe=Recipe.from_json(entry.recipe).model_copy(update=own),
            guide_hash=entry.guide_hash,
            mask_hash=entry.mask_hash,
            preset=entry.preset,
        )
        return replace(self, ask=ask, open=False)

    def finished(self) -> Ask:
        """Return what is asked for. Raises RecipeError, also for a film of what only pictures can be."""
        ask = self.ask
        given = [name for name, url in (("guide", ask.guide_url), ("mask", ask.mask_url)) if url is not None]
        recipe = recipes.changed(ask.recipe, self.said, given)
        if ask.film is not None:
            ask.film.film.check(recipe)
        guide_hash = ask.guide_hash if recipes.guided(recipe) and ask.guide_url is None else None
        mask_hash = ask.mask_hash if recipe.where == "mask" and ask.mask_url is None else None
        recipes.check_pictures(
            recipe, guide=(ask.guide_url or guide_hash) is not None, mask=(ask.mask_url or mask_hash) is not None
        )
        return replace(ask, recipe=recipe, guide_hash=guide_hash, mask_hash=mask_hash)


@dataclass(frozen=True)
class Kept:
    """A draft that is kept for a person, and what they typed into its form, by field."""

    person_id: int
    draft: Draft
    texts: Mapping[str, str]


@dataclass(frozen=True)
class KeptWish:
    """How a person wants a job's dream to stand in a gallery, as they said in its form."""

    person_id: int
    job_id: int
    wish: Wish


class Typed(Protocol):
    """What somebody typed."""

    @property
    def person_id(self) -> int: ...


K = TypeVar("K", bound=Typed)


class Drafts(Generic[K]):
    """What is behind open forms, in memory: a restart forgets it, and its number and time are bounded."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, K]] = OrderedDict()

    def keep(self, kept: K) -> str:
        """Keep a draft; return its key."""
        now = self._clock()
        while self._kept and (len(self._kept) >= MOST_KEPT or next(iter(self._kept.values()))[0] < now):
            self._kept.popitem(last=False)
        key = secrets.token_urlsafe(12)
        self._kept[key] = (now + KEPT_S, kept)
        return key

    def get(self, key: str, person_id: int) -> K:
        """Return what is kept under ``key``. Raises UserError where nothing is, or somebody else's."""
        until, kept = self._kept.get(key) or (0.0, None)
        if kept is None or until < self._clock() or kept.person_id != person_id:
            raise UserError(FORGOTTEN)
        return kept

    def forget(self, key: str) -> None:
        """Keep no longer what is kept under ``key``."""
        self._kept.pop(key, None)
