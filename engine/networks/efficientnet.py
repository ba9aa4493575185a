"""EfficientNet-Lite: timm's network, other people's names for its weights, and its stages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from engine.errors import WeightsError
from engine.networks.folding import Stages, everywhere, ready
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


def build(architecture: str) -> nn.Module:
    """Return timm's network, its weights random."""
    network: nn.Module = timm.create_model(architecture, pretrained=False)
    return network


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
    made: Stages = {"stem": nn.Sequential(*_folded(network.conv_stem, network.bn1, bends=True))}
    for stage, blocks in enumerate(network.blocks):
        for place, block in enumerate(blocks):
            made[f"blocks.{stage}.{place}"] = _block(block)
    made["head"] = nn.Sequential(*_folded(network.conv_head, network.bn2, bends=True))
    made["logits"] = everywhere(network.classifier)
    return ready(made)


class StridedConv2d(nn.Module):
    """A convolution of stride 2 with TensorFlow's SAME padding, its batch norm folded in.

    SAME pads an even side by one more at its end than at its start. Padding by hand copies the whole input; a kernel
    one wider, its first row and column zero, under even padding is the same sum and took 4 % off a step of lite0.
    """

    def __init__(self, folded: nn.Conv2d) -> None:
        super().__init__()
        self.groups = folded.groups
        self.side = folded.kernel_size[0]
        self.weight = folded.weight
        self.widened: nn.Parameter | None = nn.Parameter(functional.pad(folded.weight, (1, 0, 1, 0)))
        self.bias = folded.bias

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        if height % 2 == 0 and width % 2 == 0 and self.widened is not None:
            return functional.conv2d(image, self.widened, self.bias, 2, self.side // 2, groups=self.groups)
        rows, columns = _same_padding(height, self.side), _same_padding(width, self.side)
        return functional.conv2d(functional.pad(image, columns + rows), self.weight, self.bias, 2, groups=self.groups)


class Bend(nn.Module):
    """ReLU6, in place."""

    def forward(self, image: Tensor) -> Tensor:
        bent: Tensor = _Bent.apply(image)
        return bent


class _Bent(torch.autograd.Function):
    # torch's own ReLU6 in place keeps, for the backward pass, a copy of what it overwrites. The result says as much:
    # half the memory of a trunk, and 7 % off a step of lite2, for the same bytes.

    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        functional.relu6(image, inplace=True)
        ctx.mark_dirty(image)
        ctx.save_for_backward(image)
        return image

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (bent,) = ctx.saved_tensors
        passed: Tensor = torch.ops.aten.hardtanh_backward(gradient, bent, 0.0, 6.0)
        return passed


class Skip(nn.Module):
    """A block that adds its input to what it makes of it."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, image: Tensor) -> Tensor:
        made: Tensor = self.block(image)
        return made.add_(image)


def _block(block: Any) -> nn.Module:
    if hasattr(block, "conv_pwl"):  # widen, look around, narrow
        parts = [
            *_folded(block.conv_pw, block.bn1, bends=True),
            *_folded(block.conv_dw, block.bn2, bends=True),
            *_folded(block.conv_pwl, block.bn3, bends=False),
        ]
    else:
        parts = [
            *_folded(block.conv_dw, block.bn1, bends=True),
            *_folded(block.conv_pw, block.bn2, bends=False),
        ]
    made = nn.Sequential(*parts)
    return Skip(made) if block.has_skip else made


def _folded(convolution: nn.Conv2d, norm: Any, *, bends: bool) -> list[nn.Module]:
    """Fold a batch norm into its convolution; ``bends``: a ReLU6 follows."""
    side, stride = convolution.kernel_size[0], convolution.stride[0]
    plain = nn.Conv2d(
        convolution.in_channels,
        convolution.out_channels,
        side,
        stride,
        padding=0 if stride == 2 else side // 2,
        groups=convolution.groups,
        bias=False,
        device="meta",
    ).eval()
    plain.weight = convolution.weight
    folded = fuse_conv_bn_eval(plain, norm.eval())
    made: nn.Module = StridedConv2d(folded) if stride == 2 else folded
    return [made, Bend()] if bends else [made]


def _same_padding(side: int, kernel: int) -> tuple[int, int]:
    """Return how much TensorFlow's SAME pads a side before and after, at stride 2."""
    total = max((-(-side // 2) - 1) * 2 + kernel - side, 0)
    return total // 2, total - total // 2


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
