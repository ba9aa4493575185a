"""What of the server's gallery is offered under a dream."""

from __future__ import annotations

from typing import Any

import discord

from bot.guild import GalleryMode, GallerySettings
from bot.job import Job
from bot.views.host import host_of
from bot.views.layouts import Museum


def museum_of(settings: GallerySettings, votes: int) -> Museum | None:
    """Return what is offered by a gallery's settings; ``votes``: that the dream has."""
    if settings.mode is GalleryMode.CLOSED:
        return None
    return Museum(None if settings.votes_to_add is None else votes)


async def museum_here(interaction: discord.Interaction[Any], job: Job) -> Museum | None:
    """Return what is offered under a dream where somebody acts, None where the dream is from elsewhere."""
    guild_id = interaction.guild_id
    if guild_id is None or guild_id != job.guild_id or interaction.client.get_guild(guild_id) is None:
        return None
    gallery = host_of(interaction).gallery
    settings = gallery.settings_of(guild_id)
    votes = 0 if settings.votes_to_add is None else await gallery.votes_for_dream(guild_id, job)
    return museum_of(settings, votes)
