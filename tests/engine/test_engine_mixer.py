"""A gradient's colours mixed: afterwards, or by the first stage of a network on the way back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.mixer import Mixer
from engine.networks import Network, variants

CPU = torch.device("cpu")
COLORS = ((0.9, 0.1, -0.3), (0.2, 0.5, 0.4), (0.0, -0.6, 0.7))  # not symmetric: which way is told


def _mixed(gradient: Tensor) -> Tensor:
    return torch.einsum("bchw,cd->bdhw", gradient, torch.tensor(COLORS))


@given(st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_each_pixel_is_mixed_by_itself(height: int, width: int, by_pixels: bool) -> None:
    image = torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(height * 31 + width))
    expected = _mixed(image)
    if by_pixels:
        image = image.contiguous(memory_format=torch.channels_last)
    assert torch.allclose(Mixer(torch.tensor(COLORS)).of(image), expected, atol=1e-5)


@pytest.fixture(scope="module", params=[None, variants.LAST], ids=["as it is", "in torch's form"])
def lite0(request: pytest.FixtureRequest) -> Network:
    return Network("lite0", CPU, variant=request.param)


@pytest.mark.parametrize("size", [(64, 96), (61, 83), (20, 150)])
@pytest.mark.parametrize("layer", ["stem", "blocks.2"])
def test_a_networks_gradient_is_mixed_as_any_is(lite0: Network, size: tuple[int, int], layer: str) -> None:
    def objective(seen: Mapping[str, Tensor]) -> Tensor:
        norm: Tensor = torch.linalg.vector_norm(seen[layer])
        return norm

    trunk = lite0.trunk([layer])
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2))
    expected = _mixed(trunk.gradient(picture, objective))
    found = trunk.gradient(picture, objective, COLORS)
    assert float((found - expected).norm() / expected.norm()) < 1e-5
