"""/help as Components V2: one private message whose pages are turned."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.help import pages
from bot.help.pages import PAGES, Page, Shown
from bot.language import ENGLISH, Language, language_of
from bot.views import moods
from bot.views.card import DREAMING, Card
from bot.views.host import host_of
from bot.views.lasting import Lasting, chosen
from bot.views.layouts import NOBODY
from bot.views.mentions import Mentions
from engine.sentences import mark

Interaction = discord.Interaction[Any]

TURN, CONTENTS = "oneiros:help:page:", "oneiros:help:contents"
FOR_MODERATORS = mark("That page is for the moderators of a server, and is shown to them there. See the others: /help.")


@dataclass(frozen=True)
class Book:
    """What the pages are laid out with."""

    say: Language
    mentions: Mentions
    days: int  # that pictures are kept
    moderates: bool

    @property
    def pages(self) -> list[Page]:
        """The pages that the reader may see, in order."""
        return [page for page in PAGES.values() if self.moderates or not page.for_moderators]

    def words(self, message: str) -> str:
        """Say a page's words, with commands that can be pressed."""
        return self.say(message, **(self.mentions.named_in(message) | {"days": self.days}))


def book_of(interaction: Interaction) -> Book:
    """Return the pages for who acts, in this place."""
    host = host_of(interaction)
    return Book(
        language_of(interaction.locale.value),
        host.mentions,
        round(host.settings.retention_days),
        interaction.guild_id is not None
        and (interaction.permissions.manage_guild or interaction.permissions.manage_messages),
    )


def page_of(book: Book, topic: str) -> Page:
    """Return a page by its topic, the first one for a topic that is no more. Raises UserError."""
    page = PAGES.get(topic, pages.START)
    if page not in book.pages:
        raise UserError(FOR_MODERATORS)
    return page


def lay_out(book: Book, page: Page) -> Card:
    """Lay out a page; its pictures are attached (``files_of``)."""
    say = book.say
    heading = f"## {page.emoji} {say(page.title)}"
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(f"{heading}\n{book.words(page.text)}")]
    if page.gallery:
        items.append(discord.ui.MediaGallery(*(_medium(say, shown) for shown in page.gallery)))
    items += [_beside(say, name, shown) for name, shown in page.beside]
    if page.under:
        items.append(discord.ui.TextDisplay(book.words(page.under)))
    items += [
        discord.ui.Separator(),
        discord.ui.ActionRow(Contents(book, page)),
        discord.ui.ActionRow(*_turns(book, page)),
    ]
    return Card(*items, colour=DREAMING)


def files_of(say: Language, page: Page) -> list[discord.File]:
    """Return the pictures of a page, each with what it says to somebody who does not see it."""
    return [
        discord.File(io.BytesIO(pages.picture(one.name)), filename=_file(one), description=_alt(say, one))
        for one in pages.pictures_of(page)
    ]


def _medium(say: Language, shown: Shown) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(f"attachment://{_file(shown)}", description=_alt(say, shown))


def _beside(say: Language, mood: str, shown: Shown) -> discord.ui.Section[Any]:
    name, about = pages.mood_text(mood)
    picture = discord.ui.Thumbnail[Any](f"attachment://{_file(shown)}", description=_alt(say, shown))
    return discord.ui.Section(discord.ui.TextDisplay(f"**{moods.named(say, name)}**\n{say(about)}"), accessory=picture)


def _file(shown: Shown) -> str:
    return f"{shown.name.lower().replace(' ', '-')}.webp"


def _alt(say: Language, shown: Shown) -> str:
    if shown.name in pages.MOODS:
        return say(shown.alt, things=say(pages.mood_text(shown.name)[1]))
    return say(shown.alt, name=shown.name) if shown.name in pages.BUILT_IN else say(shown.alt)


def _turns(book: Book, page: Page) -> list[discord.ui.Item[Any]]:
    """Return the buttons to the pages before and after."""
    order = book.pages
    place = order.index(page)
    turns: list[discord.ui.Item[Any]] = []
    if place > 0:
        turns.append(Turn(order[place - 1].topic, book.say(order[place - 1].title), "◀️"))
    if place + 1 < len(order):
        turns.append(Turn(order[place + 1].topic, book.say(order[place + 1].title), "▶️"))
    return turns


class Turn(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=rf"{TURN}(?P<topic>[a-z]{{1,32}})"):
    """A button to another page."""

    def __init__(self, topic: str, label: str = "…", emoji: str | None = None) -> None:
        self.topic = topic
        super().__init__(discord.ui.Button(label=label[:80], emoji=emoji, custom_id=f"{TURN}{topic}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["topic"])

    async def pressed(self, interaction: Interaction) -> None:
        await _turn_to(interaction, self.topic)


class Contents(Lasting[discord.ui.Select[discord.ui.LayoutView]], template=CONTENTS):
    """The menu of all pages."""

    def __init__(self, book: Book | None = None, page: Page | None = None) -> None:
        say = book.say if book is not None else language_of(ENGLISH)
        options = [
            discord.SelectOption(label=say(one.title)[:100], value=one.topic, emoji=one.emoji, default=one is page)
            for one in (book.pages if book is not None else ())
        ]
        super().__init__(
            discord.ui.Select(
                custom_id=CONTENTS, placeholder=say("All pages"), options=options or discord.utils.MISSING
            )
        )

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:  # noqa: ARG003 - there is but one
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await _turn_to(interaction, chosen(self.item))


async def _turn_to(interaction: Interaction, topic: str) -> None:
    book = book_of(interaction)
    page = page_of(book, topic)
    await interaction.response.edit_message(
        view=lay_out(book, page), attachments=files_of(book.say, page), allowed_mentions=NOBODY
    )


ITEMS = (Turn, Contents)
