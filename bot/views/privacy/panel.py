"""What /privacy and its buttons do: always about who acts, in a message that only they see."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import Any

import discord

from bot.language import language_of
from bot.privacy.parts import Cursor
from bot.privacy.service import START
from bot.views.card import Card
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.privacy import layouts as privacy_layouts

Interaction = discord.Interaction[Any]

MOST_BYTES = 24 * 1024 * 1024  # a whole request to Discord stays within 25 MiB, whatever a server's limit
BESIDE_BYTES = 64 * 1024  # of a request: what is not the file
AT_A_PRESS = 5  # an edit and four follow-ups: where the bot is only installed by a person, Discord takes five
LAST_BEGUN_S = 8 * 60.0  # a token lives for 15 minutes, and a part may take minutes to go up


async def show(interaction: Interaction) -> None:
    """Show how much is held; the interaction is acknowledged already."""
    host, say = host_of(interaction), language_of(interaction.locale.value)
    held = await host.privacy.held(interaction.user.id)
    await put(interaction, privacy_layouts.shown(say, held, host.settings.retention_days))


async def ask(interaction: Interaction) -> None:
    """Ask before all is gone; the interaction is acknowledged already."""
    await put(interaction, privacy_layouts.asked(language_of(interaction.locale.value), interaction.user.id))


async def put(interaction: Interaction, view: Card) -> None:
    """Make ``view`` what the reply shows."""
    await interaction.edit_original_response(view=view, attachments=[], allowed_mentions=NOBODY)


async def hand_out(interaction: Interaction, after: Cursor = START) -> None:
    """Send a copy of what is held, in parts, as many as a press may; the interaction is acknowledged already."""
    say = language_of(interaction.locale.value)
    most_bytes = min(interaction.filesize_limit, MOST_BYTES) - BESIDE_BYTES
    read_me = say(privacy_layouts.READ_ME)
    begun, sent = time.monotonic(), 0
    async with aclosing(host_of(interaction).privacy.export(interaction.user.id, most_bytes, read_me, after)) as parts:
        async for part in parts:
            is_last = sent + 1 == AT_A_PRESS or time.monotonic() - begun > LAST_BEGUN_S
            view = privacy_layouts.part(say, part, at_most=AT_A_PRESS, is_last=is_last)
            file = discord.File(part.file)
            if sent == 0:
                await interaction.edit_original_response(view=view, attachments=[file], allowed_mentions=NOBODY)
            else:
                await interaction.followup.send(view=view, file=file, ephemeral=True, allowed_mentions=NOBODY)
            sent += 1
            if is_last:
                return
