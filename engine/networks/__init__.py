"""Networks: which there are, where their weights come from, and how one is loaded. Importing this loads no torch."""

from typing import TYPE_CHECKING, Any

from engine.networks.files import check, fetch, is_here, weights_path
from engine.networks.registry import REGISTRY, Entry

if TYPE_CHECKING:
    from engine.networks.efficientnet import renamed
    from engine.networks.network import Network, offer
    from engine.networks.weights import read

__all__ = ["REGISTRY", "Entry", "Network", "check", "fetch", "is_here", "offer", "read", "renamed", "weights_path"]

_WITH_TORCH = {
    "Network": "engine.networks.network",
    "offer": "engine.networks.network",
    "read": "engine.networks.weights",
    "renamed": "engine.networks.efficientnet",
}


def __getattr__(name: str) -> Any:
    if name in _WITH_TORCH:
        from importlib import import_module

        return getattr(import_module(_WITH_TORCH[name]), name)
    raise AttributeError(f"module 'engine.networks' has no attribute {name!r}")
