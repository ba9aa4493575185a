"""*Save preset*: the recipe of a dream, kept under a name."""

from __future__ import annotations

from typing import Any

import discord

from bot.job import Job
from bot.views import wording
from bot.views.buttons import JobButton, template
from bot.views.presets.forms import save_form
from engine.sentences import mark


class SavePreset(JobButton, template=template("save-preset")):
    """Ask for a name to keep this dream's recipe under, by anybody who sees it."""

    act, label, emoji = "save-preset", mark("Save preset"), "🔖"
    gone = wording.RECIPE_GONE

    async def press(self, interaction: discord.Interaction[Any], job: Job) -> None:
        await interaction.response.send_modal(save_form(interaction, job))
