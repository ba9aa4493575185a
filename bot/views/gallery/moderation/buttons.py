"""The moderators' buttons and menus. Who acts on one may manage messages, by what Discord says in that very act."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Self

import discord

from bot.entry import Entry, Visitor
from bot.errors import UserError
from bot.gallery import Moderation
from bot.language import language_of
from bot.views.gallery.moderation import ids, panel, telling
from bot.views.gallery.moderation.forms import BarForm, ClearForm, RemoveForm, answer, deciding
from bot.views.gallery.moderation.ids import About
from bot.views.gallery.visiting import template, visitor_of
from bot.views.host import host_of
from bot.views.lasting import NOTHING_CHOSEN, Lasting, chosen

Interaction = discord.Interaction[Any]


class ModerationItem(Lasting[discord.ui.Item[Any]], template=r"(?!)"):
    """A part of the moderators' panel."""

    part: ClassVar[Callable[..., discord.ui.Item[Any]]] = discord.ui.Button

    def __init__(self, match: re.Match[str]) -> None:
        super().__init__(type(self).part(custom_id=match[0]))
        self.match = match

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match)

    async def pressed(self, interaction: Interaction) -> None:
        moderator = visitor_of(interaction)
        moderation = host_of(interaction).moderation
        moderation.check_right(moderator)
        await self.act(interaction, moderator, moderation)

    @abstractmethod
    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:
        """Do what the part is for."""


class Moderate(ModerationItem, template=template(ids.MODERATE)):
    """Open the panel."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:  # noqa: ARG002
        await interaction.response.defer(ephemeral=True, thinking=True)
        await panel.show_home(interaction)


class Home(ModerationItem, template=template(ids.HOME)):
    """Show the overview again."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:  # noqa: ARG002
        await interaction.response.defer()
        await panel.show_home(interaction)


class Turn(ModerationItem, template=ids.TURN):
    """Show an entry of a queue."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:  # noqa: ARG002
        await interaction.response.defer()
        await panel.show(interaction, *ids.place_of(self.match))


class Decision(ModerationItem, template=r"(?!)"):
    """A decision that needs no words."""

    what: ClassVar[str]

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:
        about = About.of(self.match)
        async with deciding(interaction, about):
            entry = await self.decide(moderation, moderator, about)
        await self.tell(interaction, entry)
        await answer(interaction, about, telling.told(interaction, self.what))

    @abstractmethod
    async def decide(self, moderation: Moderation, moderator: Visitor, about: About) -> Entry:
        """Decide. Raises UserError."""

    @abstractmethod
    async def tell(self, interaction: Interaction, entry: Entry) -> None:
        """Tell others."""


class Approve(Decision, template=ids.template(ids.APPROVE)):
    """Show an entry that waits."""

    what = telling.APPROVED

    async def decide(self, moderation: Moderation, moderator: Visitor, about: About) -> Entry:
        return await moderation.approve(moderator, about.seen)

    async def tell(self, interaction: Interaction, entry: Entry) -> None:
        await telling.approved(interaction, entry)


class Restore(Decision, template=ids.template(ids.RESTORE)):
    """Show an entry again that is hidden or removed."""

    what = telling.RESTORED

    async def decide(self, moderation: Moderation, moderator: Visitor, about: About) -> Entry:
        return await moderation.restore(moderator, about.seen)

    async def tell(self, interaction: Interaction, entry: Entry) -> None:
        await telling.restored(interaction, entry)


class Keep(Decision, template=ids.template(ids.DISMISS)):
    """Let an entry's reports go."""

    what = telling.KEPT

    async def decide(self, moderation: Moderation, moderator: Visitor, about: About) -> Entry:
        return await moderation.keep(moderator, about.seen)

    async def tell(self, interaction: Interaction, entry: Entry) -> None:
        await telling.kept(interaction, entry)


class Remove(ModerationItem, template=ids.template(ids.REMOVE)):
    """Ask why an entry is to go."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:
        about = About.of(self.match)
        await moderation.get(moderator, about.id)
        await interaction.response.send_modal(RemoveForm(language_of(interaction.locale.value), about))


class Bar(ModerationItem, template=ids.template(ids.BAR)):
    """Ask why a dreamer may add no more."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:
        about = About.of(self.match)
        await moderation.get(moderator, about.id)
        await interaction.response.send_modal(BarForm(language_of(interaction.locale.value), about))


class Bars(ModerationItem, template=template(ids.BARS)):
    """Show who is barred."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:  # noqa: ARG002
        await interaction.response.defer()
        await panel.show_bars(interaction, int(self.match["id"]))


class Unbar(ModerationItem, template=template(ids.UNBAR)):
    """Let somebody add again."""

    part = discord.ui.Select

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:
        await interaction.response.defer()
        value = chosen(self.item) if isinstance(self.item, discord.ui.Select) else ""
        bar = await moderation.unbar(moderator, int(value) if re.fullmatch("[0-9]{1,18}", value) else 0)
        await telling.unbarred(interaction, bar)
        await panel.show_bars(interaction, told=telling.told(interaction, telling.UNBARRED))


class Clear(ModerationItem, template=template(ids.CLEAR)):
    """Ask whether all entries of the person that was chosen are to go."""

    part = discord.ui.UserSelect

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:  # noqa: ARG002
        await interaction.response.defer()
        people = self.item.values if isinstance(self.item, discord.ui.UserSelect) else ()
        if not people:
            raise UserError(NOTHING_CHOSEN)
        await panel.ask_to_clear(interaction, people[0].id)


class ReallyClear(ModerationItem, template=rf"oneiros:gallery:{ids.REALLY_CLEAR}:(?P<person>{ids.PERSON})"):
    """Ask why they are to go."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:
        person_id = int(self.match["person"])
        await moderation.count_of(moderator, person_id)
        await interaction.response.send_modal(ClearForm(language_of(interaction.locale.value), person_id))


class Log(ModerationItem, template=template(ids.LOG)):
    """Show what was done."""

    async def act(self, interaction: Interaction, moderator: Visitor, moderation: Moderation) -> None:  # noqa: ARG002
        await interaction.response.defer()
        await panel.show_log(interaction, int(self.match["id"]))


MODERATION: tuple[type[ModerationItem], ...] = (
    Moderate,
    Home,
    Turn,
    Approve,
    Restore,
    Keep,
    Remove,
    Bar,
    Bars,
    Unbar,
    Clear,
    ReallyClear,
    Log,
)
