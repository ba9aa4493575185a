"""How strongly each picture of a batch shows what it is to show: one number for each, of its own thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from engine.errors import RecipeError
from engine.objectives import LOG_PROBABILITY, position_of
from engine.vocabulary import Channels, Class, Direction, Layer, Neuron, read
from engine.vocabulary.spelling import shown

Subject: TypeAlias = Channels | Class | Direction | Layer | Neuron
Measure = Callable[[Tensor], Tensor]  # a layer's activations (count, channels, height, width) → (count,)


def subject_of(words: str, network: str) -> Subject:
    """Turn words into the one thing that a picture is to show. Raises RecipeError."""
    terms = read(words, (network,))
    if len(terms) > 1 or terms[0].weight < 0:
        raise RecipeError(
            "From noise one thing is made visible at a time, and “{words}” is several, or away from one. Name a "
            "channel (channel 4:27), a neuron, a direction, a class or a layer.",
            words=shown(words),
        )
    what = terms[0].what
    if not isinstance(what, Subject):
        raise RecipeError(
            "“{words}” is something of a picture, and from noise there is none. Name a channel (channel 4:27), a "
            "neuron, a direction, a class or a layer.",
            words=shown(words),
        )
    return what


def alike(one: Subject, other: Subject) -> bool:
    """Tell whether two can be made in one batch: of one kind, of one layer."""
    return _mixes(one) == _mixes(other) and one.layer == other.layer and isinstance(other, type(one) | _MIXED)


def measure_of(subjects: Sequence[Subject], channels: int, device: torch.device) -> Measure:
    """Return what measures each picture by its own subject. They are all ``alike``; ``channels`` is their layer's.

    A channel, a direction: its mean over all positions (Distill's). A neuron: its value. A layer: its norm. A class:
    its logit, and a part of its log-probability, that its near relatives do not come along.
    """
    first = subjects[0]
    if isinstance(first, Layer):
        return lambda found: found.flatten(1).norm(dim=1)
    mix = torch.stack([_mix(one, channels) for one in subjects]).to(device)
    if isinstance(first, Neuron):
        places = [(one.down, one.across) for one in subjects if isinstance(one, Neuron)]
        return lambda found: _at(found, places, mix)
    if isinstance(first, Class):
        return lambda found: _classes(found.mean((2, 3)), mix)
    return lambda found: (found.mean((2, 3)) * mix).sum(1)


_MIXED = Channels | Direction


def _mixes(subject: Subject) -> bool:
    return isinstance(subject, _MIXED)


def _mix(subject: Subject, channels: int) -> Tensor:
    """Return how much of each channel a subject is."""
    mix = torch.zeros(channels)
    match subject:
        case Channels(_, numbers):
            mix[list(numbers)] = 1.0
        case Neuron(_, number):
            mix[number] = 1.0
        case Class(index):
            mix[index] = 1.0
        case Direction(_, parts):
            for number, amount in parts:
                mix[number] = amount
    return mix


def _at(found: Tensor, places: Sequence[tuple[float, float]], mix: Tensor) -> Tensor:
    height, width = found.shape[-2:]
    values = [
        found[number, :, position_of(down, height), position_of(across, width)]
        for number, (down, across) in enumerate(places)
    ]
    return (torch.stack(values) * mix).sum(1)


def _classes(logits: Tensor, mix: Tensor) -> Tensor:
    return ((logits + LOG_PROBABILITY * logits.log_softmax(1)) * mix).sum(1)
