"""The atlas as Components V2: a page of a layer's channels, and one channel with what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.language import Language
from bot.views.atlas.atlases import Book, Cell
from bot.views.atlas.drawing import PAGE
from bot.views.card import DREAMING, Card
from engine import catalogue
from engine.sentences import Sentence, mark
from engine.vocabulary import layers
from engine.vocabulary.terms import LOGITS

MOST_OPTIONS, MOST_LABEL = 25, 100  # of a select, as Discord takes them
PICTURE = "atlas.webp"

# What the buttons do; their classes are in bot.views.atlas.buttons, which lay out whole messages.
TURN, SHOW, DREAM, NUMBER = "page", "one", "dream", "number"
NETWORKS, LAYERS, CHANNELS = "networks", "layers", "channels"

HOW = mark(
    "Each picture was made from noise, so that one feature channel fires as strongly as it can. The word says what the "
    "network takes the picture for, not what the channel is for."
)
HOW_CLASSES = mark("Each picture was made from noise, so that the network sees one class in it as clearly as it can.")
CLASS = mark("class {number}: {name}")
CHANNEL = mark("feature channel {numbers} of {layer}")
CHANNELS_SHOWN = mark("Pictures of what the feature channels {first} to {last} of {layer} respond to.")
CLASSES_SHOWN = mark("Pictures of the classes {first} to {last}, as the network sees them.")


def page(say: Language, book: Book, networks: Sequence[str], layer: str, number: int) -> Card:
    """Lay out a page of a layer, its picture attached; ``number`` counts from 0, ``networks`` have an atlas."""
    cells = book.cells(layer)
    here, pages = cells[number * PAGE : (number + 1) * PAGE], pages_of(cells)
    title = say(
        "**Atlas** · {network}, {layer} · page {page} of {pages}",
        network=book.network.title,
        layer=layer,
        page=number + 1,
        pages=pages,
    )
    about = say(layers.about(book.network.layers[layer]))
    how = say(HOW_CLASSES if layer == LOGITS else HOW)
    items: list[discord.ui.Item[Any]] = [
        discord.ui.TextDisplay(f"{title}\n{about}\n-# {how}"),
        _picture(page_alt(say, layer, here)),
        discord.ui.ActionRow(_channels(say, book, layer, here)),
        discord.ui.ActionRow(_layers(say, book, layer)),
    ]
    if len(networks) > 1:
        items.append(discord.ui.ActionRow(_networks(say, book, networks, layer)))
    turns = []
    if pages > 1:
        back = _button(TURN, book, layer, max(number - 1, 0), say("Back"), "◀️")
        more = _button(TURN, book, layer, number + 1, say("More"), "▶️")
        back.disabled, more.disabled = number == 0, number == pages - 1
        turns = [back, more]
    items.append(discord.ui.ActionRow(*turns, number_button(say, book, layer)))
    return Card(*items, colour=DREAMING)


def one(say: Language, book: Book, cell: Cell) -> Card:
    """Lay out one channel, its picture attached."""
    cells = book.cells(cell.layer)
    at = cells.index(cell)
    name = say(named(cell))
    lines = [f"**{name[:1].upper()}{name[1:]}** · {book.network.title}"]
    if cell.layer != LOGITS:
        lines.append(say("The network takes it for: {words}", words=", ".join(cell.entry.words)))
    how = say(
        "Dream of it: /dream of:{of} network:{network} · response {response}",
        of=f"`{cell.words}`",
        network=f"`{book.network.name}`",
        response=cell.entry.response,
    )
    lines.append(f"-# {how}")
    turns = [
        _button(SHOW, book, cell.layer, cells[place].entry.channel, say(label), emoji)
        for place, label, emoji in ((at - 1, mark("Back"), "◀️"), (at + 1, mark("More"), "▶️"))
        if 0 <= place < len(cells)
    ]
    dream = _button(DREAM, book, cell.layer, cell.entry.channel, say("Dream with this"), "🌀")
    dream.style = discord.ButtonStyle.primary
    sheet = _button(TURN, book, cell.layer, at // PAGE, say("The whole page"), "🗺️")
    return Card(
        discord.ui.TextDisplay("\n".join(lines)),
        _picture(alone_alt(say, cell)),
        discord.ui.ActionRow(dream, *turns),
        discord.ui.ActionRow(sheet, number_button(say, book, cell.layer)),
        colour=DREAMING,
    )


def pages_of(cells: Sequence[Cell]) -> int:
    """Return how many pages channels take."""
    return -(-len(cells) // PAGE)


def named(cell: Cell) -> Sentence:
    """Name a channel; of the logits, a class."""
    if cell.layer == LOGITS:
        return Sentence(CLASS, {"number": cell.entry.channel, "name": cell.entry.words[0]})
    return Sentence(CHANNEL, {"numbers": str(cell.entry.channel), "layer": cell.layer})


def page_alt(say: Language, layer: str, cells: Sequence[Cell]) -> str:
    """Tell somebody who does not see it what a page shows."""
    first, last = cells[0].entry.channel, cells[-1].entry.channel
    return say(CLASSES_SHOWN if layer == LOGITS else CHANNELS_SHOWN, first=first, last=last, layer=layer)


def alone_alt(say: Language, cell: Cell) -> str:
    """Tell somebody who does not see it what the picture of one channel shows."""
    return say(
        "A picture made from noise, {subject}: the network takes it for {words}.",
        subject=named(cell),
        words=", ".join(cell.entry.words),
    )


def number_button(say: Language, book: Book, layer: str) -> discord.ui.Button[Any]:
    """Return the button that asks which channel to show."""
    label = say("Choose by number or name…") if layer == LOGITS else say("Choose by number…")
    custom_id = f"oneiros:atlas:{NUMBER}:{book.network.name}/{layer}"
    return discord.ui.Button(label=label[:80], emoji="🔢", custom_id=custom_id)


def _button(act: str, book: Book, layer: str, number: int, label: str, emoji: str) -> discord.ui.Button[Any]:
    custom_id = f"oneiros:atlas:{act}:{book.network.name}/{layer}/{number}"
    return discord.ui.Button(label=label[:80], emoji=emoji, custom_id=custom_id)


def _picture(alt: str) -> discord.ui.MediaGallery[Any]:
    return discord.ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{PICTURE}", description=alt))


def _channels(say: Language, book: Book, layer: str, cells: Sequence[Cell]) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=f"{cell.entry.channel} · {cell.entry.words[0]}"[:MOST_LABEL],
            value=str(cell.entry.channel),
            description=", ".join(cell.entry.words[1:])[:MOST_LABEL] or None,
        )
        for cell in cells
    ]
    custom_id = f"oneiros:atlas:{CHANNELS}:{book.network.name}/{layer}"
    return discord.ui.Select(custom_id=custom_id, placeholder=say("Look at one…"), options=options)


def _layers(say: Language, book: Book, layer: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=name,
            value=name,
            description=say(layers.about(book.network.layers[name]))[:MOST_LABEL],
            default=name == layer,
        )
        for name in around(book.layers, layer)
    ]
    return discord.ui.Select(custom_id=f"oneiros:atlas:{LAYERS}:{book.network.name}", options=options)


def _networks(say: Language, book: Book, networks: Sequence[str], layer: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=catalogue.network(name).title,
            value=name,
            description=say(catalogue.network(name).about)[:MOST_LABEL],
            default=name == book.network.name,
        )
        for name in around(networks, book.network.name)
    ]
    return discord.ui.Select(custom_id=f"oneiros:atlas:{NETWORKS}:{layer}", options=options)


def around(names: Sequence[str], chosen: str) -> Sequence[str]:
    """Return as many names as a select takes, ``chosen`` in the midst of them."""
    first = min(max(names.index(chosen) - MOST_OPTIONS // 2, 0), max(len(names) - MOST_OPTIONS, 0))
    return names[first : first + MOST_OPTIONS]
