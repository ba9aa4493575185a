"""Everything that can be suggested for some networks: moods, layers, classes, and how to write the rest."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from engine import catalogue
from engine.catalogue import NetworkFacts
from engine.errors import RecipeError
from engine.sentences import Sentence, mark
from engine.vocabulary import classes, layers
from engine.vocabulary.alike import Alike
from engine.vocabulary.mood import mood_named, moods
from engine.vocabulary.spelling import key
from engine.vocabulary.things import recognise

KINDS = ("typed", "mood", "guide", "form", "layer", "class")  # in this order where nothing else tells them apart


@dataclass(frozen=True)
class Suggestion:
    """Something to choose: ``value`` is what ``read`` takes, the rest is for the person's eyes."""

    value: str
    title: str
    about: Sentence
    kind: str  # one of KINDS; "typed" is what the person wrote out in full


@dataclass(frozen=True)
class Choice:
    """A suggestion and what finds it: names in folded spelling, and whether it is shown before anything is typed."""

    suggestion: Suggestion
    names: tuple[str, ...]
    first: bool = True

    @cached_property
    def named(self) -> str:
        """Return all names in one text, a space before each word."""
        return "".join(f" {name}" for name in self.names)

    @cached_property
    def about(self) -> str:
        """Return what it is about, folded, a space before each word."""
        return f" {fold(str(self.suggestion.about))}"


@dataclass(frozen=True)
class Shelf:
    """The choices for some networks, in the order to show them."""

    choices: tuple[Choice, ...]

    def holding(self, words: str) -> list[int]:
        """Return the places of the choices that have the first of these folded words, or its letters, anywhere."""
        wanted, found, at = words.split(" ", 1)[0], [], 0
        while (at := self._text.find(wanted, at)) >= 0:
            place = bisect_right(self._starts, at) - 1
            found.append(place)
            if place + 1 == len(self._starts):
                break
            at = self._starts[place + 1]
        return found

    @cached_property
    def _lines(self) -> list[str]:
        return [f"{choice.named}{choice.about}\n" for choice in self.choices]

    @cached_property
    def _text(self) -> str:
        """Return all choices in one text: Python finds a word in that ten times faster than in each."""
        return "".join(self._lines)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(map(len, self._lines[:-1]))]

    @cached_property
    def alike(self) -> Alike:
        """Return what finds misspelled titles."""
        suggestions = [choice.suggestion for choice in self.choices]
        return Alike(
            [suggestion.title for suggestion in suggestions], len([s for s in suggestions if s.kind == "mood"])
        )


def fold(text: str) -> str:
    """Return text in lower case, its words with a single space between them and nothing else."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("_", " ")))


_KIND = mark("{kind}, ImageNet class {number}")
_GUIDE = Choice(Suggestion("guide", "guide", Sentence("what a second picture shows"), "guide"), ("guide",))


@lru_cache(maxsize=16)
def shelf(networks: tuple[str, ...]) -> Shelf:
    """Return the choices for networks that dream together. Raises RecipeError for an unknown one."""
    facts = [catalogue.network(name) for name in networks]
    return Shelf((*_moods(facts), _GUIDE, *_forms(facts[0]), *_layers(facts), *_classes(facts)))


def _moods(facts: list[NetworkFacts]) -> Iterator[Choice]:
    for mood in moods().values():
        with suppress(RecipeError):  # some networks may have no such mood
            recognise(mood.name, tuple(network.name for network in facts))
            yield Choice(
                Suggestion(mood.name, mood.name, Sentence(mood.about), "mood"), (fold(mood.name), key(mood.name))
            )


def _forms(network: NetworkFacts) -> Iterator[Choice]:
    """Yield an example of each form that numbers complete."""
    layer = layers.for_guide(network)
    last = layer.channels - 1
    for value, about in (
        (f"channel {layer.name}:0", Sentence("one feature channel of a layer, here 0–{last}", {"last": last})),
        (f"strongest 5 of {layer.name}", Sentence("the channels that answer most to the picture")),
        (f"weakest 5 of {layer.name}", Sentence("the channels that answer least to the picture")),
        (f"neuron {layer.name}:0@0.5,0.5", Sentence("one channel at one place: across, down")),
        (f"direction {layer.name}:0=1,1=-1", Sentence("a mixture of channels, an amount for each")),
    ):
        yield Choice(Suggestion(value, value, about, "form"), (fold(value),), first=False)


def _layers(facts: list[NetworkFacts]) -> Iterator[Choice]:
    """Yield the layers: by bare name what all networks have, and of several networks each one's own."""
    for network in facts:
        for layer in network.layers.values():
            own = f"{network.name}/{layer.name}"
            if network is facts[0] and all(layer.name in other.layers for other in facts):
                yield _layer(layer.name, layers.about(layer), first=layer.name in layers.top(network))
            if len(facts) > 1:
                yield _layer(own, layers.about(layer), first=False)


def _layer(name: str, about: Sentence, *, first: bool) -> Choice:
    prefix, slash, layer = name.rpartition("/")
    short = fold(prefix + slash + layers.short(layer)) if layers.short(layer) else ""
    names = tuple(f"{word}{name}" for name in (fold(name), short) if name for word in ("layer ", ""))
    return Choice(Suggestion(f"layer {name}", f"layer {name}", about, "layer"), names, first=first)


def _classes(facts: list[NetworkFacts]) -> Iterator[Choice]:
    if not all(map(classes.known_to, facts)):
        return
    for index, name in enumerate(classes.names()):
        about = Sentence(_KIND, {"kind": Sentence(classes.kind(index)), "number": index})
        value = _unmistakable(index, name)
        yield Choice(Suggestion(value, value, about, "class"), (fold(name), key(name), str(index)))


def _unmistakable(index: int, name: str) -> str:
    """Return words that mean this class and neither a mood nor another class."""
    try:
        alone = mood_named(name) is None and classes.find(name) == index
    except RecipeError:
        alone = False
    return name if alone else f"class: {name}"
