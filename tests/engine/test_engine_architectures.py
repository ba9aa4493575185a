"""Every architecture computes what torchvision's own code computes, on pictures of any size."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from engine_weights import planted, random_weights, save
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models

from engine.networks import REGISTRY, Network
from engine.networks.registry import IMAGENET_MEAN, IMAGENET_STD
from engine.trunk import Trunk

NAMES = ("googlenet", "inception_v3", "vgg16", "vgg19", "resnet50")
EVEN_AND_ODD = ((96, 128), (95, 77), (90, 131))
SMALLER = {(96, 128): (32, 48), (95, 77): (33, 47), (90, 131): (36, 35)}  # a VGG is eight times the arithmetic


@dataclass
class Pair:
    """A network of ours and torchvision's, with the same weights."""

    name: str
    ours: Network
    theirs: nn.Module  # in float64


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    weights = random_weights(request.param)
    path = save(weights, tmp_path_factory.mktemp("torch"), request.param)
    with planted(request.param, path):
        ours = Network(request.param, torch.device("cpu"))
    path.unlink()
    return Pair(request.param, ours, _theirs(request.param, weights))


def _theirs(name: str, weights: Mapping[str, Tensor]) -> nn.Module:
    """Return the network as torchvision makes it for its own weights: theirs come with ``transform_input``."""
    old = {"aux_logits": True, "transform_input": True, "init_weights": False}
    with torch.device("meta"):
        network: nn.Module = models.get_model(name, weights=None, **(old if name in NAMES[:2] else {}))
    network.load_state_dict(weights, strict=True, assign=True)
    if name == "vgg19":
        network.classifier = nn.Identity()  # VGG16's is its like, and a gigabyte
    return network.double().eval().requires_grad_(False)


def _place(name: str, layer: str) -> str:
    """Return torchvision's name of the module that a layer ends with."""
    if not name.startswith("vgg"):
        return {"stem": "relu", "layer2": "layer2.3", "head": "inception5b"}.get(layer, layer)
    sizes = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}[name]
    block, place = int(layer[4]), int(layer[6])
    return f"features.{sum(2 * size + 1 for size in sizes[: block - 1]) + 2 * place - 1}"


def _seen_by_them(pair: Pair, layer: str, picture: Tensor, size: tuple[int, int] | None = None) -> Tensor:
    """Return what torchvision's network has at a layer, for a picture in 0–1, normalised as torchvision does."""
    mean, std = (torch.tensor(of, dtype=torch.float64).view(1, 3, 1, 1) for of in (IMAGENET_MEAN, IMAGENET_STD))
    image = (picture - mean) / std
    if layer == "logits":
        logits: Tensor = pair.theirs(image)
        return logits
    seen: list[Tensor] = []
    module = pair.theirs.get_submodule(_place(pair.name, layer))
    # A clone: what comes after writes over it in place.
    with module.register_forward_hook(lambda module, given, made: seen.append(made.clone())):
        pair.theirs(image)
    return seen[0]


LAYERS = {
    "googlenet": ("conv1", "inception3b", "inception4c", "head", "logits"),
    "inception_v3": ("Conv2d_2b_3x3", "Mixed_5c", "Mixed_6c", "Mixed_7b", "logits"),
    "vgg16": ("conv1_1", "conv3_3", "conv5_3", "logits"),
    "vgg19": ("conv2_2", "conv5_4"),
    "resnet50": ("layer1.0", "layer2", "layer3.5", "logits"),
}


@pytest.mark.parametrize("size", EVEN_AND_ODD)
def test_gradients_of_every_architecture_are_those_of_torchvisions_network(pair: Pair, size: tuple[int, int]) -> None:
    size = SMALLER[size] if pair.name.startswith("vgg") else size
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(5))
    for layer in LAYERS[pair.name]:
        if layer == "logits" and size in {(32, 48), (36, 35)}:
            continue  # a gigabyte of VGG16's classifier in float64: once is enough
        trunk = pair.ours.trunk([layer])
        theirs = _their_gradient(pair, layer, picture)
        exact = _cosine(_our_gradient(copy.deepcopy(trunk).double(), layer, picture.double()), theirs)
        assert exact >= 1 - 1e-9, (layer, exact)
        # In float32, where two values in a pooling window are nearly equal, rounding decides which of them gets the
        # gradient; in VGGs of random weights about every fourth picture has such a pair. torchvision's fares alike.
        rounded = _our_gradient(trunk, layer, picture)
        assert _cosine(rounded, theirs) >= 0.99, layer
        assert float(rounded.norm()) == pytest.approx(float(theirs.norm()), rel=0.02), layer


def _our_gradient(trunk: Trunk, layer: str, picture: Tensor) -> Tensor:
    gradient = trunk.gradient(picture, lambda seen: _strength(seen[layer]))
    assert gradient.isfinite().all()
    return gradient.double()


