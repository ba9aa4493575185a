"""/atlas: pictures of what networks respond to, to look at and to dream with."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.views import suggestions
from bot.views.atlas import panel as atlas_panel
from bot.views.host import host_of

Interaction = discord.Interaction[Any]

Name = app_commands.Range[str, 1, 60]


class AtlasCog(commands.Cog):
    """The command of the atlas."""

    @app_commands.command(name="atlas", description="See what a network responds to, and dream with it")
    @app_commands.describe(network="Whose atlas", layer="Which layer: the deeper, the more of a thing")
    @app_commands.autocomplete(network=suggestions.atlases, layer=suggestions.layers)
    async def atlas(self, interaction: Interaction, network: Name | None = None, layer: Name | None = None) -> None:
        """Show the first page of a layer, to who asks."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        atlases = host_of(interaction).atlases
        book = await (atlases.first() if network is None else atlases.of(network.strip()))
        chosen = book.first_layer if layer is None else book.layer_named(layer)
        await atlas_panel.show_page(interaction, book, chosen, 0)
