"""A GPU's way through links, which any device can go: the same sums as torch's, there and back."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest
import torch
from engine_blocks import GIVEN, a_block, fuse, made_and_gradient, whole_numbers
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.networks import Network, variants
from engine.networks.chains import NATIVE

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
COLORS = ((0.9, 0.1, -0.3), (0.2, 0.5, 0.4), (0.0, -0.6, 0.7))


@given(
    pictures=st.integers(1, 3),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    side=st.sampled_from([3, 5]),
    stride=st.sampled_from([1, 2]),
    skips=st.booleans(),
)
def test_a_block_is_the_same_sum_as_torchs(
    pictures: int, height: int, width: int, side: int, stride: int, skips: bool
) -> None:
    block = a_block(side, stride, NATIVE, skips=skips and stride == 1)
    image = whole_numbers(1, pictures, GIVEN, height, width)
    made, gradient = made_and_gradient(block, image)
    block.fuse(None)
    expected, back = made_and_gradient(block, image)
    assert torch.equal(made, expected)
    assert torch.equal(gradient, back)


@pytest.mark.parametrize("size", [(64, 96), (61, 83), (20, 150)])
@pytest.mark.parametrize("layer", ["stem", "blocks.4"])
@pytest.mark.parametrize("colors", [None, COLORS])
def test_a_network_has_the_gradient_of_double_precision(
    size: tuple[int, int], layer: str, colors: tuple[tuple[float, ...], ...] | None
) -> None:
    def objective(seen: Mapping[str, Tensor]) -> Tensor:
        norm: Tensor = torch.linalg.vector_norm(seen[layer])
        return norm

    trunk = Network("lite0", CPU, variant=variants.PLAIN).trunk([layer])
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2))
    exact = copy.deepcopy(trunk).double().gradient(picture.double(), objective, colors)
    fuse(trunk, NATIVE)
    found = trunk.gradient(picture, objective, colors)
    assert found.shape == picture.shape
    assert float((found - exact).norm() / exact.norm()) < 1e-4


def test_a_gpu_goes_it_where_a_network_has_links_and_torchs_where_it_has_not() -> None:
    stages = dict(enumerate(Network("lite0", CPU).trunk(["stem"]).stages))
    named = {str(name): stage for name, stage in stages.items()}
    assert variants.forms(named, CUDA)[0] == variants.FUSED_NATIVE
    assert variants.forms({"one": nn.Conv2d(8, 8, 3, groups=8)}, CUDA)[0] == variants.NATIVE
    assert variants.forms({"one": nn.Conv2d(8, 8, 3)}, CUDA)[0] == variants.LAST
