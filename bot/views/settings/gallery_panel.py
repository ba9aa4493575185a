"""The gallery's part of ``/settings``: its changes, and how it is shown; the message is the panel's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord

from bot.guild import GallerySettings, GuildSettings, Versioned, WebMode
from bot.language import language_of
from bot.settings import Settings
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.settings import gallery_layout, panel
from bot.views.settings.gallery_layout import Shown

Interaction = discord.Interaction[Any]


async def change(interaction: Interaction, version: int, **values: Any) -> None:
    """Change settings of the gallery for who has seen ``version`` of all, and show them. Raises UserError."""
    await change_to(interaction, version, lambda settings: settings.with_gallery(**values))


async def change_to(interaction: Interaction, version: int, to: Callable[[GuildSettings], GuildSettings]) -> None:
    """Do that by a function from the settings as they are. Raises UserError."""
    await panel.change_to(interaction, version, to, put)


async def show(interaction: Interaction) -> None:
    """Show the gallery's settings in the message that was pressed; that is acknowledged already."""
    guild_id = panel.guild_of(interaction)
    await put(interaction, await host_of(interaction).guild_settings.refresh(guild_id), log_lost=False)


async def put(interaction: Interaction, now: Versioned, *, log_lost: bool) -> None:
    """Make the gallery's settings what the reply shows."""
    guild, gallery = interaction.guild, now.settings.gallery
    own: Settings = host_of(interaction).settings
    shown = Shown(
        now,
        panel.channels_of(guild),
        _restricted(guild, gallery.channel),
        has_address=own.web_url is not None,
        page=page_of(own, gallery),
        log_lost=log_lost,
    )
    view = gallery_layout.gallery(language_of(interaction.locale.value), shown)
    await interaction.edit_original_response(view=view, allowed_mentions=NOBODY)


def page_of(settings: Settings, gallery: GallerySettings) -> str | None:
    """Return the address of a gallery's page on the web; None where it has none."""
    url = settings.web_url
    if url is None or gallery.web is WebMode.OFF or gallery.web_key is None:
        return None
    return f"{url.rstrip('/')}/g/{gallery.web_key}"


def _restricted(guild: discord.Guild | None, channel_id: int | None) -> bool | None:
    """Tell whether the gallery channel is age-restricted; None where we may not post there."""
    channel = guild.get_channel(channel_id) if guild is not None and channel_id is not None else None
    if channel is None or not panel.may_write(guild, channel.id, files=True):
        return None
    return bool(getattr(channel, "nsfw", True))
