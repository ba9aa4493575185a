"""A network with its weights, ready to be cut into trunks."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
from torch import nn

from engine import catalogue
from engine.catalogue import NetworkFacts
from engine.errors import EngineError
from engine.networks import timm_networks
from engine.networks.families import FAMILIES
from engine.networks.measuring import UNSUITED, Unmeasurable, facts_of_layers
from engine.networks.registry import REGISTRY, Entry
from engine.networks.weights import load, needed_bytes
from engine.trunk import Trunk


class Network:
    """A loaded network: its stages on a device, from which trunks are cut without reading the weights again."""

    def __init__(self, name: str, device: torch.device, *, weights: Path | None = None) -> None:
        """Load a network of the registry or of timm (``timm:resnet18``), with its own weights or a file's.

        Weights that are not here are downloaded first. Raises EngineError.
        """
        self.name = name
        self.facts = offer(name)
        self._entry = entry_of(name)
        self._device = device
        network, self._weights_sha256 = _loaded(self._entry, weights)
        stages = FAMILIES[self._entry.family].stages(network)
        self._stages = {key: stage.to(device) for key, stage in stages.items()}

    @property
    def weights_sha256(self) -> str:
        """The SHA-256 of the file that the weights were read from, in hexadecimal."""
        return self._weights_sha256

    def trunk(self, layers: Collection[str]) -> Trunk:
        """Cut the network after the deepest of ``layers`` (``blocks.4``, ``logits``). Raises RecipeError."""
        ends = {layer: self._end(layer) for layer in layers}
        names = list(self._stages)
        last = max(names.index(end) for end in ends.values())
        stages = {name: self._stages[name] for name in names[: last + 1]}
        least_side = max(self.facts.layer(layer).least_side for layer in layers)
        trunk = Trunk(stages, ends, self._entry.mean, self._entry.std, least_side)
        return trunk.to(self._device).requires_grad_(False).eval()

    def _end(self, layer: str) -> str:
        """Return the stage that a layer ends with: a group of blocks with its last."""
        self.facts.layer(layer)
        return [name for name in self._stages if name == layer or name.startswith(f"{layer}.")][-1]


def entry_of(name: str) -> Entry:
    """Return what a network is built of, in the registry or in timm. Raises EngineError."""
    if name.startswith(timm_networks.PREFIX):
        return timm_networks.entry_of(name)
    catalogue.network(name)
    return REGISTRY[name]


def offer(name: str) -> NetworkFacts:
    """Return the facts on a network, and put them into the catalogue if they are not there: recipes can then name it.

    The registry's are there already. Those of timm are worked out, without any weights. Raises EngineError.
    """
    if not name.startswith(timm_networks.PREFIX) or name in catalogue.offered():
        return catalogue.network(name)
    entry = entry_of(name)
    network = FAMILIES[entry.family].build(entry.architecture).to("meta")
    try:
        layers = facts_of_layers(FAMILIES[entry.family].stages(network))
    except (Unmeasurable, *UNSUITED) as error:
        raise EngineError(f"{entry.title} does not take pictures of any size. {timm_networks.WORKS}") from error
    return catalogue.offer(timm_networks.facts(name, entry, network, layers))


def whole(name: str) -> nn.Module:
    """Return a network as its library builds it, classifier and all, with its real weights; frozen.

    It asks for pictures normalised as the registry says. Raises EngineError.
    """
    return _loaded(entry_of(name), None)[0]


def _loaded(entry: Entry, file: Path | None) -> tuple[nn.Module, str]:
    family = FAMILIES[entry.family]
    network = family.build(entry.architecture)
    largest = needed_bytes(network.state_dict())
    weights = load(entry, largest if file is not None else entry.max_bytes or largest, file)
    network.load_state_dict(family.named(weights.tensors, network), strict=True, assign=True)
    return network.eval().requires_grad_(False), weights.sha256
