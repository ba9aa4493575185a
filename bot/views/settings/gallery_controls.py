"""The selects and buttons of the gallery's part of ``/settings``."""

from __future__ import annotations

import secrets
from typing import Any

import discord

from bot.errors import UserError
from bot.guild import GuildSettings, WebMode
from bot.views.admission import settings_here
from bot.views.settings import gallery_layout, gallery_panel, layout, panel
from bot.views.settings.controls import SettingsItem, template
from bot.views.settings.gallery_form import NumbersForm
from engine.sentences import mark

Interaction = discord.Interaction[Any]

KEY_BYTES = 16
CANNOT_POST = mark(
    "I may not post dreams in {channel}: let me see it, send messages and attach files there, then choose it again."
)
NO_PAGE = mark("The gallery of this server has no page on the web: choose one first.")


class Gallery(SettingsItem, template=template(layout.GALLERY)):
    """Show the gallery's settings."""

    async def act(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await gallery_panel.show(interaction)


class Mode(SettingsItem, template=template(gallery_layout.MODE)):
    """Who adds."""

    part = discord.ui.Select

    async def act(self, interaction: Interaction) -> None:
        await gallery_panel.change(interaction, self.version, mode=self.one())


class Channel(SettingsItem, template=template(gallery_layout.CHANNEL)):
    """Where each new dream of the gallery is posted."""

    part = discord.ui.ChannelSelect

    async def act(self, interaction: Interaction) -> None:
        channel_id = next(iter(self.ids()), None)
        if channel_id is not None and not panel.may_write(interaction.guild, channel_id, files=True):
            raise UserError(CANNOT_POST, channel=f"<#{channel_id}>")
        await gallery_panel.change(interaction, self.version, channel=channel_id)


class Web(SettingsItem, template=template(gallery_layout.WEB)):
    """Whether it has a page on the web.

    Its key is drawn when it is first to have one; the page calls the server as it is called when this is chosen.
    """

    part = discord.ui.Select

    async def act(self, interaction: Interaction) -> None:
        web, guild = self.one(), interaction.guild

        def to(settings: GuildSettings) -> GuildSettings:
            if web == WebMode.OFF:
                return settings.with_gallery(web=web)
            key = settings.gallery.web_key or _fresh_key()
            name = settings.gallery.web_name if guild is None else guild.name
            return settings.with_gallery(web=web, web_key=key, web_name=name)

        await gallery_panel.change_to(interaction, self.version, to)


class NewLink(SettingsItem, template=template(gallery_layout.NEW_LINK)):
    """Draw another key for the page: whoever has the old link sees nothing from now on."""

    async def act(self, interaction: Interaction) -> None:
        if settings_here(interaction).gallery.web is WebMode.OFF:
            raise UserError(NO_PAGE)
        await gallery_panel.change(interaction, self.version, web_key=_fresh_key())


class Numbers(SettingsItem, template=template(gallery_layout.NUMBERS)):
    """Ask for the gallery's numbers."""

    async def act(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(NumbersForm.of(interaction, self.version))


def _fresh_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


GALLERY_SETTINGS: tuple[type[SettingsItem], ...] = (Gallery, Mode, Channel, Web, NewLink, Numbers)
