"""What is known of the networks without loading one: read from generated data, without torch."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.errors import RecipeError
from engine.sentences import mark


@dataclass(frozen=True)
class LayerFacts:
    """One layer of a network, and what dreaming with it costs per pixel of the picture."""

    name: str
    about: str  # what it dreams of, in plain words
    channels: int
    stride: int  # in pixels: one position of the layer a stride
    receptive_field: int | None  # in pixels: the side of the square that one position sees; None: the whole picture
    least_side: int  # in pixels: a smaller picture gets a frame
    flop_per_pixel: float  # forward; backward to the input takes as many again
    bytes_per_pixel: float  # kept for the backward pass, and in use at the worst moment


@dataclass(frozen=True)
class NetworkFacts:
    """One network, of the registry or offered since."""

    name: str
    title: str
    about: str
    parameters: int
    code_license: str
    weights_license: str  # apart from the code's; “not stated” where so
    weights_bytes: int
    source: str  # where the weights come from, in words
    embedded: bool  # the weights come with this package
    seen: bool  # what is told of the layers we saw in dreams of ours; else it is from the literature
    default_layer: str
    layers: dict[str, LayerFacts]

    def layer(self, name: str) -> LayerFacts:
        """Return a layer by name. Raises RecipeError that says what is offered."""
        if name not in self.layers:
            raise self._no_layer(name)
        return self.layers[name]

    def _no_layer(self, name: str) -> RecipeError:
        """Say what there is; of grouped blocks the groups, and one block for all."""
        near = nearest(name, self.layers)
        if near:
            words = mark("The network {network} has no layer “{layer}”. Did you mean {layers}?")
            return RecipeError(words, network=self.name, layer=name, layers=near)
        blocks = [layer for layer in self.layers if layer.rpartition(".")[0] in self.layers]
        others = ", ".join(layer for layer in self.layers if layer not in blocks)
        if not blocks:
            words = mark("The network {network} has no layer “{layer}”. It has {layers}.")
            return RecipeError(words, network=self.name, layer=name, layers=others)
        words = mark("The network {network} has no layer “{layer}”. It has {layers}, and each block's parts ({block}).")
        return RecipeError(words, network=self.name, layer=name, layers=others, block=blocks[-1])


@cache
def networks() -> dict[str, NetworkFacts]:
    """Return the registry's networks by name, in the order to show them."""
    text = files("engine").joinpath("data/networks.json").read_text(encoding="utf-8")
    return {name: _read(name, facts) for name, facts in json.loads(text).items()}


# What was offered since: networks that are not ours to know beforehand (timm's). Facts only, never a loaded network.
_offered: dict[str, NetworkFacts] = {}


def offered() -> dict[str, NetworkFacts]:
    """Return by name the networks that were offered in this process, beside the registry's."""
    return dict(_offered)


def offer(facts: NetworkFacts) -> NetworkFacts:
    """Let recipes name a network that is not in the registry, as long as this process lives. Returns its facts."""
    _offered[facts.name] = facts
    return facts


def network(name: str) -> NetworkFacts:
    """Return a network by name. Raises RecipeError that says what is offered."""
    known = {**networks(), **_offered}
    if name in known:
        return known[name]
    if name.startswith("timm:"):
        raise RecipeError(
            "The network “{name}” is not known here yet: call engine.networks.offer on its name first.", name=name
        )
    near = nearest(name, known)
    if near:
        raise RecipeError("There is no network “{name}”. Did you mean {names}?", name=name, names=near)
    raise RecipeError("There is no network “{name}”. Choose {names}.", name=name, names=tuple(known))


def nearest(name: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Return the most alike of what is offered, three at most, or nothing where nothing is alike."""
    typed, names, likeness = name.strip(), list(offered), OSA.normalized_similarity
    begun = [known for known in names if typed and known.casefold().startswith(typed.casefold())]
    alike = process.extract(typed, names, scorer=likeness, processor=str.casefold, score_cutoff=0.65, limit=3)
    return tuple(begun[:3] or [known for known, _, _ in alike])


def _read(name: str, facts: dict[str, Any]) -> NetworkFacts:
    layers = {layer: LayerFacts(layer, **values) for layer, values in facts.pop("layers").items()}
    return NetworkFacts(name=name, layers=layers, **facts)
