"""The base class of all our modals: found again by custom_id after a restart, their errors told to who submitted."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import discord

from bot.errors import UserError
from bot.views.gate import let_in
from bot.views.trouble import report
from bot.workarounds import fill_in
from engine.sentences import mark

Interaction = discord.Interaction[Any]

UNKNOWN_FORM = mark("I no longer know this form: please open it anew.")
MOST_TITLE = MOST_LABEL = 45  # characters that Discord takes


class Form(discord.ui.Modal):
    """A modal. Its custom_id says what it is about, its fields have fixed ones, and the library keeps none of it.

    Discord.py finds a modal only while that very object is in memory, and only logs what it raises: ours are made anew
    from their custom_id when they are submitted, and what they raise reaches the one handler.
    """

    template: ClassVar[re.Pattern[str]]

    def __init_subclass__(cls, *, template: str, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.template = re.compile(template)

    def __init__(self, *, title: str, custom_id: str) -> None:
        super().__init__(title=title[:MOST_TITLE], custom_id=custom_id)
        self.stop()  # what has finished is not stored

    @classmethod
    @abstractmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        """Make the form that was submitted, its fields empty: they are filled in before ``on_submit``."""

    @abstractmethod
    async def on_submit(self, interaction: Interaction, /) -> None:
        """Do what the form is for."""

    def field(self, label: str, item: discord.ui.Item[Any], description: str | None = None) -> None:
        """Add a field under its label; texts that another language makes too long are cut."""
        about = description[:100] if description else None
        self.add_item(discord.ui.Label(text=label[:MOST_LABEL], description=about, component=item))


async def submitted(interaction: Interaction, forms: Sequence[type[Form]]) -> None:
    """Let the one of ``forms`` that was submitted do its work; what it raises is told to who submitted it."""
    try:
        let_in(interaction)
        form = _form_of(interaction, forms)
        fill_in(form, interaction)
        await form.on_submit(interaction)
    except Exception as error:  # noqa: BLE001 - the last place that sees it
        await report(interaction, error)


def _form_of(interaction: Interaction, forms: Sequence[type[Form]]) -> Form:
    custom_id = str(dict(interaction.data or {}).get("custom_id", ""))
    for form in forms:
        match = form.template.fullmatch(custom_id)
        if match is not None:
            return form.from_custom_id(interaction, match)
    raise UserError(UNKNOWN_FORM)
