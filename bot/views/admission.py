"""Who may dream where: what a server's moderators have settled, asked before anything is acknowledged."""

from __future__ import annotations

from typing import Any

import discord

from bot.errors import UserError
from bot.guild import GuildSettings
from bot.views.host import host_of
from engine.sentences import mark

Interaction = discord.Interaction[Any]

MOST_NAMED = 5
HIDDEN = "___hidden___"  # the name under which Discord hands us a channel that we may not see

NOT_HERE = mark("Dreaming is not allowed in this channel. Try it in {places}.")
NOT_HERE_ALONE = mark("Dreaming is not allowed in this channel, and I know of none that you could use instead.")
NEEDS_ROLE = mark("To dream in this server you need a role: {roles}. Ask a moderator for it.")
NEEDS_GONE_ROLE = mark("To dream in this server you need a role that is no longer there: please tell a moderator.")


def settings_here(interaction: Interaction) -> GuildSettings:
    """Return what holds where somebody acts."""
    return host_of(interaction).guild_settings.of(interaction.guild_id)


def admit(interaction: Interaction) -> None:
    """Let somebody dream here. Raises UserError that says where they may, what they need, or that nobody may now."""
    host_of(interaction).admin.check_dreams()
    settings = settings_here(interaction)
    if settings.channels and not _where(interaction) & set(settings.channels):
        places = _places(interaction, settings)
        raise UserError(NOT_HERE, places=places) if places else UserError(NOT_HERE_ALONE)
    if settings.roles and not has_one(interaction, settings.roles):
        names = _names(interaction, settings)
        raise UserError(NEEDS_ROLE, roles=names) if names else UserError(NEEDS_GONE_ROLE)


def most_film_s(interaction: Interaction) -> float:
    """Return how long a film may be where somebody acts, in seconds; 0: none is made there."""
    most, theirs = host_of(interaction).settings.max_film_seconds, settings_here(interaction).film_seconds
    return most if theirs is None else min(most, theirs)


def has_one(interaction: Interaction, roles: tuple[int, ...] | frozenset[int]) -> bool:
    """Tell whether whoever acts has one of ``roles``; in direct messages nobody has any."""
    member = interaction.user
    if not isinstance(member, discord.Member):
        return False
    # Everybody has the role that has the server's id, and it is not among those that Discord lists.
    return interaction.guild_id in roles or any(member.get_role(role) is not None for role in roles)


def is_hidden(channel: discord.abc.GuildChannel) -> bool:
    """Tell whether Discord has shown us of a channel that it is there, and nothing else."""
    return channel.name == HIDDEN


def _where(interaction: Interaction) -> set[int | None]:
    """Return the channel and, of a thread or a forum's post, the channel that it belongs to."""
    return {interaction.channel_id, getattr(interaction.channel, "parent_id", None)} - {None}


def _places(interaction: Interaction, settings: GuildSettings) -> tuple[str, ...]:
    """Name allowed channels that whoever asks can see: links to them, which call nobody."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return ()
    found = (guild.get_channel(channel) for channel in settings.channels)
    seen = [
        channel.mention
        for channel in found
        if channel is not None and not is_hidden(channel) and channel.permissions_for(member).view_channel
    ]
    return tuple(seen[:MOST_NAMED])


def _names(interaction: Interaction, settings: GuildSettings) -> tuple[str, ...]:
    """Name the roles in plain words: a mention would call everybody who has them."""
    guild = interaction.guild
    found = [guild.get_role(role) for role in settings.roles] if guild is not None else []
    return tuple(f"“{plain(role.name)}”" for role in found if role is not None)[:MOST_NAMED]


def plain(name: str) -> str:
    """Return a name that somebody chose as text that marks up nothing and calls nobody."""
    return discord.utils.escape_mentions(discord.utils.escape_markdown(name))
