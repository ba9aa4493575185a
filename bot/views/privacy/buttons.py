"""The buttons of /privacy. Whatever a custom_id says, they act for who presses, and about nobody else."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import discord

from bot.errors import UserError
from bot.language import language_of
from bot.privacy.parts import CURSOR, Cursor
from bot.views.host import host_of
from bot.views.lasting import Lasting
from bot.views.privacy import layouts as privacy_layouts
from bot.views.privacy import panel as privacy_panel
from engine.sentences import mark

Interaction = discord.Interaction[Any]

NOT_YOU = mark("This button is about somebody else. For yourself, type /privacy forget.")


def template(act: str, about: str = "") -> str:
    return rf"oneiros:privacy:{act}(?P<about>{about})"


class PrivacyButton(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=r"(?!)"):
    """A button of /privacy."""

    act: ClassVar[str]

    def __init__(self, about: str) -> None:
        self.about = about
        super().__init__(discord.ui.Button(label="…", custom_id=f"oneiros:privacy:{self.act}{about}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["about"])


class Export(PrivacyButton, template=template(privacy_layouts.EXPORT)):
    """Send a copy of what is held."""

    act = privacy_layouts.EXPORT

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await privacy_panel.hand_out(interaction)


class NextPart(PrivacyButton, template=template(privacy_layouts.MORE, f":{CURSOR}")):
    """Go on with an export."""

    act = privacy_layouts.MORE

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await privacy_panel.hand_out(interaction, Cursor.parse(self.about.removeprefix(":")))


class Forget(PrivacyButton, template=template(privacy_layouts.FORGET)):
    """Ask before all is gone."""

    act = privacy_layouts.FORGET

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await privacy_panel.ask(interaction)


class ReallyForget(PrivacyButton, template=template(privacy_layouts.REALLY, ":[0-9]{1,20}")):
    """Forget who presses, where they are the one who was asked."""

    act = privacy_layouts.REALLY

    async def pressed(self, interaction: Interaction) -> None:
        if self.about != f":{interaction.user.id}":
            raise UserError(NOT_YOU)
        await interaction.response.defer()
        await host_of(interaction).privacy.forget(interaction.user.id)
        say = language_of(interaction.locale.value)
        await privacy_panel.put(interaction, privacy_layouts.told(say, privacy_layouts.GONE))


class Keep(PrivacyButton, template=template(privacy_layouts.KEEP)):
    """Change nothing after all."""

    act = privacy_layouts.KEEP

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        say = language_of(interaction.locale.value)
        await privacy_panel.put(interaction, privacy_layouts.told(say, privacy_layouts.KEPT))


PRIVACY = (Export, NextPart, Forget, ReallyForget, Keep)
