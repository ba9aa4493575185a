"""From what somebody said of a dream to its recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import recipes
from bot.errors import UserError
from engine.errors import RecipeError
from engine.recipe import NATURAL, Recipe

OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "of": st.sampled_from(["dogs", "eyes", "peacock", "guide", "0.7 eyes + dogs", "layer 4", "dogs - eyes"]),
    "look": st.sampled_from(["classic", "natural"]),
    "network": st.sampled_from(["lite2", "lite0", "lite2+lite0"]),
    "likeness": st.floats(*recipes.bounds("likeness")),
    "octaves": st.integers(*map(int, recipes.bounds("octaves"))),
    "size": st.integers(*map(int, recipes.bounds("size"))),
    "keep_colors": st.booleans(),
    "where": st.sampled_from(["everywhere", "subject", "background", "mask"]),
    "seed": st.integers(*map(int, recipes.bounds("seed"))),
}
SAID = st.fixed_dictionaries({}, optional=OPTIONS)
PICTURES = st.sets(st.sampled_from(["guide", "mask"]))


@given(SAID, PICTURES, st.sampled_from([Recipe(), Recipe(look="natural", seed=3), Recipe(of="guide", where="mask")]))
def test_all_that_was_said_is_in_the_recipe_and_the_rest_is_as_before(
    said: dict[str, Any], given: set[str], base: Recipe
) -> None:
    recipe = recipes.changed(base, said, given)
    fields = recipe.model_dump()
    assert {name: fields[name] for name in said} == said
    settled = {*said, *given, "of", "where"} | (set(NATURAL) if recipe.look != base.look else set())
    assert {name: fields[name] for name in fields.keys() - settled} == {
        name: value for name, value in base.model_dump().items() if name not in settled | {"look"}
    } | ({} if "look" in said else {"look": base.look})
    if recipe.look != base.look:
        defaults = Recipe(look=recipe.look)
        assert all(fields[name] == getattr(defaults, name) for name in NATURAL.keys() - said.keys())
    if "of" not in said:
        assert recipe.of == ("guide" if "guide" in given else base.of)
    if "where" not in said:
        assert recipe.where == ("mask" if "mask" in given else base.where)


def test_a_guide_of_a_recipe_is_another_ones_no_more() -> None:
    base = Recipe(of="guide + eyes", guide="a" * 64)
    assert recipes.changed(base, {}, ["guide"]).guide is None
    assert recipes.changed(base, {}, ["guide"]).of == "guide + eyes"
    assert recipes.changed(base, {}).guide == "a" * 64


@pytest.mark.parametrize(
    ("recipe", "guide", "mask", "refused"),
    [
        (Recipe(of="guide"), False, False, True),
        (Recipe(of="guide"), True, False, False),
        (Recipe(where="mask"), True, False, True),
        (Recipe(where="mask"), False, True, False),
        (Recipe(), True, True, False),
    ],
)
def test_a_recipe_that_lacks_its_picture_is_refused(recipe: Recipe, guide: bool, mask: bool, refused: bool) -> None:
    if refused:
        with pytest.raises(RecipeError, match="give"):
            recipes.check_pictures(recipe, guide=guide, mask=mask)
    else:
        recipes.check_pictures(recipe, guide=guide, mask=mask)


@pytest.mark.parametrize(
    ("typed", "value"), [("0.7", 0.7), ("0,7", 0.7), (" 70 % ", 0.7), ("70%", 0.7), (".5", 0.5), ("0", 0.0), ("1", 1.0)]
)
def test_numbers_are_read_as_people_type_them(typed: str, value: float) -> None:
    assert recipes.number("likeness", typed) == pytest.approx(value)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("5 × 768", {"octaves": 5, "size": 768}),
        ("5, 768", {"octaves": 5, "size": 768}),
        ("5x768", {"octaves": 5, "size": 768}),
        ("4", {"octaves": 4}),
        ("640", {"size": 640}),
    ],
)
def test_octaves_and_size_are_told_apart(typed: str, found: dict[str, int]) -> None:
    assert recipes.measures(typed, 1024) == found


@pytest.mark.parametrize(
    ("typed", "most", "said"),
    [("5 × 9999", 1024, "32 to 1024: write for example 1024"), ("5 × 9999", 640, "32 to 640: write for example 640")],
)
def test_an_example_is_one_that_is_taken(typed: str, most: int, said: str) -> None:
    with pytest.raises(UserError) as refused:
        recipes.measures(typed, most)
    assert said in str(refused.value)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_answered_with_a_sentence(typed: str) -> None:
    for read in (
        lambda: recipes.number("likeness", typed),
        lambda: recipes.whole("seed", typed),
        lambda: recipes.measures(typed, 1024),
    ):
        value, said = outcome(read)
        assert said is None or "for example" in said
        for name, number in (value if isinstance(value, dict) else {}).items():
            assert recipes.bounds(name)[0] <= number <= recipes.bounds(name)[1]


def outcome(read: Callable[[], Any]) -> tuple[Any, str | None]:
    """Return what was read, or the sentence that says why nothing was."""
    try:
        return read(), None
    except UserError as error:
        return None, str(error)


def test_every_fresh_seed_is_within_the_recipes_bounds() -> None:
    least, most = recipes.bounds("seed")
    seeds = {recipes.fresh_seed() for _ in range(100)}
    assert len(seeds) > 90
    assert least <= min(seeds) <= max(seeds) <= most
