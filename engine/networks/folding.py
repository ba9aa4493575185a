"""What all families share: batch norms folded, classifiers asked everywhere, stages made ready to run."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Stages = dict[str, nn.Module]


def folded(network: nn.Module) -> nn.Module:
    """Fold each batch norm of one of torchvision's networks into the convolution before it; where it was, is nothing.

    torchvision names the two alike, side by side: ``conv`` and ``bn``, ``conv2`` and ``bn2``, and in a shortcut ``0``
    and ``1``.
    """
    for module in network.modules():
        parts = dict(module.named_children())
        for name, convolution in parts.items():
            partner = name.replace("conv", "bn") if "conv" in name else "1"
            norm = parts.get(partner)
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, name, fuse_conv_bn_eval(convolution.eval(), norm.eval()))
                setattr(module, partner, nn.Identity())
    return network


def everywhere(classifier: nn.Linear) -> nn.Conv2d:
    """Ask a classifier at each position: the mean over positions is what it says of the pooled features."""
    convolution = nn.Conv2d(classifier.in_features, classifier.out_features, 1, device="meta")
    convolution.weight = nn.Parameter(classifier.weight[:, :, None, None])
    convolution.bias = classifier.bias
    return convolution


def ready(stages: Stages) -> Stages:
    """Freeze the stages, in the layout that runs fastest."""
    for stage in stages.values():
        stage.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return stages
