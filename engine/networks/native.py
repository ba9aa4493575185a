"""The way of a GPU through links, by torch's own kernels: 1 × 1 as products of matrices, ways back as ways there.

cuDNN prepares a depthwise convolution for a third of a second for each new size, and torch's own 1 × 1 convolutions
unfold what they give back. docs/decisions/0016-links-on-a-gpu.md has what that saves.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.networks.links import Link
from engine.networks.onednn import MOST


def fused(link: Link, image: Tensor) -> Tensor:
    """Return what ``link`` makes of ``image`` (pictures, channels, height, width); nothing is kept for a gradient."""
    if link.side == 1:
        made = _mixed(image, link.weight, link.bias)
    else:
        padded, weight, padding = link.padded(image)
        made = functional.conv2d(padded, weight, link.bias, link.stride, padding, groups=link.groups)
    return made.clamp_(0.0, MOST) if link.bends else made


def turned(link: Link, mixed: Tensor | None = None) -> Tensor:
    """Return the kernel of the way back of ``link``; ``mixed`` as ``Link.turned`` has it."""
    weight = link.weight if mixed is None else link.mixed(mixed)
    if link.side == 1:
        return weight.transpose(0, 1).contiguous()
    return weight.flip(2, 3) if link.stride == 1 and link.groups > 1 else weight


def back(link: Link, gradient: Tensor, kernel: Tensor, size: torch.Size) -> Tensor:
    """Return the gradient by an image of ``size``, of that by what was made of it before it was bent."""
    if link.side == 1:
        return _mixed(gradient, kernel)
    if link.stride == 1 and link.groups > 1:
        return functional.conv2d(gradient, kernel, None, 1, link.side // 2, groups=link.groups)
    rows, columns = link.padding(size)
    padded = gradient.new_empty(*size[:2], size[2] + sum(rows), size[3] + sum(columns))  # never looked at
    made = link.torchs_back(gradient, padded, kernel, [0, 0])
    return made[:, :, rows[0] : rows[0] + size[2], columns[0] : columns[0] + size[3]].contiguous()


def _mixed(image: Tensor, kernel: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return what a 1 × 1 ``kernel`` makes of ``image``."""
    count, _, height, width = image.shape
    weight, pixels = kernel.flatten(1), image.flatten(2)
    if count > 1:
        made = weight.expand(count, -1, -1) @ pixels
        made = made if bias is None else made.add_(bias[:, None])
    elif bias is None:
        made = weight @ pixels[0]
    else:
        made = torch.addmm(bias[:, None], weight, pixels[0])
    return made.view(count, -1, height, width)
