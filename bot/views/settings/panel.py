"""What every act of ``/settings`` has in common: who may, the change itself, and the panel as it is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import discord

from bot.errors import UserError
from bot.guild import GuildSettings, Versioned
from bot.language import language_of
from bot.preset import Owner, Preset
from bot.views import logbook
from bot.views.admission import is_hidden
from bot.views.host import host_of, viewer_of
from bot.views.layouts import NOBODY
from bot.views.settings import layout as settings_layout
from bot.views.settings.layout import Panel
from engine.sentences import mark

Interaction = discord.Interaction[Any]

MODERATORS_ONLY = mark("Only somebody who may manage this server can look at its settings and change them.")
NO_SERVER = mark("Settings belong to a server: use /settings in one of its channels.")


class Put(Protocol):
    """Makes a view of the settings what the reply shows."""

    async def __call__(self, interaction: Interaction, now: Versioned, *, log_lost: bool) -> None: ...


def guild_of(interaction: Interaction) -> int:
    """Return the server whose settings somebody acts on, who may manage it now. Raises UserError."""
    if interaction.guild_id is None:
        raise UserError(NO_SERVER)
    if not interaction.permissions.manage_guild:
        raise UserError(MODERATORS_ONLY)
    return interaction.guild_id


async def change(interaction: Interaction, version: int, **values: Any) -> None:
    """Change settings for who has seen ``version`` of them, write it down, show the panel. Raises UserError."""
    await change_to(interaction, version, lambda settings: settings.changed(**values), put)


async def change_to(
    interaction: Interaction, version: int, to: Callable[[GuildSettings], GuildSettings], then: Put
) -> None:
    """Change settings for who has seen ``version`` of them, write it down, show them by ``then``. Raises UserError.

    They are shown anew also where somebody else was faster.
    """
    guild_id, guilds = guild_of(interaction), host_of(interaction).guild_settings
    await interaction.response.defer()
    try:
        changes = await guilds.change(guild_id, interaction.user.id, version, to)
    except UserError:
        await then(interaction, guilds.versioned(guild_id), log_lost=False)
        raise
    written = await logbook.changed(interaction, changes)
    await then(interaction, guilds.versioned(guild_id), log_lost=not written)


async def show(interaction: Interaction) -> None:
    """Show the panel, in the reply or in the message that was pressed; that is acknowledged already."""
    await put(interaction, await host_of(interaction).guild_settings.refresh(guild_of(interaction)))


async def show_changes(interaction: Interaction, version: int) -> None:
    """Show who changed what last; the press is acknowledged already."""
    found = await host_of(interaction).guild_settings.changes(guild_of(interaction))
    view = settings_layout.changes(language_of(interaction.locale.value), found, version)
    await interaction.edit_original_response(view=view, allowed_mentions=NOBODY)


async def put(interaction: Interaction, now: Versioned, *, log_lost: bool = False) -> None:
    """Make the panel what the reply shows."""
    guild, log_channel = interaction.guild, now.settings.log_channel
    of = Panel(
        now,
        channels_of(guild),
        frozenset(one.id for one in guild.roles) if guild is not None else frozenset(),
        await presets_of(interaction),
        log_lost or (log_channel is not None and not may_write(guild, log_channel)),
    )
    view = settings_layout.panel(language_of(interaction.locale.value), of)
    await interaction.edit_original_response(view=view, allowed_mentions=NOBODY)


async def presets_of(interaction: Interaction) -> list[Preset]:
    """Return the presets that everybody in the server can use."""
    found = await host_of(interaction).presets.all(viewer_of(interaction))
    return [one for one in found if one.owner is not Owner.PERSON]


def channels_of(guild: discord.Guild | None) -> frozenset[int]:
    """Return the channels of a server that can be named."""
    return frozenset() if guild is None else frozenset(one.id for one in guild.channels if not is_hidden(one))


def may_write(guild: discord.Guild | None, channel_id: int, *, files: bool = False) -> bool:
    """Tell whether we may write into a channel, as far as we know; ``files``: attach some, too."""
    channel = guild.get_channel(channel_id) if guild is not None else None
    if guild is None or channel is None or is_hidden(channel):
        return False
    ours = channel.permissions_for(guild.me)
    return ours.view_channel and ours.send_messages and (ours.attach_files or not files)
