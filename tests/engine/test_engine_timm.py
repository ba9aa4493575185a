"""Networks of timm by name: those that go from layer to layer in one line; the others are refused in a sentence."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import pytest
import safetensors.torch
import timm
import torch
from engine_weights import random_like
from torch import Tensor, nn

from engine import catalogue, networks
from engine.errors import EngineError, RecipeError
from engine.networks import Network
from engine.networks.folding import fold

# timm's own small networks for tests, each of another kind; the last is in timm's class for MobileNets.
NAMES = ("test_resnet", "test_byobnet", "test_convnext", "test_nfnet", "test_efficientnet")
CPU = torch.device("cpu")


@dataclass
class Pair:
    """A network of ours and timm's own list of its features, with the same weights."""

    ours: Network
    theirs: nn.Module  # in float64


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    weights = random_like(timm.create_model(request.param, pretrained=False).state_dict())
    path = tmp_path_factory.mktemp("timm") / "weights.safetensors"
    safetensors.torch.save_file(weights, path)
    theirs = timm.create_model(
        request.param, features_only=True, pretrained=True, pretrained_cfg_overlay={"state_dict": dict(weights)}
    )
    ours = Network(f"timm:{request.param}", CPU, weights=path)
    return Pair(ours, theirs.double().eval().requires_grad_(False))


def _normalised(pair: Pair, picture: Tensor) -> Tensor:
    about = pair.theirs.pretrained_cfg
    mean, std = (torch.tensor(about[of], dtype=torch.float64).view(1, 3, 1, 1) for of in ("mean", "std"))
    return (picture.double() - mean) / std


@pytest.mark.parametrize("size", [(96, 64), (63, 77)])
def test_every_feature_and_its_gradient_are_timms(pair: Pair, size: tuple[int, int]) -> None:
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(6))
    layers = list(pair.ours.facts.layers)
    exact = copy.deepcopy(pair.ours.trunk(layers)).double()
    features = pair.theirs(_normalised(pair, picture))
    assert len(features) == len(layers)
    for place, (layer, ours) in enumerate(exact(picture.double()).items()):
        # Norms were folded in float32.
        assert float((ours - features[place]).norm() / features[place].norm()) < 1e-5, layer
        mine = exact.gradient(picture.double(), lambda seen, layer=layer: seen[layer].norm())  # type: ignore[misc]
        leaf = picture.double().requires_grad_()
        (theirs,) = torch.autograd.grad(pair.theirs(_normalised(pair, leaf))[place].norm(), leaf)
        assert float(torch.cosine_similarity(mine.flatten(), theirs.flatten(), dim=0)) >= 1 - 1e-9, layer


def test_the_facts_are_timms(pair: Pair) -> None:
    facts, info = pair.ours.facts, pair.theirs.feature_info
    assert list(facts.layers) == info.module_name()
    assert [layer.channels for layer in facts.layers.values()] == info.channels()
    assert [layer.stride for layer in facts.layers.values()] == info.reduction()
    assert facts.code_license == "Apache-2.0"
    assert facts.weights_license == pair.theirs.pretrained_cfg["license"]
    assert not facts.seen
    assert facts.default_layer in facts.layers
    costs = [(layer.flop_per_pixel, layer.bytes_per_pixel) for layer in facts.layers.values()]
    assert costs == sorted(costs)
    assert costs[0] > (0, 0)


@pytest.mark.parametrize("size", [(1, 1), (5, 40)])
def test_small_pictures_are_seen(pair: Pair, size: tuple[int, int]) -> None:
    layers = list(pair.ours.facts.layers)
    gradient = pair.ours.trunk(layers).gradient(torch.rand(1, 3, *size), lambda seen: seen[layers[-1]].norm())
    assert gradient.shape == (1, 3, *size)
    assert gradient.isfinite().all()


def test_a_layer_that_was_asked_for_outlives_what_comes_after(pair: Pair) -> None:
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(8))
    together = pair.ours.trunk(list(pair.ours.facts.layers))(picture)
    for layer, seen in together.items():
        assert torch.equal(seen, pair.ours.trunk([layer])(picture)[layer])


def test_batch_norms_are_folded_where_they_follow_a_convolution(pair: Pair) -> None:
    trunk = pair.ours.trunk(list(pair.ours.facts.layers))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in trunk.modules())
    for module in trunk.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks


def test_a_norm_that_does_not_follow_a_convolution_stays() -> None:
    network = timm.create_model("densenet121", pretrained=False)  # norms come first here
    network.load_state_dict(random_like(network.state_dict()))
    picture = torch.rand(1, 3, 64, 64)
    before = network.eval()(picture)
    fold(network, network)
    assert torch.allclose(before, network(picture), rtol=1e-3, atol=1e-4)
    assert 0 < sum(isinstance(module, nn.BatchNorm2d) for module in network.modules()) < 121


def test_the_catalogue_has_it_once_it_was_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_offered", {})
    with pytest.raises(RecipeError, match=r"“timm:test_resnet” is not known here yet: call engine\.networks\.offer"):
        catalogue.network("timm:test_resnet")
    facts = networks.offer("timm:test_resnet")
    assert networks.offer("timm:test_resnet") is facts
    assert catalogue.network("timm:test_resnet") is facts
    with pytest.raises(RecipeError, match=r"no layer “layer9”\. Did you mean layer"):
        facts.layer("layer9")
    with pytest.raises(RecipeError, match=r"no layer “eyes”\. It has act1, layer1, layer2, layer3, layer4\."):
        facts.layer("eyes")
    assert "timm:test_resnet" not in catalogue.networks()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("resnet81", "timm has no network “resnet81”"),
        ("", "timm has no network “”"),
        ("hf-hub:somebody/something", "timm has no network “hf-hub:somebody/something”"),
        ("local-dir:/etc", "timm has no network"),
        ("../../weights", "timm has no network"),
        ("test_resnet.of_mine", "timm has no weights “test_resnet.of_mine”: leave out what follows the dot"),
        ("test_vit", "test_vit of timm does not go from layer to layer in one line. What works are"),
        ("hrnet_w18_small", "does not go from layer to layer in one line"),
        ("test_mambaout", "test_mambaout of timm does not take pictures of any size"),
        ("mobilevit_xxs", "does not take pictures of any size"),
        ("halonet26t", "does not take pictures of any size"),
    ],
)
def test_what_cannot_be_dreamed_with_is_told(name: str, sentence: str) -> None:
    with pytest.raises(EngineError) as refused:
        networks.offer(f"timm:{name}")
    assert sentence in str(refused.value)


def test_only_the_layers_that_are_used_must_fit(tmp_path: Path) -> None:
    weights = random_like(timm.create_model("test_resnet", pretrained=False).state_dict())
    path = tmp_path / "weights.safetensors"

    def refused(changed: dict[str, Tensor], sentence: str) -> None:
        safetensors.torch.save_file(changed, path)
        with pytest.raises(EngineError, match=sentence):
            Network("timm:test_resnet", CPU, weights=path)

    safetensors.torch.save_file({**weights, "fc.weight": torch.zeros(7, 96), "fc.bias": torch.zeros(7)}, path)
    Network("timm:test_resnet", CPU, weights=path)
    refused({**weights, "layer9.weight": torch.zeros(1)}, "1 names differ, such as layer9.weight")
    refused({name: weights[name] for name in weights if name != "bn1.bias"}, "1 names differ, such as bn1.bias")
    refused({**weights, "bn1.bias": torch.zeros(1)}, "bn1.bias has another shape or type")
    refused({**weights, "bn1.bias": weights["bn1.bias"] / 0}, "bn1.bias has values that are not finite")
