"""One Ray cluster for the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import ray_cluster
from ray_cluster import RayCluster

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of the tests must find ``bot`` whether it is installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture(scope="session")
def cluster(ray_installed: None) -> Iterator[RayCluster]:
    """Two nodes of a Ray cluster, with one CPU each."""
    with ray_cluster.cluster(ROOT) as started:
        yield started
