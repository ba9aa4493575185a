"""Blocks in strips of rows: the same sums as whole, there and back, whatever their sizes."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.networks import strips
from engine.networks.chains import Chain
from engine.networks.links import Link

GIVEN, WIDE = 8, 24  # channels


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    side=st.sampled_from([3, 5]),
    stride=st.sampled_from([1, 2]),
    skips=st.booleans(),
    strip_bytes=st.integers(1, 4 * WIDE * 40 * 40),
)
def test_strips_of_any_height_are_the_same_sum(
    height: int, width: int, side: int, stride: int, skips: bool, strip_bytes: int
) -> None:
    block = a_block(side, stride, skips=skips and stride == 1)
    image = whole_numbers(1, 1, GIVEN, height, width).contiguous(memory_format=torch.channels_last)
    whole, expected = made_and_gradient(block, image, least_bytes=1 << 40, strip_bytes=1)
    in_strips, back = made_and_gradient(block, image, least_bytes=0, strip_bytes=strip_bytes)
    assert torch.equal(in_strips, whole)
    assert torch.equal(back, expected)


def whole_numbers(seed: int, *shape: int) -> Tensor:
    """Return small whole numbers: sums of them are exact, in whatever order."""
    return torch.randint(-2, 3, shape, generator=torch.Generator().manual_seed(seed)).float()


def a_block(side: int, stride: int, *, skips: bool) -> Chain:
    """Return a block of random numbers that goes our way."""

    def link(*shape: int, stride: int = 1, groups: int = 1, bends: bool) -> Link:
        weight, bias = (nn.Parameter(whole_numbers(sum(shape), *one)) for one in (shape, shape[:1]))
        return Link(weight, bias, stride, groups, bends=bends)

    links = [
        link(WIDE, GIVEN, 1, 1, bends=True),
        link(WIDE, 1, side, side, stride=stride, groups=WIDE, bends=True),
        link(GIVEN, WIDE, 1, 1, bends=False),
    ]
    block = Chain(links, skips=skips).requires_grad_(False).to(memory_format=torch.channels_last)
    block.fuse(fused=True)
    return block


def made_and_gradient(block: Chain, image: Tensor, *, least_bytes: int, strip_bytes: int) -> tuple[Tensor, Tensor]:
    """Return what a block makes of an image, and the gradient of a random sum of it by the image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strips, "LEAST_BYTES", least_bytes)
        patch.setattr(strips, "STRIP_BYTES", strip_bytes)
        leaf = image.clone().requires_grad_()
        made = block(leaf)
        (gradient,) = torch.autograd.grad((made * whole_numbers(2, *made.shape)).sum(), leaf)
    return made.detach(), gradient
