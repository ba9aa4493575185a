"""The buttons and menus of a page. Each says which page of which listing, so that it outlives a restart."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.views.gallery import controls, panel
from bot.views.gallery.listing import SORTS
from bot.views.gallery.places import LISTING, Place, listing_of
from bot.views.gallery.places import template as of_place
from bot.views.gallery.visiting import entry_chosen, visitor_of
from bot.views.lasting import UNKNOWN_COMPONENT, Lasting, chosen

Interaction = discord.Interaction[Any]
Press = discord.ui.Button[discord.ui.LayoutView]
Choice = discord.ui.Select[discord.ui.LayoutView]


class Turn(Lasting[Press], template=of_place(controls.PAGE)):
    """Show a page of a gallery, to whoever presses: as they may see it."""

    def __init__(self, match: re.Match[str]) -> None:
        self.match = match
        super().__init__(discord.ui.Button(label="…", custom_id=match.string))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match)

    async def pressed(self, interaction: Interaction) -> None:
        place = Place.of(self.match)
        visitor_of(interaction)
        await interaction.response.defer()
        await panel.show_page(interaction, place)


class Pick(Lasting[Choice], template=of_place(controls.PICK)):
    """Open the entry that was chosen on a page."""

    def __init__(self, match: re.Match[str]) -> None:
        self.match = match
        super().__init__(discord.ui.Select(custom_id=match.string))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match)

    async def pressed(self, interaction: Interaction) -> None:
        place, number = Place.of(self.match), entry_chosen(self.item)
        visitor_of(interaction)
        await interaction.response.defer()
        await panel.show_entry(interaction, number, place)


class Sort(Lasting[Choice], template=rf"oneiros:gallery:{controls.SORT}:{LISTING}"):
    """Show the same entries in another order."""

    def __init__(self, match: re.Match[str]) -> None:
        self.match = match
        super().__init__(discord.ui.Select(custom_id=match.string))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match)

    async def pressed(self, interaction: Interaction) -> None:
        listing, name = listing_of(self.match), chosen(self.item)
        if name not in SORTS:
            raise UserError(UNKNOWN_COMPONENT)
        visitor_of(interaction)
        await interaction.response.defer()
        await panel.show_page(interaction, Place(panel.sorted_by(name, listing)))


PAGE_BUTTONS = (Turn, Pick, Sort)
