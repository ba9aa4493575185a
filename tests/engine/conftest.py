"""Photos and loaded networks for the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import Dreamer, Picture, pictures
from engine.networks import REGISTRY, Network, variants

DATA = Path(__file__).parents[2] / "engine" / "data"


@pytest.fixture(scope="session", autouse=True)
def known_variants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder that says which form each network of the registry runs in, so that no test depends on a clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for name, entry in REGISTRY.items():
            form = variants.FUSED if entry.family == "efficientnet" else variants.LAST
            variants.remember(name, torch.device("cpu"), form)
        yield


@pytest.fixture(scope="session")
def coffee() -> Picture:
    """The coffee cup, 600 × 400."""
    return pictures.decode((DATA / "coffee.jpg").read_bytes())


@pytest.fixture(scope="session")
def small(coffee: Picture) -> Picture:
    """The coffee cup, 96 × 64."""
    return pictures.scaled(coffee, 96, 64)


@pytest.fixture(scope="session")
def dreamer() -> Dreamer:
    """The faster network, loaded once."""
    return Dreamer("lite0")


@pytest.fixture(scope="session", params=["lite0", "lite2"])
def network(request: pytest.FixtureRequest) -> Network:
    """Each embedded network."""
    return Network(request.param, torch.device("cpu"))


@pytest.fixture
def flat() -> Picture:
    """A picture of one grey."""
    return Picture(np.full((48, 64, 3), 128, np.uint8))
