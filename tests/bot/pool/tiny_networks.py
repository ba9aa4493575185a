"""Three-layer networks for the pool's tests: real, quick to load, one slow, and some that fail.

The names say what they do. ``offer`` lets this process read recipes for them, without torch; ``plant`` lets it dream
with them.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from engine import catalogue
from engine.catalogue import LayerFacts, NetworkFacts
from engine.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor, nn

WELL = ("tiny", "tiny-other", "tiny-third")
SLOW = "tiny-slow"  # 20 ms a step
FULL = "tiny-full"  # meets the end of memory
SPINS = "tiny-spins"  # computes for ever
LOST = "tiny-lost"  # its weights are nowhere
NAMES = (*WELL, SLOW, FULL, SPINS, LOST)
LAYERS = ("one", "two", "three")
CHANNELS = 8
WEIGHTS_BYTES = 8_000_000  # as the catalogue tells, so that a cache is full with a few


def offer() -> None:
    """Let recipes name these networks in this process."""
    for name in NAMES:
        facts = NetworkFacts(
            name=name,
            title=name,
            about="for tests",
            parameters=1000,
            code_license="",
            weights_license="",
            weights_bytes=WEIGHTS_BYTES,
            source="tests",
            embedded=False,
            seen=False,
            default_layer="three",
            layers={
                layer: LayerFacts(layer, "", CHANNELS, 2 ** min(number, 2), 15, 16, 100.0 * number, 400.0)
                for number, layer in enumerate(LAYERS, 1)
            },
        )
        catalogue.offer(facts)


def recipe(network: str = "tiny", **fields: object) -> Recipe:
    """Return a recipe for one of them: a dream of some ten milliseconds, if not told otherwise."""
    given = {"of": "layer three", "size": 128, "octaves": 2, "steps": 4, **fields}
    return Recipe(network=network, **given)


def plant(folder: Path) -> None:
    """Let this process build these networks, with weights of chance that are kept in ``folder``."""
    import hashlib
    import os

    import safetensors.torch
    import torch

    from engine.networks.families import FAMILIES, Making
    from engine.networks.registry import REGISTRY, Entry

    offer()
    os.environ["TORCH_HOME"] = str(folder)
    FAMILIES["tiny"] = lambda: Making(build, lambda tensors, _: dict(tensors), stages)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        data = safetensors.torch.save(build("tiny").state_dict())
    path = folder / "hub" / "checkpoints" / "tiny.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(path)
    for name in NAMES:
        REGISTRY[name] = Entry(
            title=name,
            about="for tests",
            architecture=name,
            family="tiny",  # type: ignore[arg-type]
            torchvision="" if name == LOST else "none: the file is there",
            file=path.name,
            sha256=hashlib.sha256(data).hexdigest(),
            code_license="",
            weights_license="",
        )


def build(architecture: str) -> nn.Module:
    """Return one of them."""
    import time

    import torch
    from torch import nn

    class Act(nn.Module):
        """The identity, after having done what the network is named for."""

        def forward(self, x: Tensor) -> Tensor:
            if architecture == SLOW:
                time.sleep(0.02)
            if architecture == FULL:
                raise torch.OutOfMemoryError("as a GPU says it")
            if architecture == SPINS:
                sum(itertools.repeat(0))  # in C, and nothing else of this interpreter runs meanwhile
            return x

    return nn.Sequential(
        nn.Sequential(Act(), nn.Conv2d(3, CHANNELS, 3, 2, 1), nn.Tanh()),
        nn.Sequential(nn.Conv2d(CHANNELS, CHANNELS, 3, 2, 1), nn.Tanh()),
        nn.Sequential(nn.Conv2d(CHANNELS, CHANNELS, 3, 1, 1)),
    )


def stages(network: nn.Module) -> dict[str, nn.Module]:
    """Take one apart into its layers."""
    from engine.networks.folding import ready

    return ready(dict(zip(LAYERS, network.children(), strict=True)))
