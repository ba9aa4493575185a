"""The moderators' forms: each asks for a reason."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import discord

from bot.entry import LONGEST_REASON
from bot.errors import UserError
from bot.language import Language, language_of
from bot.views.forms import Form
from bot.views.gallery.moderation import ids, panel, telling
from bot.views.gallery.moderation.ids import About
from bot.views.gallery.visiting import visitor_of
from bot.views.host import host_of
from engine.sentences import mark

Interaction = discord.Interaction[Any]

FORM = "oneiros:gallery-"
TOLD_TO_DREAMER = mark("Whoever dreamed it is told, word for word.")
FOR_MODERATORS = mark("Only moderators see it.")


def _reason(*, required: bool) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id="reason", style=discord.TextStyle.paragraph, required=required, max_length=LONGEST_REASON
    )


async def answer(interaction: Interaction, about: About, told: str) -> None:
    """Go on in the queue where a decision was made, or only say what was done; it is acknowledged already."""
    if about.place is not None:
        await panel.show(interaction, about.place, told=told)
    else:
        await interaction.followup.send(told, ephemeral=True, allowed_mentions=discord.AllowedMentions.none())


@asynccontextmanager
async def deciding(interaction: Interaction, about: About) -> AsyncIterator[None]:
    """Acknowledge a decision: within the panel it changes that, elsewhere it is answered privately.

    Where it cannot be made, the queue is shown as it is now.
    """
    if about.place is None:
        await interaction.response.defer(ephemeral=True, thinking=True)
    else:
        await interaction.response.defer()
    try:
        yield
    except UserError:
        if about.place is not None:
            await panel.show(interaction, about.place)
        raise


class RemoveForm(Form, template=ids.template(ids.REMOVE, FORM)):
    """Asks why an entry is taken out."""

    def __init__(self, say: Language, about: About) -> None:
        super().__init__(title=say("Remove from the gallery"), custom_id=about.custom_id(ids.REMOVE, FORM))
        self.about = about
        self.reason = _reason(required=True)
        self.field(say("Reason"), self.reason, say(TOLD_TO_DREAMER))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), About.of(match))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Take the entry out. Raises UserError."""
        moderator = visitor_of(interaction)
        async with deciding(interaction, self.about):
            entry = await host_of(interaction).moderation.remove(moderator, self.about.seen, self.reason.value)
        reached = await telling.removed(interaction, entry)
        await answer(interaction, self.about, telling.told(interaction, telling.REMOVED, reached=reached))


class BarForm(Form, template=ids.template(ids.BAR, FORM)):
    """Asks why a dreamer may add no more."""

    def __init__(self, say: Language, about: About) -> None:
        super().__init__(title=say("Bar from the gallery"), custom_id=about.custom_id(ids.BAR, FORM))
        self.about = about
        self.reason = _reason(required=False)
        self.field(say("Reason"), self.reason, say(FOR_MODERATORS))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), About.of(match))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Bar the dreamer. Raises UserError."""
        moderator = visitor_of(interaction)
        async with deciding(interaction, self.about):
            entry = await host_of(interaction).moderation.bar(moderator, self.about.id, self.reason.value)
        await telling.barred(interaction, entry, self.reason.value)
        await answer(interaction, self.about, telling.told(interaction, telling.BARRED))


class ClearForm(Form, template=rf"{FORM}{ids.CLEAR}:(?P<person>{ids.PERSON})"):
    """Asks why all entries of a person are taken out."""

    def __init__(self, say: Language, person_id: int) -> None:
        super().__init__(title=say("Remove all their dreams"), custom_id=f"{FORM}{ids.CLEAR}:{person_id}")
        self.person_id = person_id
        self.reason = _reason(required=True)
        self.field(say("Reason"), self.reason, say(TOLD_TO_DREAMER))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["person"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Take all of them out. Raises UserError."""
        moderator = visitor_of(interaction)
        await interaction.response.defer()
        cleared = await host_of(interaction).moderation.clear(moderator, self.person_id, self.reason.value)
        reached = await telling.cleared(interaction, cleared)
        told = telling.told(interaction, telling.CLEARED, reached=reached, count=len(cleared))
        await panel.show_home(interaction, told)


MODERATION_FORMS: tuple[type[Form], ...] = (RemoveForm, BarForm, ClearForm)
