"""Networks of timm that take pictures of any size and go from layer to layer in one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import timm
from timm.models import FeatureListNet
from torch import Tensor, nn

from engine.catalogue import LayerFacts, NetworkFacts
from engine.errors import EngineError
from engine.networks.files import HUB_FILE
from engine.networks.folding import Stages, fold, ready
from engine.networks.registry import NOT_STATED, TIMM, TIMM_CODE, Entry
from engine.networks.weights import fitted

# What timm itself gives as a list of features. The other two are such lists with a class of their own.
_LISTS = ("FeatureListNet", "EfficientNetFeatures", "MobileNetV3Features")
WORKS = (
    "What works are timm's convolutional networks with a list of features, such as timm:resnet18, timm:densenet121, "
    "timm:convnext_tiny, timm:regnety_032, timm:efficientnet_b0 or timm:mobilenetv3_large_100."
)


def entry_of(name: str) -> Entry:
    """Return what timm says of one of its networks (``timm:resnet18``, ``timm:resnet18.tv_in1k``). Raises EngineError.

    The name is one of timm's own list: never a repository or a folder, which timm would take as well.
    """
    architecture = name.removeprefix(TIMM)
    if not re.fullmatch(r"\w+(\.\w+)?", architecture) or not timm.is_model(architecture):
        raise EngineError(f"timm has no network “{architecture}”. {WORKS}")
    if "." in architecture and not timm.is_model_pretrained(architecture):
        raise EngineError(f"timm has no weights “{architecture}”: leave out what follows the dot for its usual ones.")
    about = timm.get_pretrained_cfg(architecture)
    if about is None or len(about.mean) != 3:
        raise EngineError(f"timm has no weights that see colours for “{architecture}”. {WORKS}")
    return Entry(
        title=f"{architecture} of timm",
        about="one of timm's many: what its layers dream of, nobody has written down here",
        architecture=architecture,
        file=HUB_FILE,
        sha256="",
        code_license=TIMM_CODE,
        weights_license=about.license or NOT_STATED,
        hub=about.hf_hub_id or "",
        family="timm",
        mean=(about.mean[0], about.mean[1], about.mean[2]),
        std=(about.std[0], about.std[1], about.std[2]),
    )


def build(architecture: str) -> nn.Module:
    """Return timm's network, its weights random. Raises EngineError where it has no list of features."""
    try:
        kind = type(timm.create_model(architecture, pretrained=False, features_only=True)).__name__
    except (AttributeError, RuntimeError, AssertionError, TypeError):  # what its builders raise on networks without
        kind = "none"
    if kind not in _LISTS:
        raise EngineError(f"{architecture} of timm does not go from layer to layer in one line. {WORKS}")
    network: nn.Module = timm.create_model(architecture, pretrained=False)
    _listed(network)
    return network


def named(weights: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return the weights of the whole network; those past its last feature, which are not used, may differ or lack."""
    whole = network.state_dict(keep_vars=True)
    used = {id(tensor) for tensor in _listed(network).state_dict(keep_vars=True).values()}
    unused = {name: tensor for name, tensor in whole.items() if id(tensor) not in used}
    expected = {name: tensor for name, tensor in whole.items() if id(tensor) in used}
    spare = [name for name in expected if name.endswith("num_batches_tracked")]
    found = fitted({name: weights[name] for name in weights if name not in unused}, expected, spare=spare)
    return {**whole, **found}


def stages(network: nn.Module) -> Stages:
    """Take the network apart, a stage for each of timm's features, by timm's names (``layer3``, ``stages.2``)."""
    listed = _listed(network)
    fold(listed, listed)
    for module in listed.modules():
        # A layer that was asked for must outlive the next one; timm's own lists do not promise that.
        if hasattr(module, "inplace"):
            setattr(module, "inplace", False)  # noqa: B010 - what a module has, its type does not tell
    made: Stages = {}
    names = dict(zip(listed.return_layers, listed.feature_info.module_name(), strict=True))
    parts: list[nn.Module] = []
    for place, module in listed.items():
        parts.append(module)
        if place in names:
            made[names[place]] = nn.Sequential(*parts)
            parts = []
    return ready(made)


def _listed(network: Any) -> FeatureListNet:
    """Return the network's features, sharing its modules. Raises EngineError where they are not in one line."""
    places = tuple(range(len(network.feature_info)))
    for flat in (False, True):  # features within a container, or not
        try:
            return FeatureListNet(network, out_indices=places, flatten_sequential=flat)
        except AssertionError:  # so it says that a feature is not where it looks
            continue
    raise EngineError(f"{type(network).__name__} of timm does not go from layer to layer in one line. {WORKS}")


def facts(name: str, entry: Entry, network: nn.Module, layers: Mapping[str, dict[str, Any]]) -> NetworkFacts:
    """Return what the catalogue holds on a network, from the numbers of its ``layers``."""
    tensors = network.state_dict().values()
    return NetworkFacts(
        name=name,
        title=entry.title,
        about=entry.about,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        code_license=entry.code_license,
        weights_license=entry.weights_license,
        weights_bytes=sum(tensor.numel() * tensor.element_size() for tensor in tensors),
        source=entry.source,
        embedded=False,
        seen=False,
        default_layer=list(layers)[len(layers) * 2 // 3],
        layers={
            layer: LayerFacts(layer, about=f"layer {place} of {len(layers)}", **numbers)
            for place, (layer, numbers) in enumerate(layers.items(), 1)
        },
    )
