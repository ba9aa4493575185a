"""The fingerprint: what must be the same for a recipe to give the same bytes."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import PIL
import torch

from engine import vocabulary

VARIANT = "folded channels_last"  # the form the network runs in
BATCH = 1


def fingerprint(device: torch.device, weights: Mapping[str, str], plan: Mapping[str, Any] | None = None) -> str:
    """Return one line of JSON: versions, device, instruction set, threads, number type, variant, batch, weights, moods.

    ``weights`` is the SHA-256 of each network's weights, by the network's name; ``plan`` what else a dream depends on
    that the memory of this machine decided: how it was cut into tiles.
    """
    gpu = device.type == "cuda"
    facts = {
        "engine": _version(),
        "torch": torch.__version__,
        "pillow": PIL.__version__,
        "device": torch.cuda.get_device_name(device) if gpu else _processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "dtype": "float32",
        "variant": VARIANT,
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


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()
