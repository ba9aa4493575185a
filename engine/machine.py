"""This machine: what it computes with, and where it keeps what it has found out."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch


def cache_folder() -> Path:
    """Return the folder for what can be made again: ``oneiros`` in ``XDG_CACHE_HOME``, else in ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "oneiros").expanduser()


def model_of(device: torch.device) -> str:
    """Return the model of a GPU or of the processor."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()
