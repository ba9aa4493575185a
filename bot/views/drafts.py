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
from bot.preset import Preset, Viewer
from bot.presets import networks
from bot.views import asking
from bot.views.admission import settled
from bot.views.asking import Ask
from bot.views.host import host_of
from engine.recipe import Recipe
from engine.sentences import mark

Interaction = discord.Interaction[Any]

MOST_KEPT = 1000
KEPT_S = 3600.0

FORGOTTEN = mark("What you had written here is no longer kept: please begin anew, with /dream or the dream's buttons.")


@dataclass(frozen=True)
class Draft:
    """What a person has said so far: which pictures (``ask``), and by name the fields of the recipe they want changed.

    ``ask.recipe`` is what they begin from.
    """

    ask: Ask
    said: Mapping[str, Any] = field(default_factory=dict)
    private: bool = False

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


async def plain(interaction: Interaction, **pictures: Any) -> Ask:
    """Ask for a dream as it is dreamed here where nobody says how, with a seed of its own.

    By the person's default preset, else by the server's, else as the bot dreams. Raises UserError where the person's
    cannot be dreamed any more, which they can mend.
    """
    preset = await _default(interaction)
    recipe = Recipe() if preset is None else networks.usable(preset)
    size = host_of(interaction).settings.dream_size
    most = settled(interaction).max_size
    fresh = {"size": size if most is None else min(size, most), "seed": recipes.fresh_seed()}
    beside = {} if preset is None else {"guide_hash": preset.guide_hash, "mask_hash": preset.mask_hash}
    return Ask(recipe.model_copy(update=fresh), **(beside | pictures))


async def _default(interaction: Interaction) -> Preset | None:
    presets, viewer = host_of(interaction).presets, Viewer(interaction.user.id, interaction.guild_id)
    own = await presets.default_of(viewer)
    chosen = settled(interaction).default_preset
    if own is not None or chosen is None:
        return own
    try:
        found = await presets.tagged(viewer, chosen.tag)
        networks.usable(found)
    except UserError:  # it is gone, or its network is: the panel of /settings shows that to who can mend it
        return None
    return found


async def begin(interaction: Interaction, drafts: Sequence[Draft]) -> list[Job]:
    """Ask for the dreams of ``drafts``, which are all private or none, in one message; return the jobs.

    Of several, no more are begun than the person may have waiting. Raises UserError and RecipeError.
    """
    host = host_of(interaction)
    asks = [draft.finished() for draft in drafts]
    requests = await asking.accept(interaction, asks, private=drafts[0].private)
    if len(requests) > 1:
        waiting = len(await host.jobs.live(person_id=interaction.user.id))
        most = min(host.settings.max_queued_per_person, settled(interaction).person.waiting or MOST_KEPT)
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
