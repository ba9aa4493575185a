"""A network cut after the deepest layer asked for: frozen, batch norms folded, in the layout that runs fastest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

Seen = Mapping[str, Tensor]  # activations (1, channels, height, width) by layer


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
        self.widened = nn.Parameter(functional.pad(folded.weight, (1, 0, 1, 0)))
        self.bias = folded.bias

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        if height % 2 == 0 and width % 2 == 0:
            return functional.conv2d(image, self.widened, self.bias, 2, self.side // 2, groups=self.groups)
        rows, columns = _same_padding(height, self.side), _same_padding(width, self.side)
        return functional.conv2d(functional.pad(image, columns + rows), self.weight, self.bias, 2, groups=self.groups)


class Skip(nn.Module):
    """A block that adds its input to what it makes of it."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, image: Tensor) -> Tensor:
        made: Tensor = self.block(image)
        return made.add_(image)


class Trunk(nn.Module):
    """The stages of a network up to the deepest layer asked for, and the statistics of the pictures it was trained on.

    ``ends`` names for each layer asked for the stage that it ends with. ``mean`` and ``std`` are per colour, for
    pictures in 0–1.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        stages: Mapping[str, nn.Module],
        ends: Mapping[str, str],
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages.values())
        self._layers: list[list[str]] = [[layer for layer, end in ends.items() if end == name] for name in stages]
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Return the activations of each layer asked for, for ``image`` (1, 3, height, width) in 0–1."""
        return self._through(self._normalised(image))

    def gradient(self, image: Tensor, objective: Callable[[Seen], Tensor]) -> Tensor:
        """Return the gradient of ``objective`` by the pixels of ``image`` (1, 3, height, width) in 0–1."""
        leaf = self._normalised(image).requires_grad_()
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(objective(self._through(leaf)), leaf)
        return gradient.div_(self.std)

    def _normalised(self, image: Tensor) -> Tensor:
        return ((image - self.mean) / self.std).contiguous(memory_format=torch.channels_last)

    def _through(self, image: Tensor) -> dict[str, Tensor]:
        seen = {}
        for stage, layers in zip(self.stages, self._layers, strict=True):
            image = stage(image)
            seen.update(dict.fromkeys(layers, image))
        return seen


def stages_of(network: Any) -> dict[str, nn.Module]:
    """Take an EfficientNet of timm apart: its stem and blocks by name, in order, folded and frozen."""
    stages: dict[str, nn.Module] = {"stem": nn.Sequential(*_folded(network.conv_stem, network.bn1, bends=True))}
    for stage, blocks in enumerate(network.blocks):
        for place, block in enumerate(blocks):
            stages[f"blocks.{stage}.{place}"] = _block(block)
    stages["head"] = nn.Sequential(*_folded(network.conv_head, network.bn2, bends=True))
    stages["logits"] = _everywhere(network.classifier)
    for module in stages.values():
        module.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return stages


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


def _everywhere(classifier: nn.Linear) -> nn.Conv2d:
    """Ask a classifier at each position: the mean over positions is what it says of the pooled features."""
    convolution = nn.Conv2d(classifier.in_features, classifier.out_features, 1)
    convolution.weight = nn.Parameter(classifier.weight[:, :, None, None])
    convolution.bias = classifier.bias
    return convolution


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
    ).eval()
    plain.weight = convolution.weight
    folded = fuse_conv_bn_eval(plain, norm.eval())
    made: nn.Module = StridedConv2d(folded) if stride == 2 else folded
    return [made, nn.ReLU6(inplace=True)] if bends else [made]


def _same_padding(side: int, kernel: int) -> tuple[int, int]:
    """Return how much TensorFlow's SAME pads a side before and after, at stride 2."""
    total = max((-(-side // 2) - 1) * 2 + kernel - side, 0)
    return total // 2, total - total // 2
