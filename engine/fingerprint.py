"""The fingerprint: what must be the same for a recipe to give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import PIL
import torch

from engine import vocabulary
from engine.machine import model_of

BATCH = 1


def fingerprint(
    device: torch.device,
    weights: Mapping[str, str],
    variants: Mapping[str, str] | None = None,
    plan: Mapping[str, Any] | None = None,
) -> str:
    """Return one line of JSON: versions, device, instruction set, threads, number type, variant, batch, weights, moods.

    ``weights`` is the SHA-256 of each network's weights, ``variants`` the form that each runs in, by the network's
    name; ``plan`` what else a dream depends on that the memory of this machine decided: how it was cut into tiles.
    """
    facts = {
        "engine": _version(),
        "torch": torch.__version__,
        "pillow": PIL.__version__,
        "device": model_of(device),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "dtype": "float32",
        "variant": dict(variants or {}),
        "batch": BATCH,
        "weights": dict(weights),
        "moods": vocabulary.digest(),
        **(plan or {}),
    }
    return json.dumps(facts, sort_keys=True)


def _version() -> str:
    try:
        return version("oneiros")
    except PackageNotFoundError:  # run from a folder that was not installed
        return "unknown"
