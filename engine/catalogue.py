"""What is known of the networks without loading one: read from generated data, without torch."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from engine.errors import RecipeError


@dataclass(frozen=True)
class LayerFacts:
    """One layer of a network, and what dreaming with it costs per pixel of the picture."""

    name: str
    about: str  # what it dreams of, in plain words
    channels: int
    stride: int  # in pixels: one position of the layer a stride
    receptive_field: int  # in pixels: the side of the square that one position sees
    flop_per_pixel: float  # forward; backward to the input takes as many again
    bytes_per_pixel: float  # kept for the backward pass, and in use at the worst moment


@dataclass(frozen=True)
class NetworkFacts:
    """One network of the registry."""

    name: str
    title: str
    about: str
    parameters: int
    code_license: str
    weights_license: str
    weights_bytes: int
    layers: dict[str, LayerFacts]

    def layer(self, name: str) -> LayerFacts:
        """Return a layer by name. Raises RecipeError that says what is offered."""
        if name not in self.layers:
            short = [layer for layer in self.layers if layer.count(".") < 2]
            offer = nearest(name, self.layers) or f"It has {', '.join(short)}, and each block's parts (blocks.4.2)."
            raise RecipeError(f"The network {self.name} has no layer “{name}”. {offer}")
        return self.layers[name]


@cache
def networks() -> dict[str, NetworkFacts]:
    """Return the registry's networks by name, in the order to show them."""
    text = files("engine").joinpath("data/networks.json").read_text(encoding="utf-8")
    return {name: _read(name, facts) for name, facts in json.loads(text).items()}


def network(name: str) -> NetworkFacts:
    """Return a network by name. Raises RecipeError that says what is offered."""
    if name not in networks():
        offer = nearest(name, networks()) or f"There are {' and '.join(networks())}."
        raise RecipeError(f"There is no network “{name}”. {offer}")
    return networks()[name]


def nearest(name: str, offered: Iterable[str]) -> str:
    """Return “Did you mean …?” with the most alike of what is offered, or nothing where nothing is alike."""
    alike = difflib.get_close_matches(name.strip().lower(), list(offered), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(alike)}?" if alike else ""


def _read(name: str, facts: dict[str, Any]) -> NetworkFacts:
    layers = {layer: LayerFacts(layer, **values) for layer, values in facts.pop("layers").items()}
    return NetworkFacts(name=name, layers=layers, **facts)
