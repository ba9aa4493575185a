"""The pyramid of sizes, and the detail carried through it."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import octaves

SIDES = st.integers(1, 20_000)


@given(width=SIDES, height=SIDES, longest=st.integers(32, 2048))
def test_a_dream_is_never_larger_than_its_photo_or_its_limit(width: int, height: int, longest: int) -> None:
    wide, high = octaves.dream_size(width, height, longest)
    assert 1 <= wide <= width
    assert 1 <= high <= height
    assert max(wide, high) <= longest
    if max(width, height) <= longest:
        assert (wide, high) == (width, height)


@given(
    width=st.integers(1, 2048),
    height=st.integers(1, 2048),
    count=st.integers(1, 12),
    scale=st.floats(1.0, 3.0, exclude_min=True),
)
def test_octaves_grow_to_the_whole_picture(width: int, height: int, count: int, scale: float) -> None:
    sizes = octaves.sizes(width, height, count, scale)
    assert sizes[-1] == (width, height)
    assert sizes == sorted(sizes)
    assert 1 <= len(sizes) <= count
    assert all(min(size) >= octaves.MIN_SIDE for size in sizes[:-1])


def test_each_octave_is_an_octave_scale_larger() -> None:
    assert octaves.sizes(600, 400, 3, 2.0) == [(150, 100), (300, 200), (600, 400)]


def test_a_small_picture_gets_fewer_octaves_and_none_too_small() -> None:
    assert octaves.sizes(80, 60, 12, 1.4) == [(57, 43), (80, 60)]
    assert octaves.sizes(1, 1, 12, 1.4) == [(1, 1)]


def test_smooth_detail_survives_being_carried_up() -> None:
    ramp = torch.linspace(0, 1, 40).expand(1, 3, 30, 40)
    larger = octaves.resized(ramp, 80, 60)
    assert larger.shape == (1, 3, 60, 80)
    assert torch.allclose(octaves.resized(larger, 40, 30)[..., 4:-4], ramp[..., 4:-4], atol=0.01)
