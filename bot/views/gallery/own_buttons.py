"""The buttons about what is of who presses: to look at it, to decide on the web, to take it back."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any, Self

import discord

from bot.entry import Entry
from bot.language import language_of
from bot.views.gallery import card, controls, mine, panel
from bot.views.gallery.buttons import EntryButton
from bot.views.gallery.forms import web_form
from bot.views.gallery.visiting import entry_chosen, template
from bot.views.host import host_of
from bot.views.lasting import Lasting
from engine.sentences import mark

Interaction = discord.Interaction[Any]
Choice = discord.ui.Select[discord.ui.LayoutView]

WITHDRAWN = mark("**It is out of the gallery**, and gone from the web.")


class OwnButton(EntryButton, template=r"(?!)"):
    """A button about an entry of its presser's own, in a server or in direct messages."""

    async def pressed(self, interaction: Interaction) -> None:
        await self.press(interaction, await host_of(interaction).gallery.own(interaction.user.id, self.entry_id))

    @abstractmethod
    async def press(self, interaction: Interaction, entry: Entry) -> None:
        """Act on the press of this button."""


class Web(OwnButton, template=template(controls.WEB)):
    """Ask its dreamer whether an entry may be on the web."""

    act = controls.WEB

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        host_of(interaction).gallery.check_web(entry)
        await interaction.response.send_modal(web_form(language_of(interaction.locale.value), entry))


class Withdraw(OwnButton, template=template(controls.WITHDRAW)):
    """Ask before an entry is gone."""

    act = controls.WITHDRAW

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        await interaction.response.defer()
        await panel.put(interaction, card.asked_before_withdrawing(language_of(interaction.locale.value), entry))


class ReallyWithdraw(OwnButton, template=template(controls.REALLY_WITHDRAW)):
    """Take an entry of one's own out of the gallery, for good."""

    act = controls.REALLY_WITHDRAW

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        await interaction.response.defer()
        await host_of(interaction).gallery.withdraw(interaction.user.id, entry.id)
        say = language_of(interaction.locale.value)
        await panel.put(interaction, card.told(say, WITHDRAWN, controls.mine_button(say("Mine"), "🙋")))


class Own(OwnButton, template=template(controls.OWN)):
    """Show an entry as its dreamer sees it."""

    act = controls.OWN

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        await interaction.response.defer()
        await mine.show_own(interaction, entry)


class Mine(EntryButton, template=template(controls.MINE)):
    """List the entries of who presses, from those before one on."""

    act = controls.MINE

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await mine.show_mine(interaction, self.entry_id)


class ChooseOwn(Lasting[Choice], template=rf"oneiros:gallery:{controls.OWN}"):
    """Show the entry that was chosen among one's own."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Select(custom_id=f"oneiros:gallery:{controls.OWN}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:  # noqa: ARG003 - there is but one
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        entry = await host_of(interaction).gallery.own(interaction.user.id, entry_chosen(self.item))
        await mine.show_own(interaction, entry)


OWN_BUTTONS = (Web, Withdraw, ReallyWithdraw, Own, Mine, ChooseOwn)
