"""A sentence's words stay apart from what goes into them, over pipes and in columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.recipe import Recipe, RecipeError
from engine.sentences import Sentence

VALUES = st.recursive(
    st.text() | st.integers() | st.floats(allow_nan=False) | st.lists(st.text()).map(tuple),
    lambda inner: st.builds(Sentence, st.text(), st.dictionaries(st.text(), inner, min_size=1)),
    max_leaves=5,
)


@given(st.text(), st.dictionaries(st.text(), VALUES, min_size=1))
def test_what_is_written_down_is_read_again_and_is_one_line(message: str, values: dict[str, object]) -> None:
    sentence = Sentence(message, values)  # type: ignore[arg-type]
    text = sentence.to_text()
    assert "\n" not in text
    assert Sentence.from_text(text) == sentence


@given(st.text() | st.sampled_from(['{"message"', '{"message": 1}', '{"message": "x", "values": {"a": null}}']))
def test_any_other_text_is_said_as_it_is(text: str) -> None:
    assert str(Sentence.from_text(text)) == text


def test_values_go_where_they_are_named_and_lists_end_with_or() -> None:
    inner = Sentence("{count} dreams", {"count": 3})
    values = {"names": ("lite2", "lite0", "vgg16"), "size": 2.5, "inner": inner}
    assert str(Sentence("{names}; {size} MiB; {inner}", values)) == "lite2, lite0 or vgg16; 2.5 MiB; 3 dreams"
    assert str(Sentence("{names}", {"names": ("a", "b")})) == "a or b"
    assert str(Sentence("{names}", {"names": ("a",)})) == "a"


@pytest.mark.parametrize("place", ["{x:>999999999}", "{x.__class__}", "{x!r}", "{0}", "{", "{}"])
def test_a_strangers_sentence_is_put_together_without_harm(place: str) -> None:
    assert str(Sentence(place, {"x": 1})) == place


def test_what_somebody_typed_is_never_taken_for_a_place() -> None:
    assert str(Sentence("“{words}” means {other}.", {"words": "{other}", "other": "cats"})) == "“{other}” means cats."


def test_a_recipes_error_keeps_its_words_apart() -> None:
    for fields, values in [
        ({"network": "lite3"}, {"name": "lite3", "names": ("lite2", "lite0")}),
        ({"steps": 0}, {"field": "steps", "ge": 1}),
        ({"look": "wild"}, {"field": "look", "expected": ("'classic'", "'natural'")}),
    ]:
        with pytest.raises(RecipeError) as refused:
            Recipe.checked(**fields)
        assert refused.value.sentence.values == values


def test_an_error_without_values_may_hold_braces() -> None:
    assert str(EngineError("{path} is a folder.")) == "{path} is a folder."
