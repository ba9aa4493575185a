"""What this machine computes with, in words."""

from __future__ import annotations

import platform
from pathlib import Path

import torch


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
