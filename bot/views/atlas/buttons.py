"""The buttons and menus of the atlas. Each says in its custom_id what it is about, and outlives a restart."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any, ClassVar, Self

import discord

from bot.drafts import Draft
from bot.errors import UserError
from bot.language import language_of
from bot.views.admission import admit
from bot.views.atlas import panel as atlas_panel
from bot.views.atlas.atlases import GONE, Book
from bot.views.atlas.forms import NumberForm
from bot.views.atlas.layouts import CHANNELS, DREAM, LAYERS, NETWORKS, NUMBER, SHOW, TURN
from bot.views.beginning import plain
from bot.views.dream_form import ask_for_picture
from bot.views.lasting import Lasting, chosen

Interaction = discord.Interaction[Any]

NETWORK, LAYER, WHICH = r"(?P<network>[^/]{1,30})", r"(?P<layer>[^/]{1,30})", r"(?P<number>[0-9]{1,5})"


class AtlasButton(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=r"(?!)"):
    """A button about a page or a channel of a layer."""

    act: ClassVar[str]

    def __init__(self, network: str, layer: str, number: int) -> None:
        self.network, self.layer, self.number = network, layer, number
        super().__init__(discord.ui.Button(label="…", custom_id=f"oneiros:atlas:{self.act}:{network}/{layer}/{number}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["network"], match["layer"], int(match["number"]))


class Turn(AtlasButton, template=rf"oneiros:atlas:{TURN}:{NETWORK}/{LAYER}/{WHICH}"):
    """Show a page of a layer."""

    act = TURN

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        book = await atlas_panel.book_of(interaction, self.network)
        await atlas_panel.show_page(interaction, book, self.layer, self.number)


class Show(AtlasButton, template=rf"oneiros:atlas:{SHOW}:{NETWORK}/{LAYER}/{WHICH}"):
    """Show one channel."""

    act = SHOW

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        book = await atlas_panel.book_of(interaction, self.network)
        await atlas_panel.show_one(interaction, book, book.cell(self.layer, self.number))


class Dream(AtlasButton, template=rf"oneiros:atlas:{DREAM}:{NETWORK}/{LAYER}/{WHICH}"):
    """Ask for a picture to dream of a channel on."""

    act = DREAM

    async def pressed(self, interaction: Interaction) -> None:
        admit(interaction)  # before anybody fills in a form
        book = await atlas_panel.book_of(interaction, self.network)
        said = {"of": book.cell(self.layer, self.number).words, "network": self.network}
        await ask_for_picture(interaction, Draft(plain(interaction), said, open=True))


class Number(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=rf"oneiros:atlas:{NUMBER}:{NETWORK}/{LAYER}"):
    """Ask which channel to show."""

    def __init__(self, network: str, layer: str) -> None:
        self.network, self.layer = network, layer
        super().__init__(discord.ui.Button(label="…", custom_id=f"oneiros:atlas:{NUMBER}:{network}/{layer}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["network"], match["layer"])

    async def pressed(self, interaction: Interaction) -> None:
        book = await atlas_panel.book_of(interaction, self.network)
        say, cells = language_of(interaction.locale.value), book.cells(self.layer)
        await interaction.response.send_modal(NumberForm(say, self.network, self.layer, cells[-1].entry.channel))


class AtlasMenu(Lasting[discord.ui.Select[discord.ui.LayoutView]], template=r"(?!)"):
    """A menu about the rest of its custom_id."""

    act: ClassVar[str]

    def __init__(self, about: str) -> None:
        self.about = about
        super().__init__(discord.ui.Select(custom_id=f"oneiros:atlas:{self.act}:{about}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["about"])

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await self.choose(interaction, chosen(self.item))

    @abstractmethod
    async def choose(self, interaction: Interaction, value: str) -> None:
        """Show what was chosen; the interaction is acknowledged already."""


class Channels(AtlasMenu, template=rf"oneiros:atlas:{CHANNELS}:(?P<about>[^/]{{1,30}}/[^/]{{1,30}})"):
    """Show one of a page's channels."""

    act = CHANNELS

    async def choose(self, interaction: Interaction, value: str) -> None:
        network, layer = self.about.split("/")
        book = await atlas_panel.book_of(interaction, network)
        if not value.isascii() or not value.isdecimal():
            raise UserError(GONE)
        await atlas_panel.show_one(interaction, book, book.cell(layer, int(value)))


class Layers(AtlasMenu, template=rf"oneiros:atlas:{LAYERS}:(?P<about>[^/]{{1,30}})"):
    """Show another layer of the same network."""

    act = LAYERS

    async def choose(self, interaction: Interaction, value: str) -> None:
        book = await atlas_panel.book_of(interaction, self.about)
        await atlas_panel.show_page(interaction, book, value, 0)


class Networks(AtlasMenu, template=rf"oneiros:atlas:{NETWORKS}:(?P<about>[^/]{{1,30}})"):
    """Show another network, at the same layer where it has one of that name."""

    act = NETWORKS

    async def choose(self, interaction: Interaction, value: str) -> None:
        book: Book = await atlas_panel.book_of(interaction, value)
        layer = book.find_layer(self.about) or book.first_layer
        await atlas_panel.show_page(interaction, book, layer, 0)


ATLAS = (Turn, Show, Dream, Number, Channels, Layers, Networks)
