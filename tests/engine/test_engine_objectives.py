"""Objectives: whatever is asked for rises, in both looks, and its gradient is the true one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from engine import Picture, Recipe, RecipeError, vocabulary
from engine.looks import begin
from engine.networks import Network
from engine.objectives import Objective
from engine.trunk import Trunk
from engine.vocabulary.terms import Channels, Class, Direction, Extremes, Guide, Layer, Neuron, Term, What

CPU = torch.device("cpu")
WORDS = [
    "layer 0",
    "layer 4",
    "layer blocks.5.1",
    "layer head",
    "dogs",
    "channel 4:27",
    "channels 3: 1, 5, 20",
    "strongest 3 of 4",
    "weakest 3 of 3",
    "neuron 4:27@0.3,0.7",
    "direction 4: 27=0.5, 81=-0.3",
    "class: peacock",
    "guide 3",
    "- layer 3",
    "0.7 layer 2 + 0.3 castle - channel 4:27",
]


@pytest.fixture(scope="module")
def networks() -> dict[str, Network]:
    return {name: Network(name, CPU) for name in ("lite0", "lite2")}


def _tensor(picture: Picture) -> torch.Tensor:
    return torch.from_numpy(picture.rgb).permute(2, 0, 1)[None] / 255


def _objective(networks: dict[str, Network], terms: Sequence[Term], guide: torch.Tensor | None = None) -> Objective:
    layers: dict[str, set[str]] = {}
    for term in terms:
        layers.setdefault(term.network, set()).add(term.what.layer)
    return Objective(terms, {name: networks[name].trunk(found) for name, found in layers.items()}, guide)


def _one(networks: dict[str, Network], what: What, guide: torch.Tensor | None = None) -> Objective:
    return _objective(networks, [Term("lite0", 1.0, what)], guide)


@pytest.mark.parametrize("look", ["classic", "natural"])
@pytest.mark.parametrize("words", WORDS)
def test_whatever_is_asked_for_rises_in_five_steps(
    networks: dict[str, Network], small: Picture, words: str, look: str
) -> None:
    photo, guide = _tensor(small), _tensor(small).flip(3).roll(20, 2)
    recipe = Recipe(network="lite0", of=words, look=look, jitter=4, zoom=0.0, rotation=0.0)
    objective = _objective(networks, recipe.terms(), guide)
    objective.start(photo)
    making = begin(recipe, torch.Generator().manual_seed(0), CPU)
    making.start(photo, None, 1.0)
    before = objective.value(photo)
    for _ in range(5):
        making.step(objective.gradient)
    assert objective.value(making.picture) > before


def test_two_networks_dream_together(networks: dict[str, Network], small: Picture) -> None:
    photo = _tensor(small)
    both = _objective(networks, vocabulary.read("class: peacock", ["lite2", "lite0"]))
    both.start(photo)
    alone = [_objective(networks, [Term(name, 1.0, Class(84))]) for name in ("lite2", "lite0")]
    for objective in alone:
        objective.start(photo)
    parts = [objective.gradient(photo) for objective in alone]
    expected = sum(part / part.abs().mean() for part in parts)
    assert _cosine(both.gradient(photo), expected) > 0.9999


@pytest.mark.parametrize(
    "what",
    [
        Layer("blocks.3"),
        Channels("blocks.3", (2, 7)),
        Neuron("blocks.4", 27, 0.9, 0.1),
        Direction("blocks.4", ((3, 0.5), (9, -1.0))),
        Class(84),
    ],
)
def test_the_gradient_points_where_the_value_rises(networks: dict[str, Network], small: Picture, what: What) -> None:
    photo = _tensor(small)
    objective = _one(networks, what)
    objective.start(photo)
    gradient = objective.gradient(photo)
    step = gradient * (1e-3 / gradient.abs().max())
    rise = objective.value(photo + step) - objective.value(photo - step)
    assert rise == pytest.approx(2 * float((gradient * step).sum()), rel=0.05)


def test_weights_are_what_they_say_however_unlike_the_terms(networks: dict[str, Network], small: Picture) -> None:
    photo, guide = _tensor(small), _tensor(small).flip(3)
    whats: tuple[What, ...] = (Guide("blocks.2"), Class(483))
    single = []
    for what in whats:
        objective = _one(networks, what, guide)
        objective.start(photo)
        single.append(objective.gradient(photo))
    assert not 0.2 < float(single[0].abs().mean() / single[1].abs().mean()) < 5  # the terms themselves are far apart
    mixed = _objective(networks, [Term("lite0", 0.7, whats[0]), Term("lite0", -0.3, whats[1])], guide)
    mixed.start(photo)
    expected = 0.7 * single[0] / single[0].abs().mean() - 0.3 * single[1] / single[1].abs().mean()
    assert _cosine(mixed.gradient(photo), expected) > 0.9999


def test_the_strongest_channels_are_those_of_the_picture(networks: dict[str, Network], small: Picture) -> None:
    photo = _tensor(small)
    with torch.no_grad():
        power = networks["lite0"].trunk(["blocks.4"])(photo)["blocks.4"].square().mean((0, 2, 3))
    order = power.argsort(descending=True).tolist()
    for strongest, chosen in ((True, order[:4]), (False, order[-4:])):
        extremes, channels = _one(networks, Extremes("blocks.4", 4, strongest)), _trunk(networks)
        extremes.start(photo)
        expected = channels.gradient(photo, lambda seen, chosen=chosen: seen["blocks.4"][:, chosen].norm())
        assert _cosine(extremes.gradient(photo), expected) > 0.9999


def test_a_channel_that_is_silent_can_wake(networks: dict[str, Network]) -> None:
    # A norm of what is positive has no gradient where nothing is (tensorflow/lucid's issue 68: grey pictures).
    flat = torch.full((1, 3, 64, 64), 0.5)
    for channel in range(0, 112, 16):
        objective = _one(networks, Channels("blocks.4", (channel,)))
        objective.start(flat)
        assert float(objective.gradient(flat).abs().max()) > 0


def test_a_guide_is_matched_position_by_position(networks: dict[str, Network], small: Picture) -> None:
    photo, guide = _tensor(small), torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    objective = _one(networks, Guide("blocks.3"), guide)
    objective.start(photo)
    trunk = networks["lite0"].trunk(["blocks.3"])
    with torch.no_grad():
        features = trunk(guide)["blocks.3"][0].flatten(1)

    def all_at_once(seen: dict[str, torch.Tensor]) -> torch.Tensor:
        return (seen["blocks.3"][0].flatten(1).T @ features).max(1).values.sum()

    assert _cosine(objective.gradient(photo), trunk.gradient(photo, all_at_once)) > 0.9999  # type: ignore[arg-type]


def test_a_large_guide_takes_no_more_memory_than_a_small_one(networks: dict[str, Network], small: Picture) -> None:
    # Google's notebook makes a matrix of all positions of both pictures: it grows with the fourth power of the side.
    large = torch.rand(1, 3, 1536, 1024, generator=torch.Generator().manual_seed(0))
    objective = _one(networks, Guide("blocks.3"), large)
    objective.start(_tensor(small))
    assert objective._guide is not None
    assert max(objective._guide.shape) == 256


def test_a_missing_guide_is_asked_for(small: Picture) -> None:
    with pytest.raises(RecipeError, match="takes a second picture"):
        Recipe(of="guide").with_pictures(guide=None, mask=None)


def _trunk(networks: dict[str, Network]) -> Trunk:
    return networks["lite0"].trunk(["blocks.4"])


def _cosine(one: torch.Tensor, other: torch.Tensor | float) -> float:
    assert isinstance(other, torch.Tensor)
    return float(torch.cosine_similarity(one.double().flatten(), other.double().flatten(), dim=0))
