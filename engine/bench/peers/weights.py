"""The network of the comparison: GoogLeNet with random weights, the same for everybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

FILE = "googlenet.pth"
SEED = 0


def random_weights(folder: Path) -> Path:
    """Return the file with the weights of torchvision's GoogLeNet in ``folder``, made where it is not."""
    return written(folder / FILE, empty_network)


def written(file: Path, network_of: Callable[[], nn.Module]) -> Path:
    """Return ``file``, where it is not there with random weights for a network in it.

    He's initialisation keeps activations as strong as the picture's through every layer (He et al., 2015):
    torchvision's own of 0.01 lets them fade until numbers are denormal, which is slow by itself.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        network = network_of()
        generator = torch.Generator().manual_seed(SEED)
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        made = file.with_suffix(".part")
        torch.save(network.state_dict(), made)
        made.replace(file)
    return file


def read_network(file: str) -> Any:
    """Return torchvision's GoogLeNet with the weights of a file, ready to be asked, as any user of a peer has it."""
    network = empty_network()
    network.load_state_dict(torch.load(file, weights_only=True))
    return network.eval()


def empty_network() -> Any:
    """Return torchvision's GoogLeNet without helping classifiers, as torch initialises its parts."""
    from torchvision.models import googlenet

    return googlenet(weights=None, aux_logits=False, transform_input=False, init_weights=False)
