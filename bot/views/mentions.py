"""Commands as people press them: a mention opens the command in the line where they type."""

from __future__ import annotations

from collections.abc import Iterable

from discord import AppCommandType
from discord.app_commands import AppCommand, AppCommandGroup

from bot.help.pages import places_in


class Mentions:
    """The mentions of commands by name (``preset save``), as far as Discord has told their ids."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def learn(self, commands: Iterable[AppCommand]) -> None:
        """Learn the ids of registered commands, those of groups included."""
        for command in commands:
            if command.type is AppCommandType.chat_input:
                self._known[command.name] = command.mention
                self._learn_within(command)

    def __getitem__(self, name: str) -> str:
        return self._known.get(name, f"/{name}")

    def named_in(self, message: str) -> dict[str, str]:
        """Return what goes into the places of ``message`` that name commands: ``{preset_save}``."""
        return {place: self[place.replace("_", " ")] for place in places_in(message)}

    def _learn_within(self, group: AppCommand | AppCommandGroup) -> None:
        for one in group.options:
            if isinstance(one, AppCommandGroup):
                self._known[one.qualified_name] = one.mention
                self._learn_within(one)
