"""Channels while somebody types: by a layer and a number, or by what the network takes them for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from discord import app_commands

from bot.views.atlas.atlases import Book, Cell
from bot.views.completing import MOST_CHOICES, MOST_LETTERS, choice
from engine import vocabulary
from engine.errors import RecipeError
from engine.vocabulary import classes
from engine.vocabulary.shelf import fold
from engine.vocabulary.spelling import singulars, tidy
from engine.vocabulary.sums import MAX_LENGTH, unfinished
from engine.vocabulary.terms import LOGITS

Choices = list[app_commands.Choice[str]]

FEWEST_LETTERS = 3  # of a word: “a” begins one of nearly every channel's
OF_A_LAYER = 8  # channels that are shown beside a layer which may be all that is meant

# channel 4:1 · 4:1 · channel 4 · layer 4 · lite0/channel blocks.4:1 · channel lite0/4
_TYPED = re.compile(
    r"(?:(?P<network>[^\s/]+)/)?(?P<keyword>(?:feature )?channels?(?=[\s:]|$))?[\s:]*(?:layers?\s)?"
    r"(?:(?P<inner>[^\s/]+)/)?(?P<layer>[^\s:,=@/]*)(?P<colon>[\s:]+)?(?P<number>[0-9]*)",
    re.IGNORECASE,
)


def with_channels(found: Choices, typed: str, networks: Sequence[str], books: Mapping[str, Book]) -> Choices:
    """Return suggestions for what to dream of by ``networks``, with channels out of their atlases.

    Where a number was begun after a layer, channels go first; beside a layer's bare name a few have room; what is a
    word fills up what ``found`` leaves.
    """
    if len(typed) > MAX_LENGTH:
        return found
    before, last = unfinished(tidy(typed))
    if before and not found and not vocabulary.search(before, networks, 1, MOST_LETTERS):
        return found  # what stands before cannot be gone on from
    parts = _TYPED.fullmatch(last)
    if parts is None:
        return found
    network = parts["network"] or parts["inner"] or ""
    book = books.get(network or networks[0])
    if book is None or (network and network not in networks):
        return found
    layer = book.find_layer(parts["layer"]) or (book.first_layer if parts["keyword"] and not parts["layer"] else None)
    if layer is None and len(found) >= MOST_CHOICES:
        return found
    if layer is None:
        return [*found, *_but(_choices(_seen_as(book, fold(last)), before, network, networks), found)]
    channels = _choices(_numbered(book, layer, parts["number"]), before, network, networks)
    if not channels:
        return found
    if parts["keyword"] or parts["colon"]:
        same = [vocabulary.read(one.value.removeprefix(before), networks) for one in (*found[:1], channels[0])]
        return [*channels, *_but(found[1:] if same[0] == same[-1] else found, channels)]
    few = channels[:OF_A_LAYER]
    return [*_but(found, few)[: MOST_CHOICES - OF_A_LAYER], *few]


def _choices(cells: Iterator[Cell], before: str, network: str, networks: Sequence[str]) -> Choices:
    found: Choices = []
    for cell in cells:
        value = f"{before}{network}/{cell.words}" if network else f"{before}{cell.words}"
        # To read eight parts takes milliseconds: only what may be in them already is read again.
        twice = before and (cell.layer == LOGITS or str(cell.entry.channel) in before)
        if len(value) <= MOST_LETTERS and not (twice and not _reads(value, networks)):
            found.append(choice(f"{value} · {', '.join(cell.entry.words)}", value))
        if len(found) == MOST_CHOICES:
            break
    return found


def _but(choices: Choices, others: Choices) -> Choices:
    """Return choices that are not among the others."""
    there = {one.value for one in others}
    return [one for one in choices if one.value not in there]


def _reads(value: str, networks: Sequence[str]) -> bool:
    """Say whether a sum can be read: a channel and the same one taken away cannot."""
    try:
        vocabulary.read(value, networks)
    except RecipeError:
        return False
    return True


def _numbered(book: Book, layer: str, number: str) -> Iterator[Cell]:
    """Yield the channels of a layer whose number begins with these digits, the very one first."""
    cells = [cell for cell in book.cells(layer) if str(cell.entry.channel).startswith(number)]
    yield from sorted(cells, key=lambda cell: (str(cell.entry.channel) != number, cell.entry.channel))


def _seen_as(book: Book, typed: str) -> Iterator[Cell]:
    """Yield the channels that are taken for something of this name: what is surest first, the deepest layer first."""
    for words in (typed, *singulars(typed)):
        if len(words) < FEWEST_LETTERS:
            continue
        hits = [index for index, name in enumerate(_folded()) if f" {words}" in name]
        ranked = [found for index in hits for found in book.seen_as.get(index, ())]
        if ranked:
            cells = dict.fromkeys(cell for _, cell in sorted(ranked, key=lambda one: one[0]))
            yield from (cell for cell in cells if cell.layer != LOGITS)  # those are the classes themselves
            return


@cache
def _folded() -> list[str]:
    return [f" {fold(name)}" for name in classes.names()]
