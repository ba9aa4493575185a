"""Devices: what a network can run on here."""

from __future__ import annotations

import torch

from engine.errors import EngineError


def device_of(name: str) -> torch.device:
    """Return the device of this name (``auto``: a GPU if there is one). Raises EngineError that says what there is."""
    gpus = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    offered = ["cpu", *(["cuda"] if gpus else []), *gpus]
    if name == "auto":
        name = "cuda" if gpus else "cpu"
    if name not in offered:
        raise EngineError("There is no device “{name}” here. Choose {names}.", name=name, names=tuple(offered))
    return torch.device(name)
