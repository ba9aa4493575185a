"""Commands and options in the languages that we speak, as Discord asks for them when they are registered."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import TranslationContext, TranslationContextLocation

from bot.language import ENGLISH, language_of

Context = TranslationContext[Any, Any]

# Discord's bounds of what stands in each context of the catalogues, in characters.
LONGEST = {"command name": 32, "option name": 32, "menu name": 32, "description": 100, "choice": 100}
_CONTEXTS = {
    TranslationContextLocation.command_name: "command name",
    TranslationContextLocation.group_name: "command name",
    TranslationContextLocation.parameter_name: "option name",
    TranslationContextLocation.command_description: "description",
    TranslationContextLocation.group_description: "description",
    TranslationContextLocation.parameter_description: "description",
    TranslationContextLocation.choice_name: "choice",
}


def context_of(context: Context) -> str:
    """Return the context in the catalogues: names have rules of their own, and a menu's others than a command's."""
    if isinstance(context.data, app_commands.ContextMenu):
        return "menu name"
    return _CONTEXTS[context.location]


class Translator(app_commands.Translator):
    """Answers from the catalogues. What nobody has translated stays English."""

    async def translate(self, string: app_commands.locale_str, locale: discord.Locale, context: Context) -> str | None:
        """Return a name or description in ``locale``, or None."""
        say = language_of(locale.value)
        words = say.within(context_of(context), string.message)
        return None if say.code == ENGLISH or words == string.message else words
