"""What is done alike for every network and differently for each family: building, naming, taking apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from engine.networks import efficientnet, timm_networks, torchvision_networks
from engine.networks.folding import Stages


@dataclass(frozen=True)
class Making:
    """How a family's networks are made."""

    build: Callable[[str], nn.Module]  # by architecture; without weights
    named: Callable[[Mapping[str, Tensor], nn.Module], dict[str, Tensor]]  # a file's tensors by the network's names
    stages: Callable[[nn.Module], Stages]  # in order, folded and frozen


_TORCHVISION = (torchvision_networks.build, torchvision_networks.named)

FAMILIES = {
    "efficientnet": Making(efficientnet.build, efficientnet.named, efficientnet.stages),
    "googlenet": Making(*_TORCHVISION, torchvision_networks.googlenet_stages),
    "inception": Making(*_TORCHVISION, torchvision_networks.inception_stages),
    "vgg": Making(*_TORCHVISION, torchvision_networks.vgg_stages),
    "resnet": Making(*_TORCHVISION, torchvision_networks.resnet_stages),
    "timm": Making(timm_networks.build, timm_networks.named, timm_networks.stages),
}
