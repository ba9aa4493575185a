"""The form of the gallery's numbers."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.guild import MOST_JOBS, GallerySettings
from bot.language import Language, language_of
from bot.views.admission import settings_here
from bot.views.forms import Form
from bot.views.settings import gallery_panel, panel
from bot.views.settings import words as settings_words
from engine.sentences import mark

Interaction = discord.Interaction[Any]

NO_NUMBER = mark("“{typed}” is no whole number from 1 to {most}: write one.")
NO_VOTES = mark("“{typed}” is no whole number from 1 to {most}: write one, or nothing if votes are to add no dream.")
UP_TO = mark("Up to {most}.")
VOTES = mark("As many members’ votes add a dream, though its dreamer did not. Up to {most}; empty: never.")
NAMES = {"votes_to_add": VOTES, "reports_to_hide": UP_TO, "a_day": UP_TO}
SHOWN_TYPED = 20  # characters of what was typed, in a sentence


class NumbersForm(Form, template=r"oneiros:settings-gallery:(?P<version>[0-9]{1,9})"):
    """Asks how many votes add a dream, how many reports hide one, and how many a person may add a day."""

    def __init__(self, version: int, say: Language, of: GallerySettings) -> None:
        super().__init__(title=say("Gallery"), custom_id=f"oneiros:settings-gallery:{version}")
        self.version = version
        self.fields: dict[str, discord.ui.TextInput[Any]] = {}
        for name, about in NAMES.items():
            value, needed = getattr(of, name), name != "votes_to_add"
            text = "" if value is None else str(value)
            self.fields[name] = discord.ui.TextInput(required=needed, max_length=12, default=text, custom_id=name)
            label = say(settings_words.GALLERY_NAMES[f"gallery.{name}"])
            self.field(label, self.fields[name], say(about, most=MOST_JOBS))

    @classmethod
    def of(cls, interaction: Interaction, version: int) -> Self:
        """Make the form to be shown, filled with what is settled."""
        return cls(version, language_of(interaction.locale.value), settings_here(interaction).gallery)

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        """Make the form that was submitted."""
        return cls.of(interaction, int(match["version"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Change the numbers. Raises UserError where what was typed is none."""
        panel.guild_of(interaction)
        typed = {name: field.value.strip() for name, field in self.fields.items()}
        votes = typed.pop("votes_to_add")
        numbers = {name: _number(one, NO_NUMBER) for name, one in typed.items()}
        votes_to_add = _number(votes, NO_VOTES) if votes else None
        await gallery_panel.change(interaction, self.version, votes_to_add=votes_to_add, **numbers)


def _number(typed: str, otherwise: str) -> int:
    if re.fullmatch("[0-9]{1,9}", typed) and 1 <= int(typed) <= MOST_JOBS:
        return int(typed)
    raise UserError(otherwise, typed=typed[:SHOWN_TYPED], most=MOST_JOBS)


GALLERY_SETTINGS_FORMS = (NumbersForm,)
