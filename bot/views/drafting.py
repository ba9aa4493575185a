"""From a command's options to a draft: what several commands have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot import recipes
from bot.drafts import Ask, Draft
from bot.errors import UserError
from bot.preset import LONGEST_REFERENCE
from bot.views import asking
from bot.views.dream_form import ask_for_picture
from bot.views.gallery.visiting import entry_named, visitor_of
from bot.views.host import host_of, viewer_of
from bot.views.pictures import MIB, check, moves
from engine.sentences import mark
from engine.vocabulary.sums import MAX_LENGTH

Interaction = discord.Interaction[Any]

AVATAR_PIXELS = 1024
AVATAR, NEWEST = "avatar", "newest"

NO_DREAM_HERE = mark("There is no dream of mine here that I could dream on: send a picture with /dream.")

LOOKS = [
    app_commands.Choice(name="classic: wild, as in 2015", value="classic"),
    app_commands.Choice(name="natural: the photo stays, whole things grow in it", value="natural"),
]
ORIGINS = [
    app_commands.Choice(name="my avatar", value=AVATAR),
    app_commands.Choice(name="the newest dream here", value=NEWEST),
]

Seed = app_commands.Range[int, int(recipes.bounds("seed")[0]), int(recipes.bounds("seed")[1])]
Reference = app_commands.Range[str, 1, LONGEST_REFERENCE]
Words = app_commands.Range[str, 1, MAX_LENGTH]


def attached(interaction: Interaction, **given: discord.Attachment | None) -> dict[str, Any]:
    """Return what an Ask says of attached pictures: ``image``, ``guide``, ``mask``. Raises UserError.

    The image may be a moving one, the others may not.
    """
    fields: dict[str, Any] = {}
    for name, picture in given.items():
        if picture is not None:
            is_image = name == "image"
            check(picture, host_of(interaction).settings.max_upload_mib * MIB, moving=is_image)
            fields["source_url" if is_image else f"{name}_url"] = picture.url
            if is_image:
                fields["moving"] = moves(picture)
    if any(picture is not None and picture.is_spoiler() for picture in given.values()):
        fields["spoiler"] = True
    return fields


async def drafted(
    interaction: Interaction,
    ask: Ask,
    said: Mapping[str, Any],
    *,
    preset: str | None,
    origin: str | None,
    private: bool,
) -> Draft | None:
    """Return the draft of what options say (``said``, by field; None: nothing), of the picture in ``ask`` or an origin.

    None where there is neither: then a form asks for a picture, and goes on. Raises UserError and RecipeError.
    """
    named = {name: value for name, value in said.items() if value is not None}
    draft = Draft(ask, named, private, open=preset is None)
    if preset is not None:
        draft = await beginning_with(interaction, draft, preset)
    if ask.source_url is None and origin is None:
        await ask_for_picture(interaction, draft)
        return None
    return draft if ask.source_url is not None else await from_origin(interaction, draft, origin)


async def beginning_with(interaction: Interaction, draft: Draft, preset: str) -> Draft:
    """Return ``draft`` with a preset or, as a gallery's web page says it, an entry before it. Raises UserError."""
    number = entry_named(preset)
    if number is not None:
        return draft.remixing(await host_of(interaction).gallery.get(visitor_of(interaction), number))
    return draft.on(await host_of(interaction).presets.named(viewer_of(interaction), preset))


async def from_origin(interaction: Interaction, draft: Draft, origin: str | None) -> Draft:
    """Return ``draft`` with a picture that is already there. Raises UserError where it is not."""
    if origin == AVATAR:
        avatar = interaction.user.display_avatar.replace(format="png", size=AVATAR_PIXELS)
        return replace(draft, ask=replace(draft.ask, source_url=avatar.url))
    job = await host_of(interaction).newest.dream_in(
        interaction.channel_id or 0, viewer_id=interaction.user.id, restricted=asking.restricted(interaction)
    )
    if job is None:
        raise UserError(NO_DREAM_HERE)
    ask = replace(draft.ask, source_hash=job.result_hash, parent_id=job.id, spoiler=draft.ask.spoiler or job.spoiler)
    return replace(draft, ask=ask, private=draft.private or job.private)
