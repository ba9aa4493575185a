"""Recipes: what may be asked for, how they are kept, and what they cost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Recipe, RecipeError, catalogue
from engine.recipe import BEFORE, LAST_STEP, NATURAL

LAYERS = [(network.name, layer) for network in catalogue.networks().values() for layer in network.layers]
MAYBE_HASH = st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex)

RECIPES = st.builds(
    lambda place, **fields: Recipe(network=place[0], of=f"layer {place[1]}", **fields),
    st.sampled_from(LAYERS),
    look=st.sampled_from(["classic", "natural"]),
    strengths=st.lists(st.floats(0, 4), max_size=12).map(tuple),
    zoom=st.floats(0, 0.5),
    rotation=st.floats(0, 180),
    balance=st.floats(0, 1),
    total_variation=st.floats(0, 1),
    photo_colors=st.booleans(),
    keep_colors=st.booleans(),
    where=st.sampled_from(["everywhere", "subject", "background", "mask"]),
    feather=st.floats(0, 0.5),
    likeness=st.floats(0, 1),
    guide=MAYBE_HASH,
    mask=MAYBE_HASH,
    octaves=st.integers(1, 12),
    octave_scale=st.floats(1.0, 3.0, exclude_min=True),
    steps=st.integers(1, 200),
    stepping=st.sampled_from(["even", "falling"]),
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
    recipe = Recipe(network="lite0", of="layer stem", octaves=2, octave_scale=2, steps=3)
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
        ({"network": "clip"}, "There is no network “clip”. Choose lite2, lite0, googlenet, "),
        ({"network": "googlenet", "of": "layer blocks"}, "has no layer “blocks”. It has conv1, conv2, conv3"),
        (
            {"network": "resnet50", "of": "layer x"},
            "It has stem, layer1, layer2, layer3, layer4, head, logits, and each",
        ),
        ({"of": "layer block.4"}, "The network lite2 has no layer “block.4”. Did you mean blocks.4"),
        ({"of": "layer 99"}, "The network lite2 has no layer “99”."),
        ({"of": "layer blocks.4.9"}, "Did you mean"),
        ({"of": "dgos"}, "Did you mean dogs"),
        ({"network": "lite2+lite2"}, "different networks may dream together"),
        ({"look": "wild"}, "look: input should be 'classic' or 'natural'"),
        ({"guide": "cat.jpg"}, "guide"),
        ({"steps": 0}, "steps: input should be greater than or equal to 1"),
        ({"octave_scale": 1.0}, "octave_scale: input should be greater than 1"),
        ({"step_size": float("nan")}, "step_size"),
        ({"colour": 1}, "recipes have no field colour"),
    ],
)
def test_what_cannot_be_dreamed_is_said_with_what_could(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(RecipeError) as refused:
        Recipe.checked(**fields)
    assert sentence in str(refused.value)
    with pytest.raises(RecipeError) as refused:
        Recipe.from_json(json.dumps({"version": 3, **fields}))
    assert str(refused.value)


def test_a_recipe_of_another_version_is_told_apart() -> None:
    with pytest.raises(RecipeError, match="made by another version of Oneiros"):
        Recipe.from_json('{"version": 4}')


@pytest.mark.parametrize("text", ["", "null", "[]", "{"])
def test_what_is_no_recipe_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(RecipeError, match=r"^This recipe cannot be used: .*\.$"):
        Recipe.from_json(text)


def test_a_recipe_of_the_first_version_is_read_as_what_it_meant() -> None:
    old = '{"version":1,"network":"lite0","layer":"blocks.3","octaves":4,"octave_scale":1.3,"steps":7,"step_size":0.02'
    recipe = Recipe.from_json(old + ',"jitter":9,"size":500,"seed":11}')
    assert recipe == Recipe(
        network="lite0",
        of="layer blocks.3",
        octaves=4,
        octave_scale=1.3,
        steps=7,
        step_size=0.02,
        stepping="even",
        jitter=9,
        size=500,
        seed=11,
    )


def test_what_is_not_said_is_the_looks_own_default_and_stays_so() -> None:
    natural = Recipe(look="natural", steps=9)
    assert natural.steps == 9
    assert {name: getattr(natural, name) for name in NATURAL if name != "steps"} == {
        name: value for name, value in NATURAL.items() if name != "steps"
    }
    assert json.loads(natural.to_json()).keys() == Recipe.model_fields.keys()


def test_strengths_go_on_with_the_last_one() -> None:
    assert [Recipe(strengths=(2.0, 0.5)).strength(octave) for octave in (1, 2, 3, 9)] == [2.0, 0.5, 0.5, 0.5]
    assert Recipe().strength(3) == 1.0


@pytest.mark.parametrize("steps", [1, 2, 13, 200])
def test_falling_steps_go_as_far_as_even_ones(steps: int) -> None:
    lengths = Recipe().lengths(steps)
    assert len(lengths) == steps
    assert sum(lengths) == pytest.approx(steps)
    assert list(lengths) == sorted(lengths, reverse=True)
    assert steps == 1 or lengths[-1] / lengths[0] == pytest.approx(LAST_STEP)
    assert set(Recipe(stepping="even").lengths(steps)) == {1.0}


def test_the_default_costs_at_most_two_thirds_of_what_it_did() -> None:
    for width, height in ((320, 240), (448, 299), (1024, 683)):
        assert Recipe().cost(width, height) <= 2 / 3 * Recipe(**BEFORE).cost(width, height)


@pytest.mark.parametrize("version", [1, 2])
def test_recipes_of_earlier_versions_keep_the_schedule_of_2015(version: int) -> None:
    words = {"layer": "blocks.4"} if version == 1 else {}
    recipe = Recipe.from_json(json.dumps({"version": version, **words, "step_size": 0.02}))
    assert (recipe.version, recipe.steps, recipe.step_size, recipe.stepping) == (3, 20, 0.02, "even")
    assert {octave.steps for octave in recipe.schedule(400, 300)} == {20}
    natural = Recipe.from_json(json.dumps({"version": version, **words, "look": "natural"}))
    assert natural == Recipe(look="natural", of=natural.of)


def test_two_networks_cost_as_much_as_both() -> None:
    single = [Recipe(network=name, of="castle").cost(512, 512) for name in ("lite0", "lite2")]
    assert Recipe(network="lite0+lite2", of="castle").cost(512, 512) == pytest.approx(sum(single))
    # What has no term in a network is not looked at there, and not paid for.
    assert Recipe(network="lite0+lite2", of="lite0/castle").cost(512, 512) == pytest.approx(single[0])
