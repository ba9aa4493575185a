"""A page of a gallery: a grid of thumbnails, what they are called, and the ways on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.entry import Entry, Listing, Order, Page, Period
from bot.language import Language
from bot.presets import names
from bot.views.alt_text import alt_text
from bot.views.card import DREAMED, Card
from bot.views.gallery import card, controls
from bot.views.gallery.places import Place
from bot.views.uploads import Upload
from bot.views.wording import MOST_OF_ONE
from engine.recipe import Recipe
from engine.sentences import mark

PAGE = 9  # entries: a media gallery shows them in threes
MOST_ALT, MOST_LABEL = 1024, 100

SORTS: dict[str, tuple[Order, Period, str]] = {
    "newest": (Order.NEWEST, Period.EVER, mark("newest first")),
    "today": (Order.TOP, Period.DAY, mark("top of the last day")),
    "week": (Order.TOP, Period.WEEK, mark("top of the last week")),
    "month": (Order.TOP, Period.MONTH, mark("top of the last month")),
    "ever": (Order.TOP, Period.EVER, mark("top of all time")),
    "random": (Order.RANDOM, Period.EVER, mark("in random order")),
}
EMPTY = mark(
    "**This gallery is empty.** Dream with /dream, then press 🏛️ *Add to gallery* under your dream: yours is the first."
)
NOTHING_FOUND = mark("**Nothing in this gallery is like that.** Look for something else, or see all of it.")


@dataclass(frozen=True)
class Surroundings:
    """What is shown beside a page: the server's name, and the buttons of who may decide on the gallery."""

    server: str
    moderation: Sequence[discord.ui.Button[Any]] = ()


def sort_of(listing: Listing) -> str:
    """Return the name of a listing's order."""
    known = {(order, period): name for name, (order, period, _) in SORTS.items()}
    return known.get((listing.order, listing.period), "newest")


def page(say: Language, place: Place, of: Page, thumbnails: Mapping[int, Upload], around: Surroundings) -> Card:
    """Lay out a page of a listing; ``thumbnails`` are attached, by entry."""
    if not of.entries:
        return _empty(say, place.listing, around)
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(_heading(say, place.listing, around))]
    shown = [(number, one, thumbnails[one.id]) for number, one in enumerate(of.entries, 1) if one.id in thumbnails]
    if shown:
        items.append(discord.ui.MediaGallery(*(_thumbnail(say, number, one, upload) for number, one, upload in shown)))
    items.append(discord.ui.TextDisplay("\n".join(_line(say, number, one) for number, one in enumerate(of.entries, 1))))
    items.append(discord.ui.ActionRow(_chooser(say, place, of.entries)))
    items.append(discord.ui.ActionRow(_sorter(say, place.listing)))
    items.append(discord.ui.ActionRow(*_turns(say, place.listing, of), *_ways(say, around)))
    return Card(*items, colour=DREAMED)


def _empty(say: Language, listing: Listing, around: Surroundings) -> Card:
    filtered = filter_words(say, listing) is not None or listing.period is not Period.EVER
    sentence = say(NOTHING_FOUND if filtered else EMPTY)
    words = discord.ui.TextDisplay[Any](f"{_heading(say, listing, around)}\n{sentence}")
    everything = discord.ui.Button[Any](label=say("All of it"), emoji="🏛️", custom_id=Place().custom_id(controls.PAGE))
    row = discord.ui.ActionRow[Any](*([everything] if filtered else []), *_ways(say, around))
    return Card(words, row, colour=DREAMED)


def _heading(say: Language, listing: Listing, around: Surroundings) -> str:
    order = say(SORTS[sort_of(listing)][2])
    filtered = filter_words(say, listing)
    facts = [say("The gallery of {server}", server=names.shown(around.server)), *([filtered] if filtered else [])]
    return f"### {' · '.join(facts)}\n-# {order}"


def filter_words(say: Language, listing: Listing) -> str | None:
    """Say by what a listing is filtered; None where it is by nothing."""
    if listing.person_id is not None:
        return say("by {person}", person=f"<@{listing.person_id}>")
    if listing.tag is not None:
        return f"\\#{names.shown(listing.tag)}"
    if listing.preset is not None:
        return say("preset {name}", name=names.shown(listing.preset))
    if listing.words is not None:
        return say("search: “{words}”", words=names.shown(listing.words))
    return None


def _line(say: Language, number: int, entry: Entry) -> str:
    called = card.title(say, entry)
    if len(called) > MOST_OF_ONE:
        called = f"{called[: MOST_OF_ONE - 1]}…"
    return f"**{number}.** {called} · <@{entry.person_id}> · ⭐ {entry.votes}"


def _thumbnail(say: Language, number: int, entry: Entry, upload: Upload) -> discord.MediaGalleryItem:
    alt = f"{number}. {alt_text(say, Recipe.from_json(entry.recipe))}"[:MOST_ALT]
    return discord.MediaGalleryItem(f"attachment://{upload.name}", description=alt, spoiler=entry.spoiler)


def _chooser(say: Language, place: Place, entries: Sequence[Entry]) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=f"{number}. {_plainly(say, entry)}"[:MOST_LABEL], value=str(entry.id))
        for number, entry in enumerate(entries, 1)
    ]
    return discord.ui.Select(custom_id=place.custom_id(controls.PICK), placeholder=say("Open one…"), options=options)


def _plainly(say: Language, entry: Entry) -> str:
    """Return what an entry is called where nothing is marked up."""
    return entry.title or card.title(say, entry)


def _sorter(say: Language, listing: Listing) -> discord.ui.Select[Any]:
    now = sort_of(listing)
    options = [
        discord.SelectOption(label=_capital(say(words)), value=name, default=name == now)
        for name, (_, _, words) in SORTS.items()
    ]
    return discord.ui.Select(custom_id=f"oneiros:gallery:{controls.SORT}:{listing.to_text()}", options=options)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _turns(say: Language, listing: Listing, of: Page) -> list[discord.ui.Button[Any]]:
    """Return the buttons to the pages before and after; none where all is on this one."""
    if of.previous is None and of.next is None:
        return []
    ways = ((say("Back"), "◀️", of.previous), (say("More"), "▶️", of.next))
    return [
        # Of two buttons without a page at most one is shown: no two have one custom_id.
        discord.ui.Button(
            label=label, emoji=emoji, custom_id=Place(listing, at).custom_id(controls.PAGE), disabled=at is None
        )
        for label, emoji, at in ways
    ]


def _ways(say: Language, around: Surroundings) -> list[discord.ui.Button[Any]]:
    return [controls.mine_button(say("Mine"), "🙋"), *around.moderation]
