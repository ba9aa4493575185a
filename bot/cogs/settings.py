"""/settings: what a server's moderators settle for it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.views.settings import panel as settings_panel


class SettingsCog(commands.Cog):
    """The server's settings."""

    @app_commands.command(name="settings", description="Where, by whom and how much is dreamed in this server")
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel."""
        settings_panel.guild_of(interaction)  # a server's own rules for commands can let others see this one
        await interaction.response.defer(ephemeral=True, thinking=True)
        await settings_panel.show(interaction)
