"""/privacy: what is held on a person, a copy of it, and its end."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.views.privacy import panel as privacy_panel

Interaction = discord.Interaction[Any]


class PrivacyCog(commands.GroupCog, group_name="privacy", group_description="What I hold on you, and its end"):
    """What a person may ask about themselves, and nobody else may."""

    @app_commands.command(name="show", description="What I hold on you, and for how long")
    async def show(self, interaction: Interaction) -> None:
        """Show how much there is."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await privacy_panel.show(interaction)

    @app_commands.command(name="export", description="A copy of everything that I hold on you, as zip files")
    async def export(self, interaction: Interaction) -> None:
        """Send it, in parts."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await privacy_panel.hand_out(interaction)

    @app_commands.command(name="forget", description="Forget all that I hold on you: I ask once more before it is gone")
    async def forget(self, interaction: Interaction) -> None:
        """Ask first."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await privacy_panel.ask(interaction)
