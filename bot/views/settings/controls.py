"""The selects and buttons of ``/settings``. Each carries the version of the settings that its panel shows."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Self

import discord
from discord.ui.select import BaseSelect

from bot.errors import UserError
from bot.guild import ChosenPreset
from bot.presets.service import GONE as PRESET_GONE
from bot.views.admission import settings_here
from bot.views.lasting import Lasting
from bot.views.settings import layout, panel
from bot.views.settings.forms import BoundsForm
from engine.sentences import mark

Interaction = discord.Interaction[Any]

CANNOT_WRITE = mark("I may not write in {channel}: let me see it and send messages there, then choose it again.")


def template(act: str) -> str:
    return rf"oneiros:settings:{act}:(?P<version>[0-9]{{1,9}})"


class SettingsItem(Lasting[discord.ui.Item[Any]], template=r"(?!)"):
    """A part of the panel: who acts on it may manage the server, by what Discord says in that very act."""

    part: ClassVar[Callable[..., discord.ui.Item[Any]]] = discord.ui.Button

    def __init__(self, custom_id: str, version: int) -> None:
        super().__init__(type(self).part(custom_id=custom_id))
        self.version = version

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match[0], int(match["version"]))

    async def pressed(self, interaction: Interaction) -> None:
        panel.guild_of(interaction)
        await self.act(interaction)

    @abstractmethod
    async def act(self, interaction: Interaction) -> None:
        """Do what the part is for."""

    def chosen(self) -> list[Any]:
        """Return what was chosen in a select."""
        return list(self.item.values) if isinstance(self.item, BaseSelect) else []

    def one(self) -> str | None:
        """Return the one value that was chosen, None for the choice that takes a setting away."""
        value = next(iter(self.chosen()), layout.NONE)
        return None if value == layout.NONE else str(value)

    def ids(self) -> tuple[int, ...]:
        """Return the channels or roles that were chosen."""
        return tuple(sorted(one.id for one in self.chosen()))


class Channels(SettingsItem, template=template(layout.CHANNELS)):
    """Where dreaming is allowed."""

    part = discord.ui.ChannelSelect

    async def act(self, interaction: Interaction) -> None:
        await panel.change(interaction, self.version, channels=self.ids())


class Roles(SettingsItem, template=template(layout.ROLES)):
    """Who may dream."""

    part = discord.ui.RoleSelect

    async def act(self, interaction: Interaction) -> None:
        await panel.change(interaction, self.version, roles=self.ids())


class PriorityRoles(SettingsItem, template=template(layout.PRIORITY)):
    """Whose dreams come sooner."""

    part = discord.ui.RoleSelect

    async def act(self, interaction: Interaction) -> None:
        await panel.change(interaction, self.version, priority_roles=self.ids())


class Speaks(SettingsItem, template=template(layout.LANGUAGE)):
    """The language of the dreams' messages."""

    part = discord.ui.Select

    async def act(self, interaction: Interaction) -> None:
        await panel.change(interaction, self.version, language=self.one())


class Size(SettingsItem, template=template(layout.SIZE)):
    """The largest size of a dream."""

    part = discord.ui.Select

    async def act(self, interaction: Interaction) -> None:
        await panel.change(interaction, self.version, max_size=self.one())


class Films(SettingsItem, template=template(layout.FILMS)):
    """Whether films are made, and how long they may be."""

    part = discord.ui.Select

    async def act(self, interaction: Interaction) -> None:
        await panel.change(interaction, self.version, film_seconds=self.one())


class DefaultPreset(SettingsItem, template=template(layout.PRESET)):
    """The preset where nobody names one."""

    part = discord.ui.Select

    async def act(self, interaction: Interaction) -> None:
        tag = self.one()
        offered = {one.tag: one for one in await panel.presets_of(interaction)}
        if tag is not None and tag not in offered:
            raise UserError(PRESET_GONE)
        chosen = None if tag is None else ChosenPreset(tag=tag, name=offered[tag].name).model_dump()
        await panel.change(interaction, self.version, default_preset=chosen)


class Log(SettingsItem, template=template(layout.LOG)):
    """Where changes are written, and what moderators do."""

    part = discord.ui.ChannelSelect

    async def act(self, interaction: Interaction) -> None:
        channel_id = next(iter(self.ids()), None)
        if channel_id is not None and not panel.may_write(interaction.guild, channel_id):
            raise UserError(CANNOT_WRITE, channel=f"<#{channel_id}>")
        await panel.change(interaction, self.version, log_channel=channel_id)


class Previews(SettingsItem, template=template(layout.PREVIEWS)):
    """Whether previews are shown: the other way than its panel shows it, since that is the same version or refused."""

    async def act(self, interaction: Interaction) -> None:
        await panel.change(interaction, self.version, previews=not settings_here(interaction).previews)


class Limits(
    SettingsItem, template=rf"oneiros:settings:(?P<whose>{layout.PERSON}|{layout.SERVER}):(?P<version>[0-9]{{1,9}})"
):
    """Ask for the limits of one person, or of the server."""

    async def act(self, interaction: Interaction) -> None:
        whose = layout.PERSON if f":{layout.PERSON}:" in self.custom_id else layout.SERVER
        await interaction.response.send_modal(BoundsForm.of(interaction, whose, self.version))


class Changes(SettingsItem, template=template(layout.CHANGES)):
    """Show the last changes."""

    async def act(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await panel.show_changes(interaction, self.version)


class Back(SettingsItem, template=template(layout.PANEL)):
    """Show the panel again."""

    async def act(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await panel.show(interaction)


SETTINGS: tuple[type[SettingsItem], ...] = (
    Channels,
    Roles,
    PriorityRoles,
    Speaks,
    Size,
    Films,
    DefaultPreset,
    Log,
    Previews,
    Limits,
    Changes,
    Back,
)
