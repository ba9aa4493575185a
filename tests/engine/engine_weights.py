"""Weights for networks whose own cannot be had in a test: random, saved as the real ones, known by their hash."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from torch import Tensor, nn
from torchvision import models

from engine.networks import REGISTRY, read, renamed

LARGE = 2**20  # numbers; what is larger is drawn in part and repeated
HUGE = 2**26  # numbers: VGG's first layer of its classifier, 400 MB, is one row, told to be all rows


@functools.cache
def whole(name: str) -> nn.Module:
    """Return an embedded network as timm builds it, classifier and all, with its real weights; frozen.

    It is everybody's: to change it, copy it.
    """
    network: nn.Module = timm.create_model(REGISTRY[name].architecture, pretrained=False)
    network.load_state_dict(renamed(read(REGISTRY[name]), network.state_dict()), strict=True)
    return network.eval().requires_grad_(False)


def random_weights(architecture: str) -> dict[str, Tensor]:
    """Return weights that keep a picture's strength from layer to layer, with batch norms that do something."""
    options = {"aux_logits": True, "init_weights": False} if architecture in {"googlenet", "inception_v3"} else {}
    with torch.device("meta"):
        expected = models.get_model(architecture, weights=None, **options).state_dict()
    return random_like(expected)


def random_like(expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return such weights by the names and shapes of others."""
    draw = torch.Generator().manual_seed(7)
    return {name: _drawn(name, tensor.shape, draw) for name, tensor in expected.items()}


def _drawn(name: str, shape: torch.Size, draw: torch.Generator) -> Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.tensor(7)
    if len(shape) == 1 and name.endswith(("running_var", "weight")):
        return torch.rand(shape, generator=draw) + 0.5
    if len(shape) == 1:
        return torch.randn(shape, generator=draw) * 0.1
    if shape.numel() > HUGE:
        row = torch.randn(1, *shape[1:], generator=draw) / math.sqrt(shape[1])
        return row.expand(shape)
    numbers = shape.numel()
    drawn = torch.randn(min(numbers, LARGE), generator=draw) * math.sqrt(2 * shape[0] / numbers)
    return drawn.repeat(-(-numbers // LARGE))[:numbers].view(shape).clone() if numbers > LARGE else drawn.view(shape)


def save(weights: object, folder: Path, name: str) -> Path:
    """Save as torch's file of a network's weights, where torchvision would keep it below ``folder``."""
    path = folder / "hub" / "checkpoints" / REGISTRY[name].file
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(weights, path)
    return path


@contextmanager
def planted(name: str, path: Path) -> Iterator[None]:
    """Let the file at ``path``, saved by ``save``, be the weights that the registry knows."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_HOME", str(path.parents[2]))
        patch.setitem(REGISTRY, name, replace(REGISTRY[name], sha256=sha256, max_bytes=path.stat().st_size))
        yield
