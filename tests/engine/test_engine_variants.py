"""A network's forms: the same gradient in each, the fastest one remembered, and one asked for again."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
import torch
from engine_blocks import fuse
from torch import Tensor

from engine import Dreamer, EngineError, Picture, Recipe
from engine.looks import begin
from engine.networks import Network, variants
from engine.objectives import Objective

CPU = torch.device("cpu")
FORMS = (variants.FUSED, variants.LAST, variants.PLAIN)
QUICK = Recipe(network="lite0", octaves=1, steps=2)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and the file that is to come in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "oneiros" / "variants.json"


# Even sides, odd sides and one of each, and sides with less than a tile of positions left at the end.
@pytest.mark.parametrize("size", [(96, 128), (95, 127), (96, 127), (131, 90), (33, 34)])
@pytest.mark.parametrize("layer", ["stem", "blocks.0", "blocks.2.1", "blocks.4"])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_the_gradient_of_double_precision(form: str, layer: str, size: tuple[int, int]) -> None:
    network = Network("lite0", CPU, variant=form)
    trunk = network.trunk([layer])
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2))
    found = trunk.gradient(image, lambda seen: seen[layer].norm())
    exact = copy.deepcopy(trunk)
    fuse(exact, None)
    expected = exact.double().gradient(image.double(), lambda seen: seen[layer].norm())
    assert found.shape == image.shape
    assert float(torch.cosine_similarity(found.double().flatten(), expected.flatten(), dim=0)) >= 0.99999


@pytest.mark.parametrize(
    "objective",
    [
        lambda seen: seen["blocks.1.1"].mean() + seen["blocks.2.0"][0, 3].square().sum(),
        lambda seen: seen["blocks.2.0"][0, 3, 2, 2] - seen["stem"].sum(),
    ],
)
def test_layers_together_and_gradients_of_any_layout_are_taken(objective: Callable[..., Tensor]) -> None:
    layers = ["stem", "blocks.1.1", "blocks.2.0"]
    image = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(3))
    fused, plain = (Network("lite0", CPU, variant=form).trunk(layers).gradient(image, objective) for form in FORMS[:2])
    assert float(torch.cosine_similarity(fused.flatten(), plain.flatten(), dim=0)) >= 0.99999


def test_the_fastest_is_timed_once_and_remembered(cache: Path) -> None:
    first = Network("lite0", CPU).variant
    assert first in FORMS
    (kept,) = json.loads(cache.read_text()).values()
    assert kept == first
    other = next(form for form in FORMS if form != first)
    variants.remember("lite0", CPU, other)
    assert Network("lite0", CPU).variant == other, "what is remembered is not measured anew"
    assert [path.name for path in cache.parent.iterdir()] == ["variants.json"]


@pytest.mark.parametrize("content", ["", "[1]", '{"a"', "\x00"])
def test_a_damaged_file_is_as_none_and_is_written_anew(cache: Path, content: str) -> None:
    cache.parent.mkdir()
    cache.write_text(content)
    variant = Network("lite0", CPU).variant
    assert list(json.loads(cache.read_text()).values()) == [variant]


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert Network("lite0", CPU).variant in FORMS


def test_a_variant_of_a_fingerprint_is_used_again(small: Picture) -> None:
    dream = Dreamer("lite0", variants={"lite0": variants.PLAIN}).dream(small, QUICK)
    told = json.loads(dream.fingerprint)["variant"]
    assert told == {"lite0": variants.PLAIN}
    again = Dreamer("lite0", variants=told).dream(small, QUICK)
    assert again.fingerprint == dream.fingerprint
    assert (again.picture.rgb == dream.picture.rgb).all()


def test_a_variant_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(EngineError, match="does not run as “bent” here, but as fused channels_last, folded"):
        Dreamer("lite0", variants={"lite0": "bent"})


@pytest.mark.parametrize("look", ["classic", "natural"])
@pytest.mark.parametrize("words", ["layer 3", "channel 3:4", "neuron 3:4", "beagle", "guide 3"])
def test_a_step_waits_for_nothing_and_mixes_no_devices(look: Literal["classic", "natural"], words: str) -> None:
    # Nothing can be read from ``meta``: a number asked of it, or a tensor left on the processor, is an error.
    meta = torch.device("meta")
    recipe = Recipe(network="lite0", of=words, look=look, total_variation=0.1)
    trunks = {name: Network(name, meta).trunk(layers) for name, layers in recipe.layers().items()}
    photo = torch.rand(1, 3, 64, 96, device=meta)
    objective = Objective(recipe.terms(), trunks, photo)
    objective.start(photo)
    dream = begin(recipe, torch.Generator().manual_seed(0), meta)
    dream.start(photo, torch.ones(1, 1, 64, 96, device=meta))
    dream.step(objective.gradient)
    assert dream.picture.is_meta
    assert dream.picture.shape == photo.shape
