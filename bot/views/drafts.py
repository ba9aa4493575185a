"""Drafts: dreams that somebody has begun to ask for, and how they are asked for in the end."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot import recipes
from bot.errors import UserError
from bot.job import Job
from bot.presets import Preset, networks
from bot.views import asking
from bot.views.admission import settings_here
from bot.views.asking import Ask
from bot.views.host import host_of, viewer_of
from engine.errors import RecipeError
from engine.recipe import Recipe
from engine.sentences import mark

Interaction = discord.Interaction[Any]

MOST_KEPT = 1000
KEPT_S = 3600.0

FORGOTTEN = mark("What you had written here is no longer kept: please begin anew, with /dream or the dream's buttons.")


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
        ask = replace(self.ask, recipe=recipe, guide_hash=preset.guide_hash, mask_hash=preset.mask_hash)
        return replace(self, ask=ask, open=False)

    def finished(self) -> Ask:
        """Return what is asked for. Raises RecipeError."""
        ask = self.ask
        given = [name for name, url in (("guide", ask.guide_url), ("mask", ask.mask_url)) if url is not None]
        recipe = recipes.changed(ask.recipe, self.said, given)
        guide_hash = ask.guide_hash if recipes.guided(recipe) and ask.guide_url is None else None
        mask_hash = ask.mask_hash if recipe.where == "mask" and ask.mask_url is None else None
        recipes.check_pictures(
            recipe, guide=(ask.guide_url or guide_hash) is not None, mask=(ask.mask_url or mask_hash) is not None
        )
        return replace(ask, recipe=recipe, guide_hash=guide_hash, mask_hash=mask_hash)


def plain(interaction: Interaction, **pictures: Any) -> Ask:
    """Ask for a dream as the bot dreams where nobody says how, with a seed of its own."""
    size, most = host_of(interaction).settings.dream_size, settings_here(interaction).max_size
    return Ask(Recipe(size=size if most is None else min(size, most), seed=recipes.fresh_seed()), **pictures)


async def settled(interaction: Interaction, drafts: Sequence[Draft]) -> list[Draft]:
    """Let open drafts begin from the person's default preset, or else the server's. Raises UserError."""
    preset = None
    if any(draft.open for draft in drafts):
        preset = await _default(interaction)
    return [draft.on(preset) if draft.open and preset else replace(draft, open=False) for draft in drafts]


async def _default(interaction: Interaction) -> Preset | None:
    presets, viewer = host_of(interaction).presets, viewer_of(interaction)
    own = await presets.default_of(viewer)
    chosen = settings_here(interaction).default_preset
    if own is not None or chosen is None:
        return own
    try:
        found = await presets.tagged(viewer, chosen.tag)
        networks.usable(found)
    except UserError:  # it is gone, or its network is: not for whoever dreams here to mend
        return None
    return found


async def begin(interaction: Interaction, drafts: Sequence[Draft]) -> list[Job]:
    """Ask for the dreams of ``drafts``, which are all private or none, in one message; return the jobs.

    Of several, no more are begun than the person may have waiting. Raises UserError and RecipeError.
    """
    host = host_of(interaction)
    try:
        asks = [draft.finished() for draft in drafts]
    except RecipeError:  # what the bot's own recipe does not allow, a default preset's network may
        drafts = await settled(interaction, drafts)
        asks = [draft.finished() for draft in drafts]
    requests = await asking.accept(interaction, asks, private=drafts[0].private)
    if any(draft.open for draft in drafts):  # looked up only now: the acknowledgement waits for no database
        asks = [asking.fitted(interaction, draft.finished())[0] for draft in await settled(interaction, drafts)]
        requests = [
            replace(request, recipe=ask.recipe.to_json(), guide_hash=ask.guide_hash, mask_hash=ask.mask_hash)
            for request, ask in zip(requests, asks, strict=True)
        ]
    if len(requests) > 1:
        waiting = len(await host.jobs.live(person_id=interaction.user.id))
        own, theirs = host.settings.max_queued_per_person, settings_here(interaction).person.waiting
        most = own if theirs is None else min(own, theirs)
        requests = requests[: max(1, most - waiting)]
    return await host.jobs.accept(*requests)


@dataclass(frozen=True)
class Kept:
    """A draft that is kept for a person, and what they typed into its form, by field."""

    person_id: int
    draft: Draft
    texts: Mapping[str, str]


class Drafts:
    """Drafts behind open forms, in memory: a restart forgets them, and their number and time are bounded."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Kept]] = OrderedDict()

    def keep(self, kept: Kept) -> str:
        """Keep a draft; return its key."""
        now = self._clock()
        while self._kept and (len(self._kept) >= MOST_KEPT or next(iter(self._kept.values()))[0] < now):
            self._kept.popitem(last=False)
        key = secrets.token_urlsafe(12)
        self._kept[key] = (now + KEPT_S, kept)
        return key

    def get(self, key: str, person_id: int) -> Kept:
        """Return what is kept under ``key``. Raises UserError where nothing is, or somebody else's."""
        until, kept = self._kept.get(key, (0.0, None))
        if kept is None or until < self._clock() or kept.person_id != person_id:
            raise UserError(FORGOTTEN)
        return kept
