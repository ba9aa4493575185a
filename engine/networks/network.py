"""A network with its weights, ready to be cut into trunks."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch

from engine import catalogue
from engine.catalogue import NetworkFacts
from engine.errors import EngineError
from engine.networks import variants
from engine.networks.convolutions import Convolution
from engine.networks.families import making
from engine.networks.folding import Stages
from engine.networks.registry import REGISTRY, TIMM, Entry
from engine.networks.weights import load, needed_bytes
from engine.networks.winograd import STRIP_BYTES
from engine.trunk import Trunk


class Network:
    """A loaded network: its stages on a device, from which trunks are cut without reading the weights again."""

    def __init__(
        self, name: str, device: torch.device, *, weights: Path | None = None, variant: str | None = None
    ) -> None:
        """Load a network of the registry or of timm (``timm:resnet18``), with its own weights or a file's.

        Weights that are not here are downloaded first. ``variant`` is the form that it runs in, one of those in
        ``engine.networks.variants``, else the fastest here. Raises EngineError.
        """
        self.name = name
        self.facts = offer(name)
        self._entry = entry_of(name)
        self._device = device
        family = making(self._entry.family)
        network = family.build(self._entry.architecture)
        largest = needed_bytes(network.state_dict())
        read = load(self._entry, largest if weights is not None else self._entry.max_bytes or largest, weights)
        network.load_state_dict(family.named(read.tensors, network), strict=True, assign=True)
        stages = family.stages(network.eval().requires_grad_(False))
        self._stages = {key: stage.to(device) for key, stage in stages.items()}
        self._weights_sha256 = read.sha256
        if variant is None:
            layer = self.facts.layer(self.facts.default_layer)
            tried = self._up_to([self.facts.default_layer])
            self._variant = variants.fastest(name, tried, device, layer.least_side)
        else:
            self._variant = variants.checked(variant, self._stages, device)
        variants.bring(self._stages, self._variant)

    @property
    def weights_sha256(self) -> str:
        """The SHA-256 of the file that the weights were read from, in hexadecimal."""
        return self._weights_sha256

    @property
    def variant(self) -> str:
        """The form that it runs in."""
        return self._variant

    def trunk(self, layers: Collection[str]) -> Trunk:
        """Cut the network after the deepest of ``layers`` (``blocks.4``, ``logits``). Raises RecipeError."""
        ends = {layer: self._end(layer) for layer in layers}
        least_side = max(self.facts.layer(layer).least_side for layer in layers)
        trunk = Trunk(
            self._up_to(layers),
            ends,
            self._entry.mean,
            self._entry.std,
            least_side,
            layout=variants.layout(self._variant),
            cudnn=self._variant not in variants.WITHOUT_CUDNN,
        )
        return trunk.to(self._device).requires_grad_(False).eval()

    def bytes_to_come(self, layers: Collection[str]) -> int:
        """Return the bytes that the first dream of these layers will have made of the weights, and kept."""
        modules = (module for stage in self._up_to(layers).values() for module in stage.modules())
        kernels = sum(module.bytes_to_come for module in modules if isinstance(module, Convolution))
        return kernels + STRIP_BYTES if kernels else 0

    def _up_to(self, layers: Collection[str]) -> Stages:
        """Return the stages up to the deepest of the layers."""
        names = list(self._stages)
        last = max(names.index(self._end(layer)) for layer in layers)
        return {name: self._stages[name] for name in names[: last + 1]}

    def _end(self, layer: str) -> str:
        """Return the stage that a layer ends with: a group of blocks with its last."""
        self.facts.layer(layer)
        return [name for name in self._stages if name == layer or name.startswith(f"{layer}.")][-1]


def entry_of(name: str) -> Entry:
    """Return what a network is built of, in the registry or in timm. Raises EngineError."""
    if name.startswith(TIMM):
        from engine.networks import timm_networks

        return timm_networks.entry_of(name)
    catalogue.network(name)
    return REGISTRY[name]


def offer(name: str) -> NetworkFacts:
    """Return the facts on a network, and put them into the catalogue if they are not there: recipes can then name it.

    The registry's are there already. Those of timm are worked out, without any weights. Raises EngineError.
    """
    if not name.startswith(TIMM) or name in catalogue.offered():
        return catalogue.network(name)
    from engine.networks import timm_networks
    from engine.networks.measuring import UNSUITED, Unmeasurable, facts_of_layers

    entry = entry_of(name)
    family = making(entry.family)
    network = family.build(entry.architecture).to("meta")
    try:
        layers = facts_of_layers(family.stages(network))
    except (Unmeasurable, *UNSUITED) as error:
        raise EngineError(f"{entry.title} does not take pictures of any size. {timm_networks.WORKS}") from error
    return catalogue.offer(timm_networks.facts(name, entry, network, layers))
