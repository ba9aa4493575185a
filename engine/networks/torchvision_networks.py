"""GoogLeNet, Inception v3, VGG and ResNet as torchvision has them, and their stages.

Networks are built on the ``meta`` device, without numbers: the file's tensors become theirs, and nothing random is
drawn first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models.googlenet import BasicConv2d
from torchvision.models.inception import BasicConv2d as InceptionConv2d

from engine.networks.convolutions import Convolution
from engine.networks.folding import Stages, everywhere, fold, ready
from engine.networks.weights import fitted

# Classifiers that helped in training, and counters of it: a file may come without them.
HELPERS = ("aux1.", "aux2.", "AuxLogits.")
_COUNTER = "num_batches_tracked"

_GOOGLENET = ("conv1", "conv2", "conv3", "3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
_INCEPTION = (
    *("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3"),
    *(f"Mixed_{place}" for place in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")),
)


def build(architecture: str) -> nn.Module:
    """Return a network without numbers, on the ``meta`` device."""
    # Of the pictures' statistics takes care whoever asks the network: torchvision's own ``transform_input`` is off.
    options = (
        {"aux_logits": True, "transform_input": False, "init_weights": False}
        if architecture in {"googlenet", "inception_v3"}
        else {}
    )
    with torch.device("meta"):
        network: nn.Module = models.get_model(architecture, weights=None, **options)
    return network


def named(weights: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return the weights with all that the network asks for. Raises EngineError where they do not fit."""
    expected = network.state_dict()
    spare = [name for name in expected if name.startswith(HELPERS) or name.endswith(_COUNTER)]
    found = fitted(weights, expected, spare=spare)
    missing = {name: torch.zeros_like(expected[name], device="cpu") for name in spare if name not in found}
    return {**found, **missing}


def _googlenet_stages(network: Any) -> Stages:
    """Take GoogLeNet apart; a stage begins with the pooling before it."""
    fold(network, network)
    _replaced(network)
    pools = {"conv2": "maxpool1", "3a": "maxpool2", "4a": "maxpool3", "5a": "maxpool4"}
    made: Stages = {}
    for place in _GOOGLENET:
        name = place if place.startswith("conv") else f"inception{place}"
        made[name] = _after(network, pools.get(place), getattr(network, name))
    return _classified(made, network.fc)


def _inception_stages(network: Any) -> Stages:
    """Take Inception v3 apart; a stage begins with the pooling before it."""
    fold(network, network)
    _replaced(network)
    pools = {"Conv2d_3b_1x1": "maxpool1", "Mixed_5b": "maxpool2"}
    made = {name: _after(network, pools.get(name), getattr(network, name)) for name in _INCEPTION}
    return _classified(made, network.fc)


def _resnet_stages(network: Any) -> Stages:
    """Take a ResNet apart: its stem and blocks by name; the first block begins with the pooling before it."""
    fold(network, network)
    made: Stages = {"stem": nn.Sequential(network.conv1, network.bn1, network.relu)}
    for group in ("layer1", "layer2", "layer3", "layer4"):
        for place, block in enumerate(getattr(network, group)):
            made[f"{group}.{place}"] = _after(network, "maxpool" if len(made) == 1 else None, block)
    return _classified(made, network.fc)


def _vgg_stages(network: Any) -> Stages:
    """Take a VGG apart: each convolution with its ReLU, after the pooling before it.

    Its classifier looks at the whole picture, pooled to 7 × 7: ``logits`` has a single position.
    """
    made: Stages = {}
    block, place, parts = 1, 0, list[nn.Module]()
    for module in network.features:
        if isinstance(module, nn.MaxPool2d):
            block, place, parts = block + 1, 0, [module]
            continue
        if isinstance(module, nn.Conv2d):  # a ReLU follows
            place += 1
            made[f"conv{block}_{place}"] = nn.Sequential(*parts, Convolution(module, bends=True))
            parts = []
    layers = [module for module in network.classifier if not isinstance(module, nn.Dropout)]
    classes = network.classifier[-1].out_features
    made["logits"] = nn.Sequential(*parts, network.avgpool, nn.Flatten(), *layers, nn.Unflatten(1, (classes, 1, 1)))
    return ready(made)


def _replaced(network: nn.Module) -> None:
    """Let each convolution with its ReLU, whose norm is folded in, be one of ours."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, BasicConv2d | InceptionConv2d):
                setattr(module, name, Convolution(child.conv, bends=True))


def _after(network: Any, pool: str | None, stage: nn.Module) -> nn.Module:
    return nn.Sequential(getattr(network, pool), stage) if pool else stage


def _classified(made: Stages, classifier: nn.Linear) -> Stages:
    """Add what goes into the classifier, under the name it has in every network, and the classifier."""
    return ready({**made, "head": nn.Identity(), "logits": everywhere(classifier)})


STAGES = {"googlenet": _googlenet_stages, "inception": _inception_stages, "vgg": _vgg_stages, "resnet": _resnet_stages}
