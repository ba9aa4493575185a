"""Where to dream: on the subject, around it, or where a mask says."""

import numpy as np
import pytest
import torch

from engine import Dreamer, Picture, Recipe, RecipeError, pictures, where
from engine.networks import Network

QUICK = {"network": "lite0", "octaves": 2, "steps": 3, "jitter": 4}


@pytest.fixture(scope="module")
def lite0() -> Network:
    return Network("lite0", torch.device("cpu"))


def _place(recipe: Recipe, photo: Picture, network: Network, mask: Picture | None = None) -> np.ndarray:
    tensor = torch.from_numpy(photo.rgb).permute(2, 0, 1)[None] / 255
    found = where.place(recipe, tensor, network, mask)
    assert found is not None
    assert found.shape == (1, 1, photo.height, photo.width)
    assert 0 <= float(found.min()) <= float(found.max()) <= 1
    return found[0, 0].numpy()


def test_the_cup_is_the_subject_and_the_table_is_not(lite0: Network, coffee: Picture) -> None:
    photo = pictures.scaled(coffee, 300, 200)
    subject = _place(Recipe(where="subject"), photo, lite0)
    cup, corners = subject[50:110, 110:200], (subject[:40, :60], subject[-40:, -60:], subject[-40:, :40])
    assert cup.mean() > 0.6
    assert max(corner.mean() for corner in corners) < 0.2
    background = _place(Recipe(where="background"), photo, lite0)
    assert np.allclose(subject + background, 1, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (400, 3)])
def test_tiny_flat_pictures_have_a_subject_too(lite0: Network, size: tuple[int, int]) -> None:
    width, height = size
    _place(Recipe(where="subject"), Picture(np.full((height, width, 3), 90, np.uint8)), lite0)


@pytest.mark.parametrize("look", ["classic", "natural"])
def test_nothing_changes_where_the_mask_is_black(dreamer: Dreamer, small: Picture, look: str) -> None:
    light = np.zeros((32, 48, 3), np.uint8)
    light[:, 24:] = 255  # a mask of half the size: it is stretched
    recipe = Recipe.checked(**QUICK, look=look, where="mask", feather=0.0, likeness=0.0)
    dream = dreamer.dream(small, recipe, mask=Picture(light))
    change = np.abs(dream.picture.rgb.astype(int) - small.rgb).max(2)
    assert change[:, :44].max() == 0
    assert change[:, 52:].mean() > 2
    feathered = dreamer.dream(small, recipe.model_copy(update={"feather": 0.1}), mask=Picture(light))
    soft = np.abs(feathered.picture.rgb.astype(int) - small.rgb).max(2)
    assert soft[:, 40:46].mean() > change[:, 40:46].mean()


def test_what_is_transparent_in_a_mask_is_not_dreamed_on(lite0: Network, small: Picture) -> None:
    alpha = np.zeros((64, 96), np.uint8)
    alpha[:32] = 255
    mask = Picture(np.full((64, 96, 3), 255, np.uint8), alpha)
    found = _place(Recipe(where="mask", feather=0.0), small, lite0, mask)
    assert found[:31].min() == 1
    assert found[33:].max() == 0


def test_a_missing_mask_is_asked_for(dreamer: Dreamer, small: Picture) -> None:
    with pytest.raises(RecipeError, match="takes a mask picture"):
        dreamer.dream(small, Recipe.checked(**QUICK, where="mask"))


def test_another_mask_than_the_recipes_is_said(dreamer: Dreamer, small: Picture) -> None:
    recipe = Recipe.checked(**QUICK, where="mask")
    first = dreamer.dream(small, recipe, mask=small)
    assert first.recipe.mask == small.sha256
    assert not any("mask" in str(note) for note in first.picture.notes)
    other = dreamer.dream(small, first.recipe, mask=Picture(255 - small.rgb))
    assert "The mask is another picture than the one this recipe was made with." in map(str, other.picture.notes)
