"""Blocks in strips of rows: the same sums as whole, there and back, whatever their sizes."""

import pytest
import torch
from engine_blocks import GIVEN, WIDE, a_block, made_and_gradient, whole_numbers
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.networks import strips
from engine.networks.chains import ONEDNN, Chain


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
    block = a_block(side, stride, ONEDNN, skips=skips and stride == 1)
    image = whole_numbers(1, 1, GIVEN, height, width).contiguous(memory_format=torch.channels_last)
    whole, expected = in_strips_of(block, image, least_bytes=1 << 40, strip_bytes=1)
    in_strips, back = in_strips_of(block, image, least_bytes=0, strip_bytes=strip_bytes)
    assert torch.equal(in_strips, whole)
    assert torch.equal(back, expected)


def in_strips_of(block: Chain, image: Tensor, *, least_bytes: int, strip_bytes: int) -> tuple[Tensor, Tensor]:
    """Return what a block makes of an image, in strips where it has so many bytes, and the gradient by the image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strips, "LEAST_BYTES", least_bytes)
        patch.setattr(strips, "STRIP_BYTES", strip_bytes)
        return made_and_gradient(block, image)
