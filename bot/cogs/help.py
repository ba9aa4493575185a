"""/help and /about: how to dream, and whether all is well."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.help import pages
from bot.language import language_of
from bot.views import about, handbook
from bot.views.about import About
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.workarounds import slowest_shard_s

Interaction = discord.Interaction[Any]

TOPICS = [app_commands.Choice(name=page.title.lower(), value=page.topic) for page in pages.PAGES.values()]


class HelpCog(commands.Cog):
    """What is told about the bot itself."""

    @app_commands.command(name="help", description="How to dream: three steps, with pictures")
    @app_commands.describe(topic="What you want to know")
    @app_commands.choices(topic=TOPICS)
    async def help(self, interaction: Interaction, topic: str = pages.START.topic) -> None:
        """Show a page."""
        book = handbook.book_of(interaction)
        page = handbook.page_of(book, topic)
        await interaction.response.send_message(
            view=handbook.lay_out(book, page), files=handbook.files_of(book.say, page), ephemeral=True
        )

    @app_commands.command(name="about", description="Which version I am, who dreams, and whether all is well")
    async def about(self, interaction: Interaction) -> None:
        """Show versions, networks with their licences, and health."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        host = host_of(interaction)
        told = About(
            host.settings,
            await host.jobs.health(),
            slowest_shard_s(host.latencies),
            host.admin.regime.paused,
        )
        await interaction.edit_original_response(
            view=about.lay_out(language_of(interaction.locale.value), told), allowed_mentions=NOBODY
        )
