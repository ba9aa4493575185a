"""The one handler of errors: what a person is told, privately, whatever went wrong and wherever."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.jobs import failing
from bot.language import Language, language_of
from bot.views import wording
from bot.views.asking import THINKS_IN_PUBLIC
from bot.workarounds import forget_when_sent
from engine.sentences import mark

log = logging.getLogger(__name__)

ALREADY_ACKNOWLEDGED = 40060
UNKNOWN_INTERACTION = 10062

NOT_ALLOWED = mark("You may not do that here.")
CHANGED = mark("This command has just changed: type it again in a minute.")


def sentence_for(error: BaseException, interaction_id: int) -> str:
    """Turn an error into what the person is told, as a sentence's text.

    An unknown one is logged under a reference that they see.
    """
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, app_commands.CheckFailure):
        return NOT_ALLOWED
    if isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return CHANGED
    return failing.sentence_for(cause, f"interaction {interaction_id}")


async def report(
    interaction: discord.Interaction[Any], error: BaseException, *, again: discord.ui.Item[Any] | None = None
) -> None:
    """Tell the person who acted what went wrong; where Discord no longer listens, only the log knows.

    ``again`` is a button that takes up what they did.
    """
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, discord.HTTPException) and cause.code == ALREADY_ACKNOWLEDGED:
        return  # another process, or another press, has it
    if isinstance(cause, discord.HTTPException) and cause.code == UNKNOWN_INTERACTION:
        log.warning("interaction %s came too late to be acknowledged", interaction.id)
        return
    sentence = sentence_for(error, interaction.id)
    say = language_of(interaction.locale.value)
    try:
        await _tell(interaction, say, say.read(sentence), again)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as failed:
        log.warning("interaction %s could not be told of an error: %s", interaction.id, failed)


async def _tell(
    interaction: discord.Interaction[Any], say: Language, sentence: str, again: discord.ui.Item[Any] | None
) -> None:
    """Tell ``sentence`` to the person who acted, and to nobody else."""
    view = discord.utils.MISSING
    if again is not None:
        view = forget_when_sent(discord.ui.View(timeout=None).add_item(again))
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, view=view, ephemeral=True)
        return
    if THINKS_IN_PUBLIC in interaction.extras:
        # The first follow-up would fill that reply, as public as it is.
        not_taken = discord.ui.LayoutView(timeout=None)
        not_taken.add_item(discord.ui.TextDisplay(say(wording.NOT_TAKEN)))
        await interaction.edit_original_response(view=forget_when_sent(not_taken))
    # A follow-up does not know the client's own AllowedMentions.
    await interaction.followup.send(
        sentence, view=view, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )
