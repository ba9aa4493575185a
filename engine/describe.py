"""Works out what ``engine.catalogue`` reads: each network's layers, what they see and what they cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.networks.families import making
from engine.networks.measuring import facts_of_layers
from engine.networks.registry import REGISTRY, Entry
from engine.networks.torchvision_networks import HELPERS
from engine.networks.words import ABOUT


def describe() -> str:
    """Return the text of ``engine/data/networks.json``. No weights are needed."""
    facts = {name: _network(name, entry) for name, entry in REGISTRY.items()}
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def _network(name: str, entry: Entry) -> dict[str, Any]:
    family = making(entry.family)
    network = family.build(entry.architecture).to("meta")
    used = [tensor for part, tensor in network.named_parameters() if not part.startswith(HELPERS)]
    return {
        "title": entry.title,
        "about": entry.about,
        "parameters": sum(tensor.numel() for tensor in used),
        "code_license": entry.code_license,
        "weights_license": entry.weights_license,
        "weights_bytes": entry.max_bytes,
        "source": entry.source,
        "embedded": bool(entry.package),
        "seen": entry.seen,
        "default_layer": entry.default_layer,
        "layers": _grouped(facts_of_layers(family.stages(network)), ABOUT[name]),
    }


def _grouped(layers: Mapping[str, dict[str, Any]], about: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return each layer's facts in order of depth: a group's blocks, and after its last one the group itself."""
    grouped: dict[str, dict[str, Any]] = {}
    for name, numbers in layers.items():
        group = name.rpartition(".")[0]
        blocks = [other for other in layers if group and other.startswith(f"{group}.")]
        if not blocks:
            grouped[name] = {"about": about[name], **numbers}
            continue
        grouped[name] = {"about": f"part {blocks.index(name) + 1} of {len(blocks)} of {group}", **numbers}
        if name == blocks[-1]:
            grouped[group] = {"about": about[group], **numbers}
    return grouped


def write() -> None:
    """Write ``engine/data/networks.json`` beside this module."""
    from pathlib import Path

    Path(__file__).with_name("data").joinpath("networks.json").write_text(describe(), encoding="utf-8")


if __name__ == "__main__":
    write()
