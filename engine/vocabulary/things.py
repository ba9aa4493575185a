"""One thing to dream of: its words turned into terms, and into plain words for the person who chose it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from engine import catalogue
from engine.catalogue import NetworkFacts
from engine.errors import RecipeError
from engine.sentences import Sentence, mark
from engine.vocabulary import classes, layers, numbered
from engine.vocabulary.alike import Alike
from engine.vocabulary.mood import Mood, mood_named, moods
from engine.vocabulary.spelling import shown
from engine.vocabulary.sums import split
from engine.vocabulary.terms import Class, Guide, Layer, Term, What

KEYWORDS = ("layer", "channel", "strongest", "weakest", "neuron", "direction", "class", "guide")

_KEYWORD = re.compile(rf"(?:feature )?({'|'.join(KEYWORDS)})(?:e?s)?(?:[\s:]+(.*))?", re.IGNORECASE)

# What a thing is, in plain words.
_CLASS = "{name}"  # ImageNet's names are English in every language
_STRONGEST = mark("what {layer} sees most of in the picture")
_WEAKEST = mark("what {layer} sees least of in the picture")
_CHANNEL = mark("feature channel {numbers} of {layer}")
_CHANNELS = mark("feature channels {numbers} of {layer}")
_NEURON = mark("one neuron of feature channel {number} of {layer}")
_DIRECTION = mark("a mixture of {count} feature channels of {layer}")


@dataclass(frozen=True)
class Thing:
    """What one thing means: terms whose weights add up to 1 in size, and what it is in plain words."""

    terms: tuple[Term, ...]
    about: Sentence


@dataclass(frozen=True)
class Where:
    """The networks that dream together, and the one among them that a thing is for, if it names one."""

    networks: tuple[str, ...]
    only: str | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the networks that dream of the thing."""
        return self.networks if self.only is None else (self.only,)

    def first(self) -> NetworkFacts:
        """Return the network that numbers belong to: they mean nothing in another."""
        return catalogue.network(self.chosen[0])

    def prefixed(self, words: str) -> tuple[Where, str]:
        """Take a network's name and a slash out of the words. Raises RecipeError for one that does not dream here."""
        before, slash, after = words.partition("/")
        if not slash:
            return self, words
        before, _, name = before.rpartition(" ")
        for network in self.networks:
            if network.casefold() == name.casefold():
                return replace(self, only=network), f"{before} {after}".strip()
        if not name:
            raise RecipeError("No network is named. Before the slash goes {networks}.", networks=self.networks)
        raise RecipeError(
            "The network “{network}” does not dream here. Before the slash goes {networks}.",
            network=shown(name),
            networks=self.networks,
        )


def known(networks: Sequence[str]) -> tuple[str, ...]:
    """Return the networks that dream together, each once. Raises RecipeError for an unknown one, or for none."""
    names = tuple(dict.fromkeys(networks))
    if not names:
        raise RecipeError("No network is chosen. Choose one, such as lite2.")
    for name in names:
        catalogue.network(name)
    return names


def recognise(words: str, networks: tuple[str, ...], *, in_mood: bool = False) -> Thing:
    """Turn one thing's words into what it means. A mood is not made of moods. Raises RecipeError."""
    words = re.sub(r"\s*([:,=@/])\s*", r"\1", words)
    keyword = _KEYWORD.fullmatch(words)
    if keyword is None:  # lite0/dogs, or lite0/layer 4
        where, words = Where(networks).prefixed(words)
        keyword = _KEYWORD.fullmatch(words)
        rest = keyword[2] or "" if keyword else ""
    else:  # layer lite0/4, or strongest 5 of lite0/4
        where, rest = Where(networks).prefixed(keyword[2] or "")
    return _READERS[keyword[1].casefold()](rest, where) if keyword else _named(words, where, in_mood=in_mood)


def _named(words: str, where: Where, *, in_mood: bool) -> Thing:
    """Read a bare name: as it stands a mood before a class before a layer, then so with its singular or plural."""
    for forgiving in (False, True):
        mood = None if in_mood else mood_named(words, forgiving=forgiving)
        if mood is not None:
            return _mood(mood, where)
        index = classes.find(words, forgiving=forgiving)
        if index is not None:
            return _class(index, where)
        if words in where.first().layers:
            return _layer(words, where)
    if "," in words:
        said = shown(words.replace(",", ", "))
        raise RecipeError("“{words}” is not one thing. Join several with a plus: eyes + dogs.", words=said)
    names = _offered(where.chosen)
    near = tuple(names[place] for place in _nearest(where.chosen).nearest(words, 3))
    if near:
        raise RecipeError("There is nothing called “{words}”. Did you mean {names}?", words=shown(words), names=near)
    raise RecipeError(
        "There is nothing called “{words}”. Write a mood (dogs), a layer (layer 4) or a class (peacock).",
        words=shown(words),
    )


