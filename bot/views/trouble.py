"""The one handler of errors: what a person is told, privately, whatever went wrong and wherever."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import discord
from discord import app_commands

from bot.errors import UserError
from bot.views import wording
from engine.errors import EngineError

log = logging.getLogger(__name__)

ALREADY_ACKNOWLEDGED = 40060
UNKNOWN_INTERACTION = 10062


def sentence_for(error: BaseException) -> str:
    """Turn an error into what the person is told; an unknown one is logged under a reference that they see."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, UserError | EngineError):
        return str(cause)
    if isinstance(cause, app_commands.CheckFailure):
        return "You may not do that here."
    if isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return "This command has just changed: type it again in a minute."
    reference = secrets.token_hex(4)
    log.error("unexpected error, reference %s", reference, exc_info=cause)
    return wording.UNEXPECTED.format(reference=reference)


async def report(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person who acted what went wrong; where Discord no longer listens, only the log knows."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, discord.HTTPException) and cause.code == ALREADY_ACKNOWLEDGED:
        return  # another process, or another press, has it
    if isinstance(cause, discord.HTTPException) and cause.code == UNKNOWN_INTERACTION:
        log.warning("interaction %s came too late to be acknowledged", interaction.id)
        return
    sentence = sentence_for(error)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except discord.HTTPException as failed:
        log.warning("interaction %s could not be told of an error: %s", interaction.id, failed)
