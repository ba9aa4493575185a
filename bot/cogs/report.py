"""*Report dream*: a message of the bot's is reported to whoever runs it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.errors import UserError
from bot.language import language_of
from bot.views.reports.forms import ReportForm
from engine.sentences import mark

Interaction = discord.Interaction[Any]

NOT_OURS = mark("I can take reports of my own messages only: choose a dream that I have posted.")


@app_commands.context_menu(name="Report dream")
async def report_dream(interaction: Interaction, message: discord.Message) -> None:
    """Ask what is wrong with a message."""
    if message.author.id != interaction.application_id and message.author != interaction.client.user:
        raise UserError(NOT_OURS)
    form = ReportForm(language_of(interaction.locale.value), message.channel.id, message.id)
    await interaction.response.send_modal(form)
