"""A real Ray cluster on loopback, with nodes that come and go."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

# In its environment before Ray is first imported. The third is Ray's way to say: all of it on 127.0.0.1.
SURROUNDINGS = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
NODE: dict[str, Any] = {
    "num_cpus": 1,
    "num_gpus": 0,
    "object_store_memory": 100 * 1024 * 1024,
    "include_dashboard": False,
}


class RayCluster:
    """A head with one CPU, and as many nodes with one CPU as are added."""

    def __init__(self, folder: str) -> None:
        from ray.cluster_utils import Cluster

        self._cluster: Any = Cluster(initialize_head=True, head_node_args={**NODE, "temp_dir": folder})
        self.address: str = self._cluster.address

    def add(self) -> Any:
        """Add a node."""
        return self._cluster.add_node(**NODE)

    def cut(self, node: Any) -> None:
        """Take a node's power: everything on it ends at once."""
        raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
        self._cluster.worker_nodes.remove(node)
        for process in [raylet, *raylet.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def remove(self, node: Any) -> None:
        """Shut a node down, as its operator does."""
        self._cluster.remove_node(node, allow_graceful=True)

    def stop(self) -> None:
        self._cluster.shutdown()


@contextmanager
def cluster(root: Path) -> Iterator[RayCluster]:
    """Run a cluster of two nodes, which find this package at ``root``."""
    folder = tempfile.mkdtemp(prefix="ray-")  # short: the sockets in it must have short names
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SURROUNDINGS.items():
            patch.setenv(name, value)
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # Where Ray notes its newest cluster, whatever folder that has: the machine's own note is left alone.
        patch.setenv("RAY_TMPDIR", folder)
        (Path(folder) / "ray").mkdir()
        patch.setenv("PYTHONPATH", str(root))
        started = RayCluster(folder)
        try:
            started.add()
            yield started
        finally:
            started.stop()
            shutil.rmtree(folder, ignore_errors=True)