def _mood(mood: Mood, where: Where) -> Thing:
    """Expand a mood. Its weights say only how its parts compare: together they weigh as much as one thing."""
    terms: list[Term] = []
    for network in where.chosen:
        parts = split(mood.made_of(network))
        total = sum(abs(part.weight) for part in parts) * len(where.chosen)
        for part in parts:
            thing = recognise(part.thing, (network,), in_mood=True)
            terms += [replace(term, weight=term.weight * part.weight / total) for term in thing.terms]
    return Thing(tuple(terms), Sentence(mood.about))


def _spread(where: Where, what: Callable[[NetworkFacts], What], about: Sentence) -> Thing:
    """Let every network make its own of a thing, an equal share each."""
    share = 1 / len(where.chosen)
    return Thing(tuple(Term(name, share, what(catalogue.network(name))) for name in where.chosen), about)


def _layer(name: str, where: Where) -> Thing:
    about = layers.about(layers.find(where.first(), name))
    return _spread(where, lambda network: Layer(layers.find(network, name).name), about)


def _guide(name: str, where: Where) -> Thing:
    def what(network: NetworkFacts) -> Guide:
        return Guide((layers.find(network, name) if name else layers.for_guide(network)).name)

    return _spread(where, what, Sentence("what the guide picture shows"))


def _class(index: int, where: Where) -> Thing:
    name = classes.names()[index]

    def what(network: NetworkFacts) -> Class:
        if not classes.known_to(network):
            raise RecipeError(
                "{network} knows no class {name}: it was not taught ImageNet's. Choose a layer.",
                network=network.title,
                name=name,
            )
        return Class(index)

    return _spread(where, what, Sentence(_CLASS, {"name": name}))


def _class_named(name: str, where: Where) -> Thing:
    if re.fullmatch("[0-9]{1,9}", name):
        if int(name) >= len(classes.names()):
            raise RecipeError(
                "There is no class {number}. ImageNet's classes are 0–{last}.",
                number=name,
                last=len(classes.names()) - 1,
            )
        return _class(int(name), where)
    index = classes.find(name, forgiving=True)
    if index is not None:
        return _class(index, where)
    if not name:
        raise RecipeError("No class is named. Write one of ImageNet's, such as class: peacock.")
    near = tuple(classes.names()[place] for place in _nearest_class().nearest(name, 3))
    if near:
        raise RecipeError("There is no class called “{name}”. Did you mean {names}?", name=shown(name), names=near)
    raise RecipeError(
        "There is no class called “{name}”. Write one of ImageNet's, such as class: peacock.", name=shown(name)
    )


def _extremes(words: str, where: Where, *, strongest: bool) -> Thing:
    found = numbered.extremes(words, where.first(), strongest=strongest)
    about = Sentence(_STRONGEST if strongest else _WEAKEST, {"layer": found.layer})
    return _spread(where, lambda network: numbered.extremes(words, network, strongest=strongest), about)


def _of_one(what: What, where: Where, about: Sentence) -> Thing:
    return Thing((Term(where.chosen[0], 1.0, what),), about)


def _channels(words: str, where: Where) -> Thing:
    found = numbered.channels(words, where.first())
    numbers = ", ".join(map(str, found.channels))
    about = Sentence(_CHANNELS if len(found.channels) > 1 else _CHANNEL, {"numbers": numbers, "layer": found.layer})
    return _of_one(found, where, about)


def _neuron(words: str, where: Where) -> Thing:
    found = numbered.neuron(words, where.first())
    return _of_one(found, where, Sentence(_NEURON, {"number": found.channel, "layer": found.layer}))


def _direction(words: str, where: Where) -> Thing:
    found = numbered.direction(words, where.first())
    return _of_one(found, where, Sentence(_DIRECTION, {"count": len(found.parts), "layer": found.layer}))


_READERS: dict[str, Callable[[str, Where], Thing]] = {
    "layer": _layer,
    "channel": _channels,
    "strongest": lambda words, where: _extremes(words, where, strongest=True),
    "weakest": lambda words, where: _extremes(words, where, strongest=False),
    "neuron": _neuron,
    "direction": _direction,
    "class": _class_named,
    "guide": _guide,
}


@lru_cache(maxsize=16)
def _offered(networks: tuple[str, ...]) -> list[str]:
    layer_names = dict.fromkeys(f"layer {layer}" for name in networks for layer in catalogue.network(name).layers)
    return list(dict.fromkeys([*moods(), *classes.names(), *layer_names]))


@lru_cache(maxsize=16)
def _nearest(networks: tuple[str, ...]) -> Alike:
    return Alike(_offered(networks), len(moods()))


@lru_cache(maxsize=1)
def _nearest_class() -> Alike:
    return Alike(classes.names())
