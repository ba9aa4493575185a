"""What is done alike for every network and differently for each family: building, naming, taking apart.

A family's own module, and the library that it is built with, are loaded when a network of it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from engine.networks.folding import Stages


@dataclass(frozen=True)
class Making:
    """How a family's networks are made."""

    build: Callable[[str], nn.Module]  # by architecture; without weights
    named: Callable[[Mapping[str, Tensor], nn.Module], dict[str, Tensor]]  # a file's tensors by the network's names
    stages: Callable[[nn.Module], Stages]  # in order, folded and frozen


def making(family: str) -> Making:
    """Return how a family's networks are made."""
    return FAMILIES[family]()


def _efficientnet() -> Making:
    from engine.networks import efficientnet

    return Making(efficientnet.build, efficientnet.named, efficientnet.stages)


def _torchvision(family: str) -> Making:
    from engine.networks import torchvision_networks as them

    return Making(them.build, them.named, them.STAGES[family])


def _timm() -> Making:
    from engine.networks import timm_networks

    return Making(timm_networks.build, timm_networks.named, timm_networks.stages)


FAMILIES: dict[str, Callable[[], Making]] = {
    "efficientnet": _efficientnet,
    "googlenet": lambda: _torchvision("googlenet"),
    "inception": lambda: _torchvision("inception"),
    "vgg": lambda: _torchvision("vgg"),
    "resnet": lambda: _torchvision("resnet"),
    "timm": _timm,
}
