"""/queue and /cancel: one's own dreams, and what waits for one."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import UserError
from bot.language import language_of
from bot.views import panel, wording
from bot.views.host import host_of

Interaction = discord.Interaction[Any]


class QueueCog(commands.Cog):
    """What waits, what runs, and how to end it."""

    @app_commands.command(name="queue", description="Your dreams: where they stand, and what is kept for you")
    async def queue(self, interaction: Interaction) -> None:
        """Show the panel."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await panel.refresh(interaction)

    @app_commands.command(name="cancel", description="End a dream of yours that waits or runs")
    async def cancel(self, interaction: Interaction) -> None:
        """End the only dream there is, or let the person choose."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        jobs = host_of(interaction).jobs
        mine = await jobs.live(person_id=interaction.user.id)
        if not mine:
            raise UserError(wording.NOTHING_TO_CANCEL)
        if len(mine) > 1:
            await panel.refresh(interaction)
            return
        if not await jobs.cancel(mine[0].job.id):
            raise UserError(wording.OVER_ALREADY)
        await interaction.edit_original_response(
            content=wording.cancelled(language_of(interaction.locale.value), mine[0].job)
        )
