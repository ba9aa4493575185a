"""Writes ``engine/data/classes.json``: the names that torchvision gives ImageNet's classes."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path


def classes() -> str:
    """Return the text of ``engine/data/classes.json``: 1000 names in the order of the classes."""
    models = import_module("torchvision.models")  # here, so that importing this loads no torch
    names = models.ResNet50_Weights.IMAGENET1K_V2.meta["categories"]
    return json.dumps(names, indent=0, ensure_ascii=False) + "\n"


def write() -> None:
    """Write ``engine/data/classes.json``."""
    folder = Path(__file__).parents[1] / "data"
    folder.joinpath("classes.json").write_text(classes(), encoding="utf-8")


if __name__ == "__main__":
    write()
