"""*Show*: where a dream stands, for one person; and the outcome of one that the chat could not be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.job import LIVE, Job
from bot.jobs.messenger import Standing
from bot.language import language_of
from bot.views import layouts
from bot.views.admission import most_film_s
from bot.views.buttons import SHOW, JobButton, template
from bot.views.gallery.offering import museum_here
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.uploads import Upload, dreams, files_of, previews, trailers
from engine.sentences import mark

Interaction = discord.Interaction[Any]


class Show(JobButton, template=template(SHOW)):
    """Say where a message's dreams stand, privately; or put outcomes that could not be shown into it."""

    act, label, emoji = SHOW, mark("Show"), "👁️"

    async def press(self, interaction: Interaction, job: Job) -> None:
        host = host_of(interaction)
        standings = await host.jobs.standings(job)
        jobs = [now.job for now in standings]
        if any(one.state in LIVE for one in jobs):
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _tell_standings(interaction, standings)
            return
        # The press brings a token that may edit the message, whatever has become of the first one.
        await interaction.response.defer()
        try:
            await put(interaction, jobs)
        except discord.HTTPException:
            await hand_over(interaction, jobs)
        await host.jobs.fetched(job.id)


async def put(interaction: Interaction, jobs: Sequence[Job], picked: Job | None = None) -> None:
    """Show outcomes in the message that was pressed, of several ``picked`` alone; the press is acknowledged already."""
    shown = await results_of(interaction, jobs if picked is None else [picked])
    museum = await museum_here(interaction, picked or jobs[0])
    films = most_film_s(interaction) > 0
    view = layouts.outcome(language_of(jobs[0].locale), jobs, shown, picked=picked, museum=museum, films=films)
    await interaction.edit_original_response(view=view, attachments=files_of(shown), allowed_mentions=NOBODY)


async def hand_over(interaction: Interaction, jobs: Sequence[Job], picked: Job | None = None) -> None:
    """Give outcomes to the person who asks, and to nobody else; the interaction is acknowledged already.

    To somebody else than the dreamer without buttons: their message could be about any job.
    """
    shown = await results_of(interaction, jobs if picked is None else [picked])
    say, theirs = language_of(interaction.locale.value), interaction.user.id == jobs[0].person_id
    museum, films = await museum_here(interaction, picked or jobs[0]), most_film_s(interaction) > 0
    await interaction.followup.send(
        view=layouts.outcome(say, jobs, shown, picked=picked, buttons=theirs, museum=museum, films=films),
        files=files_of(shown),
        ephemeral=True,
        allowed_mentions=NOBODY,
    )


async def results_of(interaction: Interaction, jobs: Sequence[Job]) -> dict[int, Upload]:
    """Return the jobs' pictures as files that may be uploaded here, by job; without those that have none."""
    host = host_of(interaction)
    pictures = [None if job.result_hash is None else await host.jobs.picture(job.result_hash) for job in jobs]
    return await dreams(host.decoder, jobs, pictures, interaction.filesize_limit)


async def _tell_standings(interaction: Interaction, standings: Sequence[Standing]) -> None:
    newest, films = previews(standings), trailers(standings)
    view = layouts.standing(language_of(interaction.locale.value), standings, newest, films, buttons=False)
    await interaction.edit_original_response(view=view, attachments=files_of(films, newest), allowed_mentions=NOBODY)
