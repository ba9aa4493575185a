"""The one private message that moderators act in: the overview, an entry, people, the log."""

from __future__ import annotations

import io
from typing import Any

import discord

from bot.entry import Entry, Visitor
from bot.language import language_of
from bot.store.gallery.queues import Place, Queue, Way
from bot.views.gallery.moderation import layouts
from bot.views.gallery.moderation.layouts import LISTED, MOST_REPORTS, Sight
from bot.views.gallery.visiting import visitor_of
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.uploads import HIDDEN, MAX_REQUEST_BYTES, Upload, extension

Interaction = discord.Interaction[Any]


async def show_home(interaction: Interaction, told: str | None = None) -> None:
    """Show what there is to do, in the reply; the interaction is acknowledged already."""
    numbers = await host_of(interaction).moderation.numbers(visitor_of(interaction))
    await _put(interaction, layouts.home(language_of(interaction.locale.value), numbers, told))


async def show(interaction: Interaction, at: Place, way: Way = Way.HERE, told: str | None = None) -> None:
    """Show an entry of a queue, under a sentence that says what was just done."""
    say, moderator = language_of(interaction.locale.value), visitor_of(interaction)
    moderation = host_of(interaction).moderation
    standing = await moderation.look(moderator, at, way)
    if standing is None:
        await _put(interaction, layouts.empty(say, at.queue, told))
        return
    entry = standing.entry
    reports = await moderation.reports(moderator, entry, MOST_REPORTS) if at.queue is Queue.REPORTED else []
    sight = Sight(
        standing,
        await _upload(interaction, moderator, entry),
        reports,
        await moderation.last_act(moderator, entry) if at.queue is Queue.OUT else None,
        hidden_here=entry.restricted and not moderator.restricted,
    )
    await _put(interaction, layouts.entry(say, sight, told), sight.upload)


async def show_bars(interaction: Interaction, after: int = 0, told: str | None = None) -> None:
    """Show who is barred."""
    found = await host_of(interaction).moderation.bars(visitor_of(interaction), LISTED + 1, after)
    await _put(interaction, layouts.bars(language_of(interaction.locale.value), found, told))


async def show_log(interaction: Interaction, before: int) -> None:
    """Show what was done before a line of the log, or last for 0."""
    found = await host_of(interaction).moderation.log(visitor_of(interaction), LISTED + 1, before or None)
    await _put(interaction, layouts.log(language_of(interaction.locale.value), found, newest=before == 0))


async def ask_to_clear(interaction: Interaction, person_id: int) -> None:
    """Ask whether all of a person's entries are to go. Raises UserError where there are none."""
    count = await host_of(interaction).moderation.count_of(visitor_of(interaction), person_id)
    await _put(interaction, layouts.asked_to_clear(language_of(interaction.locale.value), person_id, count))


async def _put(interaction: Interaction, view: discord.ui.LayoutView, upload: Upload | None = None) -> None:
    files = [] if upload is None else [discord.File(io.BytesIO(upload.data), filename=upload.name)]
    await interaction.edit_original_response(view=view, attachments=files, allowed_mentions=NOBODY)


async def _upload(interaction: Interaction, moderator: Visitor, entry: Entry) -> Upload | None:
    """Return an entry's picture as a file; None where it may not be shown here, or is no longer kept."""
    host = host_of(interaction)
    picture = await host.moderation.picture(moderator, entry)
    if picture is None:
        return None
    encoded = await host.decoder.fit(picture, min(interaction.filesize_limit, MAX_REQUEST_BYTES))
    name = f"dream-{entry.id}{extension(encoded.media_type)}"
    return Upload(HIDDEN + name if entry.spoiler else name, encoded.data)
