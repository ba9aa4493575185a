"""From an interaction to a Request: what is written down of who asks, and where."""

from __future__ import annotations

from typing import Any

import discord

from bot.errors import UserError
from bot.fail_points import FailPoint, fail_point
from bot.job import Request
from bot.views.host import host_of
from engine.recipe import Recipe

PRIORITY = 2.0
THINKS_IN_PUBLIC = "oneiros: everybody sees it think"  # a key of Interaction.extras


def restricted(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the place is age-restricted. Unknown counts as restricted: a thread whose parent is not cached
    looks harmless and may not be.
    """
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return channel.parent is None or channel.parent.is_nsfw()
    nsfw = getattr(channel, "nsfw", None)
    return True if nsfw is None else bool(nsfw)


def weight(interaction: discord.Interaction[Any]) -> float:
    """Return how much a job asked for here weighs in the fair order."""
    if not isinstance(interaction.user, discord.Member):  # in a direct message nobody has roles
        return 1.0
    roles = host_of(interaction).settings.priority_roles
    return PRIORITY if any(interaction.user.get_role(role) for role in roles) else 1.0


async def accept(
    interaction: discord.Interaction[Any],
    recipe: Recipe,
    *,
    source_url: str | None = None,
    source_hash: str | None = None,
    parent_id: int | None = None,
) -> Request:
    """Acknowledge with a public "thinking…", which becomes the job's one message, and return what to write down."""
    acknowledged = await interaction.response.defer(thinking=True)
    fail_point(FailPoint.ACKNOWLEDGED)
    interaction.extras[THINKS_IN_PUBLIC] = True
    if interaction.channel_id is None:
        raise UserError("Discord did not say where this came from: please try it in a channel.")
    message_id = acknowledged.message_id if acknowledged is not None else None
    if message_id is None:  # by it the buttons are checked, and the message is edited when the token is dead
        message_id = (await interaction.original_response()).id
    return Request(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        token=interaction.token,
        token_expires_at=interaction.expires_at,
        person_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        message_id=message_id,
        filesize_limit=interaction.filesize_limit,
        restricted=restricted(interaction),
        recipe=recipe.to_json(),
        source_url=source_url,
        source_hash=source_hash,
        parent_id=parent_id,
        weight=weight(interaction),
    )
