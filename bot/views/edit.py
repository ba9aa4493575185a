"""*Edit*: a dream's recipe as a form, and a new dream of who sends it."""

from __future__ import annotations

from typing import Any

import discord

from bot.job import Job
from bot.language import language_of
from bot.views.admission import admit
from bot.views.buttons import JobButton, template
from bot.views.dream_form import EditForm, draft_of, texts_of
from bot.views.host import host_of
from engine.sentences import mark


class Edit(JobButton, template=template("edit")):
    """Open a form that is filled in with the dream's recipe."""

    act, label, emoji = "edit", mark("Edit"), "✏️"

    async def press(self, interaction: discord.Interaction[Any], job: Job) -> None:
        admit(interaction)  # before anybody fills in a form
        shown = texts_of(draft_of(job))
        say = language_of(interaction.locale.value)
        most_size = host_of(interaction).settings.most_size
        await interaction.response.send_modal(EditForm(say, f"job-{job.id}", shown, most_size))
