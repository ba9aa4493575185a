"""The generated facts on networks equal what the networks are."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torchvision import models

from engine import catalogue
from engine.describe import describe
from engine.errors import RecipeError
from engine.networks import REGISTRY, Network
from engine.networks.torchvision_networks import build

ROOT = Path(__file__).parents[2]


def test_the_facts_are_those_of_the_networks() -> None:
    kept = (ROOT / "engine/data/networks.json").read_text(encoding="utf-8")
    assert kept == describe(), "run: python -m engine.describe"


def test_layers_have_the_channels_and_strides_that_are_told(network: Network) -> None:
    image = torch.rand(1, 3, 64, 96)
    for name, seen in network.trunk(list(network.facts.layers))(image).items():
        facts = network.facts.layer(name)
        assert seen.shape == (1, facts.channels, 64 // facts.stride, 96 // facts.stride)


def test_a_position_sees_as_far_as_is_told(network: Network) -> None:
    facts = network.facts.layer("blocks.2")
    trunk = network.trunk(["blocks.2"])
    side = 256
    gradient = trunk.gradient(torch.rand(1, 3, side, side), lambda seen: seen["blocks.2"][0, :, 16, 16].square().sum())
    rows = gradient.abs().sum((0, 1, 3)).nonzero()
    seen = int(rows.max() - rows.min()) + 1
    assert seen == facts.receptive_field
    assert seen < side


def test_every_network_and_layer_is_described() -> None:
    assert list(catalogue.networks()) == list(REGISTRY)
    for name, facts in catalogue.networks().items():
        assert facts.about
        assert facts.code_license
        assert facts.weights_license
        assert facts.default_layer in facts.layers
        assert facts.embedded == facts.seen == name.startswith("lite"), "what was not seen is not told as seen"
        assert all(layer.about for layer in facts.layers.values())


@pytest.mark.parametrize(
    ("network", "layer", "sentence"),
    [
        (
            "clip",
            "",
            "There is no network “clip”. Choose lite2, lite0, googlenet, inception_v3, vgg16, vgg19 or res",
        ),
        ("googlnet", "", "There is no network “googlnet”. Did you mean googlenet?"),
        ("googlenet", "blocks", "googlenet has no layer “blocks”. It has conv1, conv2, conv3, inception3a, "),
        ("googlenet", "inception_4c", "Did you mean inception4c"),
        (
            "resnet50",
            "x",
            "It has stem, layer1, layer2, layer3, layer4, head, logits, and each block's parts (layer4.2).",
        ),
        ("lite2", "dogs", "It has stem, blocks.0, blocks.1, "),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    network: str, layer: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_offered", {})
    with pytest.raises(RecipeError) as refused:
        catalogue.network(network).layer(layer)
    assert sentence in str(refused.value)


def test_the_numbers_of_parameters_are_torchvisions() -> None:
    # Without Inception's helper of training, which torchvision counts.
    helper = sum(part.numel() for part in build("inception_v3").AuxLogits.parameters())  # type: ignore[operator,union-attr]
    for name, entry in REGISTRY.items():
        if entry.torchvision:
            theirs = models.get_weight(entry.torchvision).meta["num_params"]
            ours = catalogue.network(name).parameters
            assert ours == theirs - (helper if name == "inception_v3" else 0)


def test_the_cost_is_torchvisions_count_of_operations() -> None:
    for name, entry in REGISTRY.items():
        if entry.torchvision and name != "inception_v3":  # whose convolutions without padding lose a tenth at 299 px
            giga = models.get_weight(entry.torchvision).meta["_ops"]  # multiplications with additions, at 224 px
            layers = catalogue.network(name).layers
            before_classifier = layers.get("head", layers["logits"])  # we ask it at each position
            assert before_classifier.flop_per_pixel * 224**2 / 2e9 == pytest.approx(giga, rel=0.01), name


def test_the_docs_tell_of_every_network_its_file_its_size_and_its_licences() -> None:
    page = (ROOT / "docs/networks.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    for name, facts in catalogue.networks().items():
        cells = [cell.strip() for cell in rows[name].split("|")[1:-1]]
        assert cells[2] == f"{facts.weights_bytes / 2**20:.0f} MiB"
        file = REGISTRY[name].package.replace("_", "-") or REGISTRY[name].file
        assert f"`{file}`" in cells[3]
        assert cells[4:] == [facts.code_license, facts.weights_license]


def test_the_public_names_without_a_dreamer_load_no_torch() -> None:
    code = (
        "import sys; from engine import Recipe, Picture, pictures, errors; Recipe().cost(600, 400); "
        "import engine.cli; print(sorted({'torch', 'timm', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
