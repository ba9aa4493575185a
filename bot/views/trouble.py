"""The one handler of errors: what a person is told, privately, whatever went wrong and wherever."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.errors import UserError
from bot.failures import FAILURES
from bot.floods import TOO_SOON, Answer, FloodError
from bot.jobs import failing
from bot.language import Language, language_of
from bot.views import wording
from bot.views.asking import THINKS_IN_PUBLIC
from bot.workarounds import forget_when_sent
from engine.errors import EngineError
from engine.sentences import Sentence, mark

log = logging.getLogger(__name__)

ALREADY_ACKNOWLEDGED = 40060
UNKNOWN_INTERACTION = 10062

NOT_ALLOWED = mark("You may not do that here.")
SERVERS_ONLY = mark("This works in a server only: please use it in one that I am in.")
YOU_LACK = mark("For this you need a permission that you do not have here: {permissions}. Ask who manages this server.")
I_LACK = mark("For this I need a permission that I do not have here: {permissions}. Ask who manages this server.")
ROLE_LACKS = mark("For this you need a role that you do not have here. Ask who manages this server.")
CHANGED = mark("This command has just changed: type it again in a minute.")
NOT_UNDERSTOOD = mark("I could not read “{value}”: please choose one of the suggestions, or write it another way.")
FORBIDDEN = mark("Discord does not let me do that here. Ask who manages this server whether I may see and write here.")
TOO_LARGE = mark("Discord takes no file of this size here: dream it smaller, with size:.")
REJECTED = mark("A rule of this server kept my answer back. Ask who manages it, or try it elsewhere.")
TOO_LATE = mark("This took so long that Discord lets me answer no more: please press or type it again.")
DISCORD_AILS = mark("Discord itself has trouble at the moment: please try again in a minute.")
_PRESS, _FORM = discord.InteractionType.component, discord.InteractionType.modal_submit
LONGEST_SHOWN = 50  # characters of what somebody typed, or permissions, in a sentence

Say = Callable[[Any], Sentence]


def _plain(message: str) -> Say:
    return lambda _: Sentence(message)


def _permissions(message: str) -> Say:
    return lambda error: Sentence(message, {"permissions": ", ".join(map(_permission, error.missing_permissions))})


def _permission(name: str) -> str:
    """Name a permission as Discord's clients do, nearly: they have no list of names for us."""
    return name.replace("_", " ").replace("guild", "server").title()


def _retry(error: app_commands.CommandOnCooldown) -> Sentence:
    return Sentence(TOO_SOON, {"seconds": max(1, math.ceil(error.retry_after))})


def _typed(error: app_commands.TransformerError) -> Sentence:
    return Sentence(NOT_UNDERSTOOD, {"value": str(error.value)[:LONGEST_SHOWN]})


# What an error of Discord's or of the library tells a person: the first row that fits. Our own errors, and what nobody
# foresaw, are ``failing.sentence_for``'s.
BY_CODE: Mapping[int, Say] = {
    40005: _plain(TOO_LARGE),  # request entity too large
    50027: _plain(TOO_LATE),  # invalid webhook token
    200000: _plain(REJECTED),  # by AutoMod
}
BY_CLASS: tuple[tuple[type[Exception], Say], ...] = (
    (app_commands.CommandOnCooldown, _retry),
    (app_commands.NoPrivateMessage, _plain(SERVERS_ONLY)),
    (app_commands.MissingPermissions, _permissions(YOU_LACK)),
    (app_commands.BotMissingPermissions, _permissions(I_LACK)),
    (app_commands.MissingRole, _plain(ROLE_LACKS)),
    (app_commands.MissingAnyRole, _plain(ROLE_LACKS)),
    (app_commands.CheckFailure, _plain(NOT_ALLOWED)),
    (app_commands.CommandNotFound, _plain(CHANGED)),
    (app_commands.CommandSignatureMismatch, _plain(CHANGED)),
    (app_commands.TransformerError, _typed),
    (discord.Forbidden, _plain(FORBIDDEN)),
    (discord.DiscordServerError, _plain(DISCORD_AILS)),
)


def sentence_for(error: BaseException, interaction_id: int) -> str:
    """Turn an error into what the person is told, as a sentence's text.

    An unknown one is logged under a reference that they see.
    """
    cause = cause_of(error)
    say = BY_CODE.get(cause.code) if isinstance(cause, discord.HTTPException) else None
    say = say or next((say for kind, say in BY_CLASS if isinstance(cause, kind)), None)
    if say is None:
        return failing.sentence_for(cause, f"interaction {interaction_id}")
    if isinstance(cause, discord.HTTPException):
        log.warning("interaction %s: Discord refused: %s", interaction_id, cause)
    return say(cause).to_text()


def cause_of(error: BaseException) -> BaseException:
    """Return what a command raised, out of what the library wraps it in."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, UserError | EngineError):
        return error.__cause__  # it says better what is wrong
    return error


async def report(
    interaction: discord.Interaction[Any], error: BaseException, *, again: discord.ui.Item[Any] | None = None
) -> None:
    """Tell the person who acted what went wrong; where Discord no longer listens, only the log knows.

    ``again`` is a button that takes up what they did.
    """
    cause = cause_of(error)
    if isinstance(cause, discord.HTTPException) and cause.code == ALREADY_ACKNOWLEDGED:
        return  # another process, or another press, has it
    if isinstance(cause, discord.HTTPException) and cause.code == UNKNOWN_INTERACTION:
        log.warning("interaction %s came too late to be acknowledged", interaction.id)
        return
    sentence = sentence_for(error, interaction.id)
    say = language_of(interaction.locale.value)
    try:
        if isinstance(cause, FloodError) and await _is_hushed(interaction, cause.answer):
            return
        await _tell(interaction, say, say.read(sentence), again)
    except FAILURES as failed:
        log.warning("interaction %s could not be told of an error: %s", interaction.id, failed)


async def _is_hushed(interaction: discord.Interaction[Any], answer: Answer) -> bool:
    """Acknowledge what is worth no sentence; tell whether that was done. A command cannot be taken in silence."""
    if answer is Answer.SILENCE and interaction.type in (_PRESS, _FORM):
        await interaction.response.defer()
        return True
    return answer is Answer.NOTHING


async def _tell(
    interaction: discord.Interaction[Any], say: Language, sentence: str, again: discord.ui.Item[Any] | None
) -> None:
    """Tell ``sentence`` to the person who acted, and to nobody else."""
    if interaction.type is discord.InteractionType.autocomplete:  # there is no place for a sentence
        await interaction.response.autocomplete([])
        return
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
