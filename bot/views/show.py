"""*Show*: where a dream stands, for one person; and the outcome of one that the chat could not be shown."""

from __future__ import annotations

import io
from typing import Any

import discord

from bot.job import OUTCOMES, Job
from bot.jobs.messenger import Standing
from bot.language import language_of
from bot.views import layouts
from bot.views.buttons import SHOW, JobButton, template
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from engine.sentences import mark

Interaction = discord.Interaction[Any]


class Show(JobButton, template=template(SHOW)):
    """Say where a dream stands, privately; or put an outcome that could not be shown into its message."""

    act, label, emoji = SHOW, mark("Show"), "👁️"

    async def press(self, interaction: Interaction, job: Job) -> None:
        host = host_of(interaction)
        if job.state not in OUTCOMES:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _tell_standing(interaction, await host.jobs.standing(job))
            return
        # The press brings a token that may edit the message, whatever has become of the first one.
        await interaction.response.defer()
        name, files = await result_of(interaction, job)
        try:
            await interaction.edit_original_response(
                view=layouts.outcome(language_of(job.locale), job, name), attachments=files, allowed_mentions=NOBODY
            )
        except discord.HTTPException:
            await hand_over(interaction, job)
        await host.jobs.fetched(job.id)


async def hand_over(interaction: Interaction, job: Job) -> None:
    """Give a job's outcome to the person who asks, and to nobody else; the interaction is acknowledged already."""
    name, files = await result_of(interaction, job)
    await interaction.followup.send(
        view=layouts.outcome(language_of(interaction.locale.value), job, name),
        files=files,
        ephemeral=True,
        allowed_mentions=NOBODY,
    )


async def result_of(interaction: Interaction, job: Job) -> tuple[str | None, list[discord.File]]:
    """Return a job's picture as a file that may be uploaded here, and its name; nothing where it has none."""
    if job.result_hash is None:
        return None, []
    host = host_of(interaction)
    encoded = await host.decoder.fit(await host.jobs.picture(job.result_hash), interaction.filesize_limit)
    name = layouts.dream_name(job, encoded.media_type)
    return name, [discord.File(io.BytesIO(encoded.data), filename=name)]


async def _tell_standing(interaction: Interaction, now: Standing) -> None:
    say = language_of(interaction.locale.value)
    name = layouts.preview_name(now)
    files = [] if now.preview is None else [discord.File(io.BytesIO(now.preview), filename=name)]
    await interaction.edit_original_response(
        view=layouts.standing(say, now, name, buttons=False), attachments=files, allowed_mentions=NOBODY
    )
