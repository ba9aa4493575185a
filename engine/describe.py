"""Works out what ``engine.catalogue`` reads: each network's layers, what they see and what they cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from engine.networks import REGISTRY, Entry, weights_path, whole
from engine.trunk import StridedConv2d, stages_of

FLOAT_BYTES = 4

# What we saw when the engine dreamed with each: a block's last part gives the block its name.
ABOUT = {
    "stem": "shards of black and white",
    "blocks.0": "a woodcut: strokes along the photo's edges",
    "blocks.1": "thick outlines filled with small carvings",
    "blocks.2": "ribs, ridges and carved masks",
    "blocks.3": "round eyes, beads and spirals",
    "blocks.4": "dog faces, fur and noses",
    "blocks.5": "fur, whiskers, and what the photo already shows",
    "blocks.6": "patches of fur and cracked varnish",
    "head": "things in front of their usual background",
    "logits": "the 1000 kinds of things it was taught to tell apart",
}


def describe() -> str:
    """Return the text of ``engine/data/networks.json``."""
    facts = {name: _network(entry, whole(name)) for name, entry in REGISTRY.items()}
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def _network(entry: Entry, network: nn.Module) -> dict[str, Any]:
    return {
        "title": entry.title,
        "about": entry.about,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "code_license": entry.code_license,
        "weights_license": entry.weights_license,
        "weights_bytes": weights_path(entry).stat().st_size,
        "layers": _layers(stages_of(network)),
    }


def _layers(stages: dict[str, nn.Module]) -> dict[str, dict[str, Any]]:
    """Return each layer's facts in order of depth: a block's parts, and after its last one the block itself."""
    layers: dict[str, dict[str, Any]] = {}
    walk = _Walk()
    for name, stage in stages.items():
        facts = walk.through(stage)
        block, _, part = name.rpartition(".")
        if not block.startswith("blocks."):
            layers[name] = {"about": ABOUT[name], **facts}
            continue
        parts = [other for other in stages if other.startswith(f"{block}.")]
        layers[name] = {"about": f"part {int(part) + 1} of {len(parts)} of {block}", **facts}
        if name == parts[-1]:
            layers[block] = {"about": ABOUT[block], **facts}
    return layers


class _Walk:
    """Adds up, convolution by convolution, what a trunk sees, computes and keeps."""

    def __init__(self) -> None:
        self.stride = 1
        self.receptive_field = 1
        self.flop_per_pixel = 0.0
        self.kept_bytes = 0.0
        self.widest_bytes = 0.0

    def through(self, stage: nn.Module) -> dict[str, Any]:
        channels = 0
        for part in _convolutions(stage):
            channels = self._pass(part)
        return {
            "channels": channels,
            "stride": self.stride,
            "receptive_field": self.receptive_field,
            "flop_per_pixel": round(self.flop_per_pixel, 3),
            "bytes_per_pixel": round(self.kept_bytes + 3 * self.widest_bytes),
        }

    def _pass(self, part: nn.Conv2d | StridedConv2d) -> int:
        weight, strided = part.weight, isinstance(part, StridedConv2d)
        self.receptive_field += (weight.shape[-1] - 1) * self.stride
        # The widest moment holds an activation and its gradient, and where a side is odd a padded copy.
        self.widest_bytes = max(self.widest_bytes, FLOAT_BYTES * weight.shape[1] * part.groups / self.stride**2)
        self.stride *= 2 if strided else 1
        self.flop_per_pixel += 2 * weight.numel() / self.stride**2
        self.kept_bytes += FLOAT_BYTES * weight.shape[0] / self.stride**2
        return int(weight.shape[0])


def _convolutions(stage: nn.Module) -> Iterator[nn.Conv2d | StridedConv2d]:
    for module in stage.modules():
        if isinstance(module, nn.Conv2d | StridedConv2d):
            yield module


def write() -> None:
    """Write ``engine/data/networks.json`` beside this module."""
    from pathlib import Path

    with torch.no_grad():
        text = describe()
    Path(__file__).with_name("data").joinpath("networks.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