def _their_gradient(pair: Pair, layer: str, picture: Tensor) -> Tensor:
    leaf = picture.double().requires_grad_()
    (gradient,) = torch.autograd.grad(_strength(_seen_by_them(pair, layer, leaf)), leaf)
    return gradient


def _cosine(one: Tensor, other: Tensor) -> float:
    return float(torch.cosine_similarity(one.flatten(), other.flatten(), dim=0))


def _strength(seen: Tensor) -> Tensor:
    """Return the norm; of answers asked at each position, the norm of their mean, as the whole network gives it."""
    answers = seen.flatten(2).mean(2) if seen.ndim == 4 and seen.shape[1] == 1000 else seen
    return answers.norm()


def test_layers_asked_for_together_are_those_asked_for_alone(pair: Pair) -> None:
    picture = torch.rand(1, 3, 80, 83, generator=torch.Generator().manual_seed(2))
    layers = [layer for layer in pair.ours.facts.layers if layer != "logits"]
    together = pair.ours.trunk(layers)(picture)
    gradient = pair.ours.trunk(layers).gradient(picture, lambda seen: sum(map(Tensor.norm, seen.values())))  # type: ignore[arg-type,return-value]
    assert list(together) == layers
    for layer in layers[:: max(1, len(layers) // 5)]:
        alone = pair.ours.trunk([layer])(picture)[layer]
        assert torch.equal(together[layer], alone), layer
    assert gradient.isfinite().all()


def test_every_layer_has_the_channels_and_the_stride_that_are_told(pair: Pair) -> None:
    facts = pair.ours.facts.layers
    seen = pair.ours.trunk(list(facts))(torch.rand(1, 3, 160, 192))
    for name, made in seen.items():
        assert made.shape[1] == facts[name].channels, name
        if name == "logits" and facts[name].receptive_field is None:
            assert made.shape[2:] == (1, 1)
            continue
        for side, positions in zip((160, 192), made.shape[2:], strict=True):
            assert abs(positions - side / facts[name].stride) <= 4, name  # less at borders that are not padded


def test_a_position_sees_as_far_as_is_told(pair: Pair) -> None:
    layer = {"googlenet": "inception3b", "inception_v3": "Mixed_5b", "resnet50": "layer2.0"}.get(pair.name, "conv3_1")
    facts, side = pair.ours.facts.layer(layer), 128
    middle = side // facts.stride // 2
    trunk = pair.ours.trunk([layer])
    gradient = trunk.gradient(torch.rand(1, 3, side, side), lambda seen: seen[layer][0, :, middle, middle].sum())
    seen = gradient.abs().sum((0, 1, 3)).nonzero()
    # Pooling passes on the largest only: of a window's border pixel little may arrive, and not always.
    assert facts.receptive_field is not None
    assert 0.85 * facts.receptive_field <= int(seen.max() - seen.min()) + 1 <= facts.receptive_field


@pytest.mark.parametrize("size", [(32, 32), (32, 1), (1, 1), (7, 40)])
def test_pictures_of_any_size_are_seen_at_every_layer(pair: Pair, size: tuple[int, int]) -> None:
    trunk = pair.ours.trunk(list(pair.ours.facts.layers))
    gradient = trunk.gradient(torch.rand(1, 3, *size), lambda seen: sum(map(Tensor.norm, seen.values())))  # type: ignore[arg-type,return-value]
    assert gradient.shape == (1, 3, *size)
    assert gradient.isfinite().all()
    assert gradient.abs().sum() > 0


def test_a_picture_too_small_is_framed_in_the_mean_colour_and_no_other_is(pair: Pair) -> None:
    layer = list(pair.ours.facts.layers)[-2]
    least = pair.ours.facts.layer(layer).least_side
    assert least == {"googlenet": 15, "inception_v3": 75, "resnet50": 1}.get(pair.name, 16)
    if least == 1:
        return
    picture = torch.rand(1, 3, least - 2, least - 1, generator=torch.Generator().manual_seed(3))
    mean = torch.tensor(REGISTRY[pair.name].mean).view(1, 3, 1, 1)
    framed = functional.pad(picture - mean, (0, 1, 1, 1)) + mean
    ours = pair.ours.trunk([layer])(picture)[layer]
    assert torch.allclose(ours, pair.ours.trunk([layer])(framed)[layer], rtol=1e-4, atol=1e-5)
    assert ours.shape[2:] == (1, 1)


def test_no_hook_and_no_gradient_is_left(pair: Pair) -> None:
    layer = pair.ours.facts.default_layer
    trunk = pair.ours.trunk([layer])

    def breaks(seen: Mapping[str, Tensor]) -> Tensor:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        trunk.gradient(torch.rand(1, 3, 80, 80), breaks)
    for module in trunk.modules():
        hooks: tuple[Any, ...] = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        assert not any(hooks)
        assert not isinstance(module, nn.BatchNorm2d), "folded"
    for parameter in trunk.parameters():
        assert not parameter.requires_grad
        assert parameter.grad is None
        assert parameter.ndim < 4 or parameter.is_contiguous(memory_format=torch.channels_last)
