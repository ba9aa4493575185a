"""*Post it*: what only its dreamer sees is moved to where everybody sees it."""

from __future__ import annotations

import contextlib
from typing import Any

import discord

from bot.errors import UserError
from bot.job import Job
from bot.language import Language, language_of
from bot.views import asking, layouts, wording
from bot.views.admission import most_film_s
from bot.views.buttons import POST, JobButton, template
from bot.views.card import DREAMED, Card
from bot.views.gallery.offering import museum_here
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.show import results_of
from bot.views.uploads import files_of
from engine.sentences import mark

Interaction = discord.Interaction[Any]


class PostIt(JobButton, template=template(POST)):
    """Post a private outcome: the new message becomes the job's, with all its buttons; the private one says so."""

    act, label, emoji = POST, mark("Post it"), "📣"

    async def press(self, interaction: Interaction, job: Job) -> None:
        if interaction.user.id != job.person_id:
            raise UserError(wording.NOT_YOURS_TO_POST)
        if job.restricted and not asking.restricted(interaction):
            raise UserError(wording.RESTRICTED)
        host = host_of(interaction)
        await interaction.response.defer()
        if not await host.jobs.make_public(job):  # of two presses at once one goes on
            raise UserError(wording.POSTED_ALREADY)
        try:
            message = await _post(interaction, job)
        except BaseException:
            await host.jobs.make_private(job)
            raise
        await host.jobs.moved(job, message.id)
        say = language_of(interaction.locale.value)
        # Discord.py does not know of a follow-up which server it is in: its jump_url leads nowhere there.
        address = wording.address(job.guild_id, job.channel_id, message.id)
        await interaction.edit_original_response(view=_posted(say, address), attachments=[])


async def _post(interaction: Interaction, job: Job) -> discord.Message:
    """Post the outcomes of a job's message, publicly, as they are now. Raises UserError where Discord hides them."""
    jobs = await host_of(interaction).jobs.together(job)
    dreams = await results_of(interaction, jobs)
    museum = await museum_here(interaction, job)
    message = await interaction.followup.send(
        view=layouts.outcome(language_of(job.locale), jobs, dreams, museum=museum, films=most_film_s(interaction) > 0),
        files=files_of(dreams),
        allowed_mentions=NOBODY,
        wait=True,
    )
    if message.flags.ephemeral:
        with contextlib.suppress(discord.NotFound):
            await message.delete()
        raise UserError(wording.NOT_PUBLIC_HERE)
    return message


def _posted(say: Language, address: str) -> Card:
    text = say("**Posted**: {address}", address=address)
    return Card(discord.ui.TextDisplay(text), colour=DREAMED)
