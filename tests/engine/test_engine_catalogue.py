"""The generated facts on networks equal what the networks are."""

import subprocess
import sys
from pathlib import Path

import torch

from engine import catalogue
from engine.describe import describe
from engine.networks import Network

ROOT = Path(__file__).parents[2]


def test_the_facts_are_those_of_the_networks() -> None:
    kept = (ROOT / "engine/data/networks.json").read_text(encoding="utf-8")
    assert kept == describe(), "run: python -m engine.describe"


def test_layers_have_the_channels_and_strides_that_are_told(network: Network) -> None:
    image = torch.rand(1, 3, 64, 96)
    for name in ("stem", "blocks.1", "blocks.3.1", "blocks.4", "blocks.6"):
        facts = network.facts.layer(name)
        assert network.trunk(name)(image).shape == (1, facts.channels, 64 // facts.stride, 96 // facts.stride)


def test_a_position_sees_as_far_as_is_told(network: Network) -> None:
    facts = network.facts.layer("blocks.2")
    trunk = network.trunk("blocks.2")
    side = 256
    gradient = trunk.gradient(torch.rand(1, 3, side, side), lambda seen: seen[0, :, 16, 16].square().sum())
    rows = gradient.abs().sum((0, 1, 3)).nonzero()
    seen = int(rows.max() - rows.min()) + 1
    assert seen == facts.receptive_field < side


def test_every_layer_is_described() -> None:
    for facts in catalogue.networks().values():
        assert facts.about
        assert all(layer.about for layer in facts.layers.values())


def test_the_public_names_without_a_dreamer_load_no_torch() -> None:
    code = (
        "import sys; from engine import Recipe, Picture, pictures, errors; Recipe().cost(600, 400); "
        "import engine.cli; print(sorted({'torch', 'timm', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
