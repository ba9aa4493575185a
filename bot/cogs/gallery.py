"""/gallery: the server's museum of dreams."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.entry import LONGEST_TAG, LONGEST_WORDS, Listing
from bot.errors import UserError
from bot.views.gallery import mine, panel, suggesting
from bot.views.gallery.places import Place
from bot.views.gallery.visiting import visitor_of
from engine.sentences import mark

Interaction = discord.Interaction[Any]

ONE_AT_A_TIME = mark("Choose one of by:, tag:, preset: and search:, and leave the others out.")

SORTS = [
    app_commands.Choice(name="newest first", value="newest"),
    app_commands.Choice(name="top of the last day", value="today"),
    app_commands.Choice(name="top of the last week", value="week"),
    app_commands.Choice(name="top of the last month", value="month"),
    app_commands.Choice(name="top of all time", value="ever"),
    app_commands.Choice(name="in random order", value="random"),
]
Tag = app_commands.Range[str, 1, LONGEST_TAG + 1]
PresetName = app_commands.Range[str, 1, 64]
Words = app_commands.Range[str, 1, LONGEST_WORDS]


class GalleryCog(commands.Cog):
    """The command of the gallery."""

    @app_commands.command(
        name="gallery", description="Look at this server's gallery of dreams; elsewhere, at what is yours"
    )
    @app_commands.describe(
        sort="Which come first",
        by="Only what this person dreamed",
        tag="Only what has this tag",
        preset="Only what began from this preset",
        search="Only what has these words in its title, its tags or what it dreams of",
    )
    @app_commands.choices(sort=SORTS)
    @app_commands.autocomplete(tag=suggesting.tags, preset=suggesting.presets)
    async def gallery(
        self,
        interaction: Interaction,
        *,
        sort: str = "newest",
        by: discord.User | None = None,
        tag: Tag | None = None,
        preset: PresetName | None = None,
        search: Words | None = None,
    ) -> None:
        """Show the first page; where there is no server, what is one's own in all galleries."""
        if interaction.guild_id is None:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await mine.show_mine(interaction)
            return
        visitor_of(interaction)
        listing = _listing(by=by, tag=tag, preset=preset, search=search)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await panel.show_page(interaction, Place(panel.sorted_by(sort, listing)))


def _listing(*, by: discord.User | None, tag: str | None, preset: str | None, search: str | None) -> Listing:
    """Return the listing that the options ask for. Raises UserError for more than one filter."""
    if sum(one is not None for one in (by, tag, preset, search)) > 1:
        raise UserError(ONE_AT_A_TIME)
    return Listing(
        person_id=None if by is None else by.id,
        tag=None if tag is None else _tidy(tag.lstrip("# "), LONGEST_TAG),
        preset=None if preset is None else _tidy(preset, LONGEST_WORDS),
        words=None if search is None else _tidy(search, LONGEST_WORDS),
    )


def _tidy(text: str, longest: int) -> str | None:
    plain = "".join(one for one in " ".join(text.split()) if one.isprintable())
    return plain[:longest].strip() or None
