"""EfficientNet-Lite: its parts by timm's names, other people's names for its weights, and its stages.

Tan and Le, "EfficientNet" (2019), and Lite of Google's tensorflow/tpu: without squeeze and excitation, with ReLU6.
timm would build the same, but loading it takes longer than all the rest until the first dream.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from engine.errors import WeightsError
from engine.networks.chains import Chain
from engine.networks.folding import Stages, everywhere, ready
from engine.networks.links import Link
from engine.networks.weights import fitted

# The weights' own words for the parts of a block → timm's. A first block has no expansion.
_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_OUTSIDE = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}


# Of each group of blocks: the kernel's side, the first block's stride, by how much a block widens.
_GROUPS = ((3, 1, 1), (3, 2, 6), (5, 2, 6), (3, 2, 6), (5, 1, 6), (5, 2, 6), (3, 1, 6))
# Of each group of blocks: the channels that it makes, and how many blocks there are.
_SIZES = {
    "tf_efficientnet_lite0": ((16, 1), (24, 2), (40, 2), (80, 3), (112, 3), (192, 4), (320, 1)),
    "tf_efficientnet_lite2": ((16, 1), (24, 3), (48, 3), (88, 4), (120, 4), (208, 5), (352, 1)),
}
_STEM, _HEAD, _CLASSES = 32, 1280, 1000  # channels
_NORM_EPS = 1e-3  # TensorFlow's


def build(architecture: str) -> nn.Module:
    """Return a network's parts by timm's names, without numbers, on the ``meta`` device."""
    with torch.device("meta"):
        return _Parts(_SIZES[architecture])


def named(weights: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return the weights by timm's names, which a file may have already. Raises WeightsError."""
    expected = network.state_dict()
    return fitted(weights, expected) if weights.keys() == expected.keys() else renamed(weights, expected)


def renamed(weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give weights timm's names, all of them, each of its right shape and finite. Raises WeightsError."""
    blocks = _block_names(expected)
    found = {_name(key, blocks): value for key, value in weights.items()}
    if len(found) != len(weights):
        raise WeightsError("The weights do not fit their network: names differ that should be one part's.")
    return fitted(found, expected)


def stages(network: Any) -> Stages:
    """Take the network apart: its stem and blocks by name, in order."""
    made: Stages = {"stem": Chain([_folded(network.conv_stem, network.bn1, bends=True)])}
    for stage, blocks in enumerate(network.blocks):
        for place, block in enumerate(blocks):
            made[f"blocks.{stage}.{place}"] = _block(block)
    made["head"] = Chain([_folded(network.conv_head, network.bn2, bends=True)])
    made["logits"] = everywhere(network.classifier)
    return ready(made)


class _Parts(nn.Module):
    """What a network's weights belong to; it is run by its stages alone."""

    def __init__(self, sizes: tuple[tuple[int, int], ...]) -> None:
        super().__init__()
        self.conv_stem, self.bn1 = _convolution(3, _STEM, 3, 2), _norm(_STEM)
        width, groups = _STEM, []
        for (side, stride, widening), (channels, count) in zip(_GROUPS, sizes, strict=True):
            group = []
            for place in range(count):
                group.append(_Block(width, channels, side, 1 if place else stride, widening))
                width = channels
            groups.append(nn.Sequential(*group))
        self.blocks = nn.Sequential(*groups)
        self.conv_head, self.bn2 = _convolution(width, _HEAD, 1), _norm(_HEAD)
        self.classifier = nn.Linear(_HEAD, _CLASSES)


class _Block(nn.Module):
    """An inverted residual (Sandler et al., 2018): widen, look around, narrow. The first block does not widen."""

    def __init__(self, given: int, made: int, side: int, stride: int, widening: int) -> None:
        super().__init__()
        wide = given * widening
        looking = _convolution(wide, wide, side, stride, wide)
        if widening == 1:
            self.conv_dw, self.bn1 = looking, _norm(wide)
            self.conv_pw, self.bn2 = _convolution(wide, made, 1), _norm(made)
        else:
            self.conv_pw, self.bn1 = _convolution(given, wide, 1), _norm(wide)
            self.conv_dw, self.bn2 = looking, _norm(wide)
            self.conv_pwl, self.bn3 = _convolution(wide, made, 1), _norm(made)
        self.has_skip = stride == 1 and given == made


def _convolution(given: int, made: int, side: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(given, made, side, stride, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_NORM_EPS)


def _block(block: Any) -> Chain:
    if hasattr(block, "conv_pwl"):  # widen, look around, narrow
        links = [
            _folded(block.conv_pw, block.bn1, bends=True),
            _folded(block.conv_dw, block.bn2, bends=True),
            _folded(block.conv_pwl, block.bn3, bends=False),
        ]
    else:
        links = [
            _folded(block.conv_dw, block.bn1, bends=True),
            _folded(block.conv_pw, block.bn2, bends=False),
        ]
    return Chain(links, skips=block.has_skip)


def _folded(convolution: nn.Conv2d, norm: Any, *, bends: bool) -> Link:
    """Fold a batch norm into its convolution; ``bends``: a ReLU6 follows."""
    weight, bias = fuse_conv_bn_weights(
        convolution.weight, None, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )
    return Link(weight, bias, convolution.stride[0], convolution.groups, bends=bends)


def _block_names(expected: Mapping[str, Tensor]) -> list[str]:
    """Return timm's names of blocks (``blocks.2.1``) in order: the weights count them through."""
    places = {tuple(map(int, key.split(".")[1:3])) for key in expected if key.startswith("blocks.")}
    return [f"blocks.{stage}.{place}" for stage, place in sorted(places)]


def _name(key: str, blocks: list[str]) -> str:
    inside = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", key)
    if inside is None:
        part, _, rest = key.partition(".")
        return f"{_OUTSIDE.get(part, part)}.{rest}"
    number, part, rest = int(inside[1]), inside[2], inside[3]
    names = _FIRST_BLOCK if number == 0 else _BLOCK
    return f"{blocks[number]}.{names.get(part, part)}.{rest}" if number < len(blocks) else key
