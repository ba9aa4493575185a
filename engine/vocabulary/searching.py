"""Suggestions while somebody types what to dream of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from engine import catalogue
from engine.errors import RecipeError
from engine.vocabulary import layers
from engine.vocabulary.reading import read
from engine.vocabulary.shelf import KINDS, Choice, Shelf, Suggestion, fold, shelf
from engine.vocabulary.spelling import singulars, tidy
from engine.vocabulary.sums import MAX_LENGTH, split, unfinished
from engine.vocabulary.things import Thing, known, recognise

FEW = 5  # fewer finds than this are filled up with what is spelled nearly so
_PART, _ABOUT = 4, 5  # ranks that a misspelled name may come before: “eys” is in monkeys, and meant eyes

_ONE_KIND = re.compile(r"(layer|class)(?:e?s)?[\s:]+", re.IGNORECASE)
_FORM = re.compile(r"(?:feature )?(?:channel|strongest|weakest|neuron|direction)s?(?![^\s:])", re.IGNORECASE)
# What may be right although no choice of the shelf is it.
_WRITTEN = re.compile(rf"{_FORM.pattern}|(?:guide|layer)s?[\s:]|\S+/", re.IGNORECASE)
# What may finish a form that is typed in part, by its last character; the first that makes it readable is taken.
_ENDINGS = {":": ("0",), "=": ("1",), "@": ("0.5,0.5",), ",": ("0.5", "0")}
_OTHER_ENDINGS = (":0", ",0.5", " of {}", " {}", " {}:0", " 5 of {}")  # {} is a layer


def search(text: str, networks: Sequence[str], limit: int = 25, longest: int = MAX_LENGTH) -> list[Suggestion]:
    """Suggest how to go on from what is typed so far, the best first, at most ``limit``.

    Of a sum the last thing is completed and the rest stays. Each value is at most ``longest`` characters long (Discord
    takes 100), and ``read`` takes it for the same networks. Where nothing can follow there are no suggestions.
    Raises RecipeError for an unknown network only.
    """
    names = known(networks)
    choices = shelf(names)
    if len(text) > MAX_LENGTH:
        return []
    before, last = unfinished(tidy(text) + (" " if text[-1:].isspace() else ""))
    if not _leads_on(before, names):
        return []
    last = last.strip()
    found = _ranked(last, choices)
    typed = _typed(last, names)
    if typed is not None and not _among(typed, found[:3], names):
        found.insert(0, typed)
    joined = (_after(before, suggestion) for suggestion in found)
    fitting = (one for one in joined if len(one.value) <= longest and (not before or _reads(one.value, names)))
    return list(islice(fitting, limit))


def _reads(of: str, networks: tuple[str, ...]) -> bool:
    """Say whether a sum can be read: a thing and the same thing taken away cannot."""
    try:
        read(of, networks)
    except RecipeError:
        return False
    return True


def _leads_on(before: str, networks: tuple[str, ...]) -> bool:
    """Say whether what stands before the last thing can be read and leaves room for one more."""
    try:
        for part in split(f"{before}x")[:-1]:
            recognise(part.thing, networks)
    except RecipeError:
        return False
    return True


def _typed(last: str, networks: tuple[str, ...]) -> Suggestion | None:
    """Return what somebody wrote out, if it can be read, or a form (``channel 4:``) with what is missing."""
    if not _WRITTEN.match(last):
        return None
    layer = layers.for_guide(catalogue.network(networks[0])).name
    endings = _ENDINGS.get(last[-1], _OTHER_ENDINGS) if _FORM.match(last) else ()
    for ending in ("", *(ending.format(layer) for ending in endings)):
        thing = _recognised(last + ending, networks)
        if thing is not None:
            return Suggestion(last + ending, last + ending, thing.about, "form" if ending else "typed")
    return None


def _recognised(words: str, networks: tuple[str, ...]) -> Thing | None:
    """Return what words mean, if they are one thing."""
    with suppress(RecipeError):
        parts = split(words)
        if len(parts) == 1 and parts[0].thing == words:
            return recognise(words, networks)
    return None


def _among(typed: Suggestion, found: list[Suggestion], networks: tuple[str, ...]) -> bool:
    meant = recognise(typed.value, networks).terms
    return any(recognise(suggestion.value, networks).terms == meant for suggestion in found)


def _after(before: str, suggestion: Suggestion) -> Suggestion:
    return replace(suggestion, value=before + suggestion.value, title=before + suggestion.title)


def _ranked(last: str, choices: Shelf) -> list[Suggestion]:
    """Return the suggestions for one thing, all that are found, the best first."""
    if not last:
        return [choice.suggestion for choice in choices.choices if choice.first]
    kind = _ONE_KIND.match(f"{last} ")
    typed = fold(last[kind.end() :] if kind else last)
    if not typed and not kind:
        return []
    ranks: dict[int, tuple[int, ...]] = {}
    for later, words in enumerate((typed, *singulars(typed))):
        for place in choices.holding(words):
            choice = choices.choices[place]
            rank = _rank(choice, words) if not kind or _is(choice, kind[1]) else None
            if rank is not None and place not in ranks:
                ranks[place] = (rank + later, *_order(choice), place)
    places = sorted(ranks, key=ranks.__getitem__)
    clear = sum(rank < _PART for rank, *_ in ranks.values())
    if len(places) < FEW or not clear:
        near = [
            place for place in choices.alike.nearest(typed, FEW) if not kind or _is(choices.choices[place], kind[1])
        ]
        places = [*dict.fromkeys([*places[:clear], *near, *places[clear:]])]
    return [choices.choices[place].suggestion for place in places]


def _is(choice: Choice, kind: str) -> bool:
    return choice.suggestion.kind == kind.casefold()


def _order(choice: Choice) -> tuple[int, ...]:
    """Return what is decided by where two choices are found equally well: a kind, a whole block, a short name."""
    kind = choice.suggestion.kind
    return KINDS.index(kind), not choice.first, len(choice.names[0]) if kind == "class" else 0


def _rank(choice: Choice, words: str) -> int | None:
    """Return how well folded words find a choice, 0 the best, or nothing.

    In this order: its name, the name's start, the start of a word in it, the starts of several, a part of it, a word
    of what it is about.
    """
    if f" {words}" in choice.named:
        if words in choice.names:
            return 0
        return 1 if choice.named.startswith(f" {words}") else 2
    if " " in words and all(f" {word}" in choice.named for word in words.split()):
        return 3
    if words in choice.named:
        return _PART
    return _ABOUT if f" {words}" in choice.about else None
