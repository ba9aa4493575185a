"""What is written into a server's log channel: changes of its settings, and what moderators did to others' dreams."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import discord

from bot.failures import FAILURES
from bot.guild import Change
from bot.job import Job
from bot.language import Language, language_of
from bot.views.admission import settings_here
from bot.views.settings import words as settings_words
from bot.workarounds import forget_when_sent
from engine.sentences import Value, mark

Interaction = discord.Interaction[Any]

log = logging.getLogger(__name__)

DELETED = mark("🗑️ {moderator} deleted a dream of {person} in {place}.")
CANCELLED = mark("✖️ {moderator} cancelled a dream of {person} in {place}.")


async def changed(interaction: Interaction, changes: Sequence[Change]) -> bool:
    """Write down what somebody has changed, in the log channel that was and the one that is; False where it failed."""
    say = server_language(interaction)
    text = "\n".join(settings_words.logged(say, change) for change in changes)
    was = next((change.before for change in changes if change.setting == "log_channel"), None)
    if isinstance(was, int):
        await _write(interaction, was, text, f"o{interaction.id}")
    return await _write(interaction, settings_here(interaction).log_channel, text, f"l{interaction.id}")


async def moderated(interaction: Interaction, job: Job, what: str) -> None:
    """Write down that a moderator has done ``what`` to a dream; of one's own nothing is written."""
    if job.person_id == interaction.user.id or job.guild_id != interaction.guild_id:
        return
    moderator, person, place = interaction.user.mention, f"<@{job.person_id}>", f"<#{job.channel_id}>"
    text = server_language(interaction)(what, moderator=moderator, person=person, place=place)
    await _write(interaction, settings_here(interaction).log_channel, text, f"l{interaction.id}")


async def gallery(
    interaction: Interaction, what: str, button: discord.ui.Button[Any] | None = None, **values: Value
) -> None:
    """Write down what became of something in the server's gallery; ``button`` stands below."""
    text = server_language(interaction)(what, **values)
    await _write(interaction, settings_here(interaction).log_channel, text, f"l{interaction.id}", button)


def server_language(interaction: Interaction) -> Language:
    """Return the language of what is written for a server, or in its name."""
    server = interaction.guild_locale
    return language_of(settings_here(interaction).language or (server.value if server is not None else None))


async def _write(
    interaction: Interaction,
    channel_id: int | None,
    text: str,
    nonce: str,
    button: discord.ui.Button[Any] | None = None,
) -> bool:
    """Post ``text``, once: the same nonce makes the same message. False where Discord does not take it."""
    if channel_id is None or not text:
        return True
    channel = interaction.client.get_partial_messageable(channel_id, guild_id=interaction.guild_id)
    view = discord.utils.MISSING
    if button is not None:
        view = forget_when_sent(discord.ui.View(timeout=None).add_item(button))
    try:
        await channel.send(text, view=view, nonce=nonce, silent=True, allowed_mentions=discord.AllowedMentions.none())
    except FAILURES as error:
        log.warning("server %s: its log channel does not take what is to be written: %s", interaction.guild_id, error)
        return False
    return True
