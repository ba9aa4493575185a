"""*Original*: the photo beside its dream, to the person who asks."""

from __future__ import annotations

import io
from typing import Any

import discord

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Job
from bot.language import language_of
from bot.views import wording
from bot.views.buttons import ORIGINAL, JobButton, template
from bot.views.card import DREAMED, Card
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.uploads import MAX_REQUEST_BYTES, extension, named
from engine.sentences import mark

BEFORE, AFTER = mark("Before: the photo that was dreamed on."), mark("After: the dream.")


class Original(JobButton, template=template(ORIGINAL)):
    """Show before and after."""

    act, label, emoji = ORIGINAL, mark("Original"), "🖼️"
    gone = wording.PHOTO_GONE

    async def press(self, interaction: discord.Interaction[Any], job: Job) -> None:
        if job.source_hash is None:
            raise UserError(KEPT_NO_MORE)
        await interaction.response.defer(ephemeral=True, thinking=True)
        say = language_of(interaction.locale.value)
        shown = {"before": (job.source_hash, say(BEFORE))}
        if job.result_hash is not None:
            shown["after"] = (job.result_hash, say(AFTER))
        limit = min(interaction.filesize_limit, MAX_REQUEST_BYTES // len(shown))
        files = [await _file(interaction, named(job, name), hash_, limit) for name, (hash_, _) in shown.items()]
        gallery = discord.ui.MediaGallery[Card](
            *(
                discord.MediaGalleryItem(f"attachment://{file.filename}", description=words, spoiler=job.spoiler)
                for file, (_, words) in zip(files, shown.values(), strict=True)
            )
        )
        heading = say("**Before and after**") if len(shown) > 1 else say("**Before the dream**")
        layout = Card(discord.ui.TextDisplay(heading), gallery, colour=DREAMED)
        await interaction.edit_original_response(view=layout, attachments=files, allowed_mentions=NOBODY)


async def _file(interaction: discord.Interaction[Any], name: str, hash_: str, limit: int) -> discord.File:
    host = host_of(interaction)
    encoded = await host.decoder.fit(await host.jobs.picture(hash_), limit)
    return discord.File(io.BytesIO(encoded.data), filename=f"{name}{extension(encoded.media_type)}")
