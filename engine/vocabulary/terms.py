"""What may be dreamed of, each as plain frozen data: what the words of ``engine.vocabulary`` turn into."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A whole layer (its L2 norm: the classic)."""

    layer: str


@dataclass(frozen=True)
class Channels:
    """Some feature channels of a layer."""

    layer: str
    channels: tuple[int, ...]


@dataclass(frozen=True)
class Extremes:
    """The ``count`` feature channels of a layer that answer most, or least, to the picture itself."""

    layer: str
    count: int
    strongest: bool


@dataclass(frozen=True)
class Neuron:
    """One position of one feature channel."""

    layer: str
    channel: int
    across: float = 0.5  # of the width: 0 is the left edge, 1 the right
    down: float = 0.5  # of the height: 0 is the top, 1 the bottom


@dataclass(frozen=True)
class Direction:
    """A mixture of a layer's feature channels: (channel, amount) for each."""

    layer: str
    parts: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Class:
    """A class of ImageNet by its number, 0–999."""

    index: int

    @property
    def layer(self) -> str:
        """Return the layer that tells the classes apart."""
        return LOGITS


@dataclass(frozen=True)
class Guide:
    """The features of a second picture, matched by dot product (google/deepdream's notebook)."""

    layer: str


LOGITS = "logits"
What = Layer | Channels | Extremes | Neuron | Direction | Class | Guide


@dataclass(frozen=True)
class Term:
    """One summand of what is dreamed of: in which network, how much, and what. Below 0: away from it."""

    network: str
    weight: float
    what: What
