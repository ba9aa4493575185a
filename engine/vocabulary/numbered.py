"""Feature channels, neurons and directions: the things that are named by numbers within a layer."""

from __future__ import annotations

import re

from engine.catalogue import LayerFacts, NetworkFacts
from engine.errors import RecipeError
from engine.vocabulary import layers
from engine.vocabulary.spelling import shown
from engine.vocabulary.sums import MAX_WEIGHT
from engine.vocabulary.terms import Channels, Direction, Extremes, Neuron

# A layer, and what is said of it: 4:27 · 4 27 · layer 4:27.
_PLACE = re.compile(r"(?:layers? )?([^\s:,=@]+)[\s:]+(.+)", re.IGNORECASE)
# The same the other way round: 27,31 of layer 4.
_PLACE_LAST = re.compile(r"(.+?) (?:of|in|from) (?:layers? )?([^\s:,=@]+)", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def channels(words: str, network: NetworkFacts) -> Channels:
    """Read ``4:27,31,90``. Raises RecipeError."""
    form = ("channel 4:27", "channels 4:27,31")
    layer, rest = _place(words, network, form)
    numbers = [_channel(number, layer) for number in _list(rest)]
    return Channels(layer.name, tuple(dict.fromkeys(numbers)))


def extremes(words: str, network: NetworkFacts, *, strongest: bool) -> Extremes:
    """Read ``5 of 4``, the number of channels and their layer. Raises RecipeError."""
    found = re.fullmatch(r"([0-9]{1,9})(?: channels?)? (?:of |in |from )?(?:layers? )?(\S+)", words, re.IGNORECASE)
    if found is None:
        raise _unreadable(words, ("strongest 5 of 4" if strongest else "weakest 5 of 4",))
    layer, count = layers.find(network, found[2]), int(found[1])
    if not 1 <= count <= layer.channels:
        raise RecipeError(
            "Layer {layer} of {network} has {channels} channels, so not {count} of them.",
            layer=layer.name,
            network=network.name,
            channels=layer.channels,
            count=count,
        )
    return Extremes(layer.name, count, strongest)


def neuron(words: str, network: NetworkFacts) -> Neuron:
    """Read ``4:27`` or ``4:27@0.3,0.7``, the place as fractions of width and height. Raises RecipeError."""
    form = ("neuron 4:27", "neuron 4:27@0.3,0.7")
    words, at, place = words.partition("@")
    layer, rest = _place(words, network, form)
    channel = _channel(rest, layer)
    if not at:
        return Neuron(layer.name, channel)
    fractions = [_number(number) for number in _list(place)]
    if len(fractions) != 2 or not all(0 <= fraction <= 1 for fraction in fractions):
        raise RecipeError(
            "“{words}” is no place in a picture. Write two numbers from 0 to 1: {form}.", words=shown(place), form=form
        )
    return Neuron(layer.name, channel, *fractions)


def direction(words: str, network: NetworkFacts) -> Direction:
    """Read ``4:27=0.5,81=-0.3``, an amount for each channel. Raises RecipeError."""
    form = ("direction 4:27=0.5,81=-0.3",)
    layer, rest = _place(words, network, form)
    parts: dict[int, float] = {}
    if not all(re.fullmatch(r"[0-9]+(=.*)?", word) for word in _list(rest)):
        raise _unreadable(words, form)
    for word in _list(rest):
        number, equals, amount = word.partition("=")
        channel = _channel(number, layer)
        if channel in parts:
            raise RecipeError("This direction names channel {channel} twice. Name each channel once.", channel=channel)
        parts[channel] = _number(amount) if equals else 1.0
        if not 0 < abs(parts[channel]) <= MAX_WEIGHT:
            raise RecipeError(
                "“{words}” is no amount of a channel. Write it like {form}.", words=shown(word), form=form
            )
    return Direction(layer.name, tuple(parts.items()))


def _place(words: str, network: NetworkFacts, form: tuple[str, ...]) -> tuple[LayerFacts, str]:
    first, last = _PLACE.fullmatch(words), _PLACE_LAST.fullmatch(words)
    if last is not None:
        return layers.find(network, last[2]), last[1]
    if first is not None:
        return layers.find(network, first[1]), first[2]
    raise _unreadable(words, form)


def _unreadable(words: str, form: tuple[str, ...]) -> RecipeError:
    if not words:
        return RecipeError("A layer and numbers are missing. Write it like this: {form}.", form=form)
    return RecipeError(
        "“{words}” cannot be read as a layer and numbers. Write it like this: {form}.", words=shown(words), form=form
    )


def _list(words: str) -> list[str]:
    return re.split(r",|\s+and\s+|\s+", words)


def _channel(word: str, layer: LayerFacts) -> int:
    if not re.fullmatch("[0-9]{1,9}", word) or int(word) >= layer.channels:
        raise RecipeError(
            "Layer {layer} has no channel “{channel}”. Its channels are 0–{last}.",
            layer=layer.name,
            channel=shown(word),
            last=layer.channels - 1,
        )
    return int(word)


def _number(word: str) -> float:
    """Return a number; what is none is NaN, which no range takes."""
    return float(word) if _NUMBER.fullmatch(word) else float("nan")
