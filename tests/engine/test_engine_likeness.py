"""How like its photo a dream is, and dreams taken back until they are like enough."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity as reference
from torch import Tensor

from engine import Picture
from engine.likeness import luminance, similarity, structural_similarity, weakened


def _tensor(picture: Picture) -> Tensor:
    return torch.from_numpy(picture.rgb).permute(2, 0, 1)[None].float() / 255


def _noise(seed: int, height: int, width: int) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def photo(small: Picture) -> Tensor:
    return _tensor(small)


@pytest.mark.parametrize("strength", [0.0, 0.1, 0.4, 1.0])
def test_structural_similarity_is_that_of_the_paper(photo: Tensor, strength: float) -> None:
    other = photo.lerp(_noise(0, 64, 96), strength)
    one, two = luminance(photo), luminance(other)
    expected = reference(
        one[0, 0].double().numpy(),
        two[0, 0].double().numpy(),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
    )
    assert structural_similarity(one, two) == pytest.approx(expected, abs=1e-5)


def test_a_photo_is_wholly_like_itself_and_little_like_its_negative(photo: Tensor) -> None:
    assert similarity(photo, photo) == pytest.approx(1.0, abs=1e-6)
    assert similarity(photo, 1 - photo) < 0.4


def test_fine_texture_hardly_counts_and_large_shapes_do(coffee: Picture) -> None:
    photo = _tensor(coffee)
    board = (torch.arange(400)[:, None] // 2 + torch.arange(600)[None] // 2) % 2 - 0.5
    blobs = (torch.arange(400)[:, None] // 50 + torch.arange(600)[None] // 50) % 2 - 0.5
    fine, large = (photo + 0.4 * board).clamp(0, 1), (photo + 0.4 * blobs).clamp(0, 1)
    assert similarity(photo, fine) > 0.9
    assert similarity(photo, large) < 0.7


def test_a_likeness_means_the_same_at_every_size(coffee: Picture) -> None:
    photo = _tensor(coffee)
    grid = torch.linspace(0, 25, 600)[None].sin() * torch.linspace(0, 17, 400)[:, None].sin()
    dream = (photo + 0.3 * grid).clamp(0, 1)
    halves = [torch.nn.functional.interpolate(image, scale_factor=0.5, mode="area") for image in (photo, dream)]
    assert similarity(*halves) == pytest.approx(similarity(photo, dream), abs=0.02)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (2000, 3), (10, 10)])
def test_pictures_of_any_shape_can_be_compared(height: int, width: int) -> None:
    photo, dream = _noise(1, height, width), _noise(2, height, width)
    assert similarity(photo, photo) == pytest.approx(1.0, abs=1e-5)
    assert -1 <= similarity(photo, dream) < 1
    picture, factor = weakened(photo, dream, 0.9)
    assert picture.shape == photo.shape
    assert similarity(photo, picture) >= 0.9 - 1e-3
    assert 0 <= factor <= 1


def test_a_dream_that_is_like_enough_stays_as_it_is(photo: Tensor) -> None:
    dream = photo.lerp(_noise(3, 64, 96), 0.05)
    picture, factor = weakened(photo, dream, 0.5)
    assert factor == 1.0
    assert picture is dream


def test_whole_likeness_gives_the_photo_back(photo: Tensor) -> None:
    picture, factor = weakened(photo, _noise(4, 64, 96), 1.0)
    assert factor == 0.0
    assert torch.equal(picture, photo)


def test_no_more_is_taken_back_than_was_asked_for(photo: Tensor) -> None:
    dream = _noise(5, 64, 96)
    for least in (0.5, 0.7, 0.9):
        picture, factor = weakened(photo, dream, least)
        assert similarity(photo, picture) == pytest.approx(least, abs=2e-3)
        assert torch.allclose(picture - photo, factor * (dream - photo), atol=1e-6)


def test_the_more_likeness_is_asked_for_the_less_dream_is_left(photo: Tensor) -> None:
    factors = [weakened(photo, _noise(6, 64, 96), least)[1] for least in (0.3, 0.5, 0.7, 0.9, 0.99)]
    assert factors == sorted(factors, reverse=True)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    coarse=st.integers(1, 12),
    least=st.floats(-1, 1),
)
def test_the_likeness_asked_for_is_there(seed: int, height: int, width: int, coarse: int, least: float) -> None:
    photo = _noise(seed, height, width)
    blobs = _noise(seed + 1, -(-height // coarse), -(-width // coarse))
    dream = blobs.repeat_interleave(coarse, 2).repeat_interleave(coarse, 3)[..., :height, :width]
    picture, factor = weakened(photo, dream, least)
    assert similarity(photo, picture) >= least - 1e-3
    assert 0 <= factor <= 1
    assert float(picture.min()) >= 0
    assert float(picture.max()) <= 1
