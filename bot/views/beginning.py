"""From drafts to dreams: what they begin from where nobody says how, and how they are asked for in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot import recipes
from bot.drafts import Ask, Draft
from bot.errors import PassingError, UserError
from bot.job import Job, Request
from bot.presets import Preset, networks
from bot.views import asking
from bot.views.admission import settings_here
from bot.views.host import host_of, viewer_of
from bot.views.slow import told_if_slow
from engine.errors import RecipeError
from engine.recipe import Recipe

Interaction = discord.Interaction[Any]


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
    except PassingError:
        raise
    except UserError:  # it is gone, or its network is: not for whoever dreams here to mend
        return None
    return found


async def begin(interaction: Interaction, drafts: Sequence[Draft], *, here: bool = False) -> list[Job]:
    """Ask for the dreams of ``drafts``, which are all private or none, in one message; return the jobs.

    ``here``: in the message that was pressed, which becomes theirs. Of several, no more are begun than the person may
    have waiting. Raises UserError and RecipeError.
    """
    try:
        asks = [draft.finished() for draft in drafts]
    except RecipeError:  # what the bot's own recipe does not allow, a default preset's network may
        drafts = await settled(interaction, drafts)
        asks = [draft.finished() for draft in drafts]
    requests = await asking.accept(interaction, asks, private=drafts[0].private, here=here)
    work = _written_down(interaction, drafts, requests)
    return await (work if here else told_if_slow(interaction, work, host_of(interaction).jobs.show))


async def _written_down(interaction: Interaction, drafts: Sequence[Draft], requests: Sequence[Request]) -> list[Job]:
    host = host_of(interaction)
    if any(draft.open for draft in drafts):  # looked up only now: the acknowledgement waits for no database
        asks = [asking.fitted(interaction, draft.finished())[0] for draft in await settled(interaction, drafts)]
        requests = [
            replace(
                request,
                recipe=ask.recipe.to_json(),
                guide_hash=ask.guide_hash,
                mask_hash=ask.mask_hash,
                preset=ask.preset,
            )
            for request, ask in zip(requests, asks, strict=True)
        ]
    if len(requests) > 1:
        waiting = len(await host.jobs.live(person_id=interaction.user.id))
        own, theirs = host.settings.max_queued_per_person, settings_here(interaction).person.waiting
        most = own if theirs is None else min(own, theirs)
        requests = requests[: max(1, most - waiting)]
    return await host.jobs.accept(*requests)
