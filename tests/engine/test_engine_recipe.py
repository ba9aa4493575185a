"""Recipes: what may be asked for, how they are kept, and what they cost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Recipe, RecipeError, catalogue

LAYERS = [(network.name, layer) for network in catalogue.networks().values() for layer in network.layers]

RECIPES = st.builds(
    lambda place, **fields: Recipe(network=place[0], layer=place[1], **fields),
    st.sampled_from(LAYERS),
    octaves=st.integers(1, 12),
    octave_scale=st.floats(1.0, 3.0, exclude_min=True),
    steps=st.integers(1, 200),
    step_size=st.floats(0.0, 0.5, exclude_min=True),
    jitter=st.integers(0, 512),
    size=st.integers(32, 2048),
    seed=st.integers(0, 2**32 - 1),
)


@given(RECIPES)
def test_json_keeps_a_recipe_whole(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == recipe


@given(RECIPES, st.integers(1, 3000), st.integers(1, 3000))
def test_every_dream_has_a_price(recipe: Recipe, width: int, height: int) -> None:
    assert recipe.cost(width, height) > 0


def test_the_price_is_the_arithmetic_of_all_steps() -> None:
    recipe = Recipe(network="lite0", layer="stem", octaves=2, octave_scale=2, steps=3)
    # The stem: 3 × 3 × 3 weights for each of 32 channels at a quarter of the pixels; forward and backward.
    a_pixel = 2 * (2 * 27 * 32 / 4)
    assert recipe.cost(512, 256) == pytest.approx(3 * a_pixel * (512 * 256 + 256 * 128) / 1e9)


def test_a_photo_larger_than_the_dream_costs_no_more() -> None:
    recipe = Recipe(size=512)
    assert recipe.cost(4096, 2048) == recipe.cost(512, 256)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"network": "lite3"}, "There is no network “lite3”. Did you mean lite2 or lite0?"),
        ({"network": "vgg"}, "There is no network “vgg”. Did you mean vgg"),
        ({"layer": "block.4"}, "The network lite2 has no layer “block.4”. Did you mean blocks.4"),
        ({"layer": "dogs"}, "The network lite2 has no layer “dogs”. It has stem, blocks.0, blocks.1"),
        ({"layer": "blocks.4.9"}, "Did you mean"),
        ({"steps": 0}, "steps: input should be greater than or equal to 1"),
        ({"octave_scale": 1.0}, "octave_scale: input should be greater than 1"),
        ({"step_size": float("nan")}, "step_size"),
        ({"colour": 1}, "colour: extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_dreamed_is_said_with_what_could(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(RecipeError) as refused:
        Recipe.of(**fields)
    assert sentence in str(refused.value)
    with pytest.raises(RecipeError) as refused:
        Recipe.from_json(json.dumps({"version": 1, **fields}))
    assert str(refused.value)


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '{"version": 2}'])
def test_what_is_no_recipe_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(RecipeError, match=r"^This recipe cannot be used: .*\.$"):
        Recipe.from_json(text)
