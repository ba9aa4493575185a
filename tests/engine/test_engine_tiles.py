"""Tiles: how pictures are cut, and that the gradient in tiles is that of the whole picture."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import pad

from engine import Picture, Recipe, catalogue, tiles
from engine.large.objective import TiledObjective
from engine.large.panes import pane_of
from engine.networks import Network, offer
from engine.objectives import Objective
from engine.tiles import Tiling
from engine.transforms import View

CPU = torch.device("cpu")
STRIDES = st.sampled_from([1, 2, 4, 8, 16, 32])
TILINGS = st.builds(
    lambda stride, side, margin: Tiling(side * stride, margin * stride, stride),
    STRIDES,
    st.integers(1, 40),
    st.integers(0, 20),
)
# Each alone, in sums, and away from it; what its gradient takes from the whole picture differs.
WORDS = [
    "layer 2",
    "layer 3",
    "channels 3: 1, 5, 20",
    "strongest 3 of 3",
    "weakest 3 of 2",
    "neuron 3:27@0.3,0.7",
    "neuron 3:27@1,0",
    "direction 3: 27=0.5, 41=-0.3",
    "guide 3",
    "- layer 3",
    "0.7 layer 2 + 0.3 channel 3:27 - neuron 3:7@0.6,0.4",
    "guide 2 + strongest 5 of 3",
]


@pytest.fixture(scope="module")
def lite0() -> Network:
    return Network("lite0", CPU)


def _tensor(picture: Picture) -> Tensor:
    return torch.from_numpy(picture.rgb).permute(2, 0, 1)[None] / 255


@given(TILINGS, st.integers(1, 9000))
def test_every_pixel_is_kept_once_and_tiles_begin_on_the_stride(tiling: Tiling, length: int) -> None:
    spans = tiling.spans(length)
    assert spans[0].start == 0
    assert spans[-1].last
    assert length <= spans[-1].stop < length + tiling.stride
    for span, after in pairwise(spans):
        assert span.stop == after.start
        assert not span.last
    if len(spans) > 1:
        assert all(edge % tiling.stride == 0 for span in spans for edge in (span.start, span.stop, span.low, span.high))
        assert all(0 < span.stop - span.start <= tiling.side for span in spans)


@given(TILINGS, st.integers(1, 9000))
def test_margins_are_whole_except_at_the_pictures_own_edge(tiling: Tiling, length: int) -> None:
    spans = tiling.spans(length)
    padded = spans[-1].stop
    for span in spans:
        assert 0 <= span.low <= span.start < span.stop <= span.high <= padded
        assert span.start - span.low == min(tiling.margin, span.start)
        assert span.high - span.stop == min(tiling.margin, padded - span.stop)


@given(TILINGS, st.integers(1, 400), st.integers(1, 400))
def test_no_more_is_looked_at_than_was_foreseen(tiling: Tiling, height: int, width: int) -> None:
    seen = [tile.pixels for tile in tiling.tiles(height, width)]
    assert sum(seen) == tiling.seen_pixels(height, width) >= height * width
    assert max(seen) == tiling.largest(height, width) <= (tiling.side + 2 * tiling.margin) ** 2


@given(st.sampled_from([(one, layer) for one in catalogue.networks().values() for layer in one.layers.values()]))
def test_every_layer_has_a_tiling_on_its_stride(place: tuple[catalogue.NetworkFacts, catalogue.LayerFacts]) -> None:
    _, layer = place
    for tiling in tiles.smaller([layer]):
        assert tiling.side % layer.stride == tiling.margin % layer.stride == 0
        assert tiling.side >= tiles.LEAST_SIDE
        assert tiling.margin >= tiles.REACH * (layer.receptive_field or 0)


@pytest.mark.parametrize(
    ("name", "tiled"),
    [
        ("resnet18", True),
        ("convnext_atto", True),
        ("convnextv2_atto", False),
        ("resnet50_gn", False),
        ("efficientnet_b0", False),
    ],
)
def test_networks_that_norm_or_pool_over_the_picture_are_not_tiled(name: str, tiled: bool) -> None:
    layers = list(offer(f"timm:{name}").layers.values())
    assert tiles.can_tile([layers[-1]]) == tiled


def _padded(picture: Tensor, tiling: Tiling) -> Tensor:
    """Return a picture continued by its mirror image to the stride, where it is cut."""
    height, width = (tiling.spans(length)[-1].high - length for length in picture.shape[-2:])
    return pad(picture, (0, width, 0, height), mode="reflect")


def _whole(objective: Objective, picture: Tensor, tiling: Tiling, view: View) -> Tensor:
    """Return the gradient of the whole picture, padded as tiles are."""

    def gradient_of(seen: Tensor) -> Tensor:
        with torch.enable_grad():
            inner = seen.detach().requires_grad_()
            large = _padded(inner, tiling)
        (back,) = torch.autograd.grad(large, inner, objective.gradient(large.detach()))
        return back

    return view.gradient(picture, gradient_of)


def _like(one: Tensor, other: Tensor) -> tuple[float, float]:
    """Return cosine and relative L2 distance, accumulated in float64."""
    one, other = one.double().flatten(), other.double().flatten()
    return float(torch.cosine_similarity(one, other, dim=0)), float((one - other).norm() / other.norm())


@pytest.mark.parametrize("words", WORDS)
def test_tiled_is_whole_for_every_objective(lite0: Network, coffee: Picture, words: str) -> None:
    photo, guide = _tensor(coffee)[..., 100:291, 150:493], _tensor(coffee)[..., 64:128]
    recipe = Recipe(network="lite0", of=words)
    usual = tiles.tiling_of(recipe.deepest())
    tiling = Tiling(64, usual.margin, usual.stride)
    assert len(tiling.spans(343)) > 3
    _compare(recipe, {"lite0": lite0}, tiling, photo, guide)


@pytest.mark.parametrize("words", ["class: peacock", "class: castle - 0.3 layer 4"])
def test_tiled_is_whole_for_classes(lite0: Network, coffee: Picture, words: str) -> None:
    photo = _tensor(coffee)[..., 150:190, :]
    photo = torch.cat([photo, photo.flip(3)[..., :250]], 3)
    recipe = Recipe(network="lite0", of=words)
    usual = tiles.tiling_of(recipe.deepest())
    _compare(recipe, {"lite0": lite0}, Tiling(128, usual.margin, usual.stride), photo, photo)


def test_tiled_is_whole_for_several_networks(lite0: Network, coffee: Picture) -> None:
    recipe = Recipe(network="lite0+lite2", of="lite2/layer 3 + lite0/guide 2")
    networks = {"lite0": lite0, "lite2": Network("lite2", CPU)}
    usual = tiles.tiling_of(recipe.deepest())
    tiling = Tiling(96, usual.margin, usual.stride)
    _compare(recipe, networks, tiling, _tensor(coffee)[..., 150:246, :], _tensor(coffee)[..., :64])


def test_tiled_is_whole_for_a_view_that_is_scaled_and_turned(lite0: Network, coffee: Picture) -> None:
    recipe = Recipe(network="lite0", of="layer 2")
    usual = tiles.tiling_of(recipe.deepest())
    tiling = Tiling(48, usual.margin, usual.stride)
    photo = _tensor(coffee)[..., 100:291, 150:493]
    _compare(recipe, {"lite0": lite0}, tiling, photo, photo, View(3, -7, 0.83, 0.1))


def _compare(
    recipe: Recipe,
    networks: dict[str, Network],
    tiling: Tiling,
    photo: Tensor,
    guide: Tensor,
    view: View | None = None,
) -> None:
    view = view or View(-5, 11)
    assert len(tiling.spans(photo.shape[3])) > 1
    trunks = {name: networks[name].trunk(layers) for name, layers in recipe.layers().items()}
    whole, tiled = Objective(recipe.terms(), trunks, guide), TiledObjective(recipe.terms(), trunks, tiling, guide)
    whole.start(_padded(photo, tiling))
    tiled.start(photo, torch.empty_like(photo))
    gradient = torch.zeros_like(photo)
    tiled.add_gradient(photo, view, gradient)
    expected = _whole(whole, photo, tiling, view)
    # A norm that is alone leaves out a factor, and the terms of a sum are measured without the padding: no look minds.
    if not tiles.takes_totals(recipe.terms()) or len(recipe.terms()) > 1:
        gradient *= float(expected.norm() / gradient.norm())
    cosine, distance = _like(gradient, expected)
    assert cosine > 0.9999
    assert distance < 0.01


@pytest.mark.parametrize(
    "view", [View(3, -7, 0.8, 0.1), View(0, 0, 1.2, -0.3), View(5, 5, 0.7, 0.0), View(-9, 2, 1.0, 3.0)]
)
def test_a_scaled_and_turned_view_is_the_same_in_tiles(view: View) -> None:
    height, width = 157, 211
    picture = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    noise = torch.randn(1, 3, *view.size(height, width), generator=torch.Generator().manual_seed(1))
    seen: list[Tensor] = []
    expected = view.gradient(picture, lambda image: (seen.append(image), noise)[1])
    tiling = Tiling(32, 16, 8)
    gradient = torch.zeros_like(picture)
    for tile in tiling.tiles(*noise.shape[-2:]):
        pane = pane_of(view, tile, height, width)
        shown = pane.look(picture)
        rows, columns = tile.rows, tile.columns
        inside = min(rows.high, noise.shape[2]) - rows.low, min(columns.high, noise.shape[3]) - columns.low
        whole = seen[0][:, :, rows.low : rows.high, columns.low : columns.high]
        assert torch.allclose(shown[:, :, : inside[0], : inside[1]], whole, atol=2e-4)
        own = torch.zeros_like(shown)
        part = noise[:, :, rows.start : rows.stop, columns.start : columns.stop]
        top, left = rows.start - rows.low, columns.start - columns.low
        own[:, :, top : top + part.shape[2], left : left + part.shape[3]] = part
        pane.give(own, gradient)
    cosine, distance = _like(gradient, expected)
    assert cosine > 0.9999
    assert distance < 0.01


def test_bytes_are_looked_at_as_floats() -> None:
    pixels = torch.randint(0, 256, (1, 3, 40, 50), dtype=torch.uint8)
    for view in (View(3, 4), View(3, 4, 0.9, 0.1)):
        for tile in Tiling(16, 8, 8).tiles(*view.size(40, 50)):
            shown = pane_of(view, tile, 40, 50).look(pixels)
            assert torch.allclose(shown, pane_of(view, tile, 40, 50).look(pixels.float() / 255))
