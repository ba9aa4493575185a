"""The one private message about presets: the list, or one of them, put into the reply of whoever acts."""

from __future__ import annotations

from typing import Any

import discord

from bot.language import language_of
from bot.preset import Preset
from bot.views.host import host_of, viewer_of
from bot.views.presets import layouts as preset_layouts
from bot.views.presets.layouts import PAGE, Message

Interaction = discord.Interaction[Any]


async def show_page(interaction: Interaction, number: int) -> None:
    """Show a page of the list; the interaction is acknowledged already."""
    presets, viewer = host_of(interaction).presets, viewer_of(interaction)
    found = await presets.all(viewer)
    number = min(number, (len(found) - 1) // PAGE)
    thumbnails = await presets.thumbnails(found[number * PAGE : (number + 1) * PAGE])
    say = language_of(interaction.locale.value)
    await put(interaction, preset_layouts.page(say, found, number, thumbnails, await presets.default_of(viewer)))


async def show(interaction: Interaction, preset: Preset, *, heading: str | None = None) -> None:
    """Show one preset, under a sentence that says what just happened; the interaction is acknowledged already."""
    presets, viewer = host_of(interaction).presets, viewer_of(interaction)
    say = language_of(interaction.locale.value)
    thumbnails = await presets.thumbnails([preset])
    default = await presets.default_of(viewer)
    await put(
        interaction,
        preset_layouts.one(
            say,
            viewer,
            preset,
            thumbnails.get(preset),
            is_default=default is not None and default.tag == preset.tag,
            heading=say(heading) if heading is not None else None,
        ),
    )


async def put(interaction: Interaction, message: Message) -> None:
    """Make ``message`` what the reply shows."""
    await interaction.edit_original_response(
        view=message.view, attachments=message.files, allowed_mentions=discord.AllowedMentions.none()
    )
