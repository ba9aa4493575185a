"""The grammar as a whole: what is built from it reads back, and nothing else does harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RecipeError, catalogue
from engine.vocabulary import (
    Channels,
    Class,
    Direction,
    Extremes,
    Guide,
    Layer,
    Neuron,
    What,
    about,
    classes,
    layers,
    moods,
    read,
    search,
)

BOTH = ("lite2", "lite0")
LITE2 = catalogue.network("lite2")
# What a thing was built of: its words, the network named in them, and what it means.
Built = tuple[str, What]

FRACTIONS = st.integers(0, 1000).map(lambda number: number / 1000)
AMOUNTS = st.integers(1, 10_000).map(lambda number: number / 100)


@st.composite
def _things(draw: st.DrawFn) -> Built:
    layer = draw(st.sampled_from([*LITE2.layers.values()]))
    short = layers.short(layer.name)
    name = draw(st.sampled_from([layer.name, layer.name.upper(), short or layer.name]))
    numbers = draw(st.lists(st.integers(0, layer.channels - 1), min_size=1, max_size=4, unique=True))
    colon = draw(st.sampled_from([":", ": ", " : ", " "]))
    comma = draw(st.sampled_from([",", ", ", "، ", " "]))
    form = draw(st.sampled_from(["layer", "channels", "strongest", "weakest", "neuron", "place", "direction", "guide"]))
    match form:
        case "layer":
            return f"layer{colon}{name}", Layer(layer.name)
        case "guide":
            return f"Guide{colon}{name}", Guide(layer.name)
        case "channels":
            return f"channels {name}{colon}{comma.join(map(str, numbers))}", Channels(layer.name, tuple(numbers))
        case "neuron":
            return f"neuron {name}{colon}{numbers[0]}", Neuron(layer.name, numbers[0])
        case "place":
            across, down = draw(FRACTIONS), draw(FRACTIONS)
            return f"neuron {name}{colon}{numbers[0]} @ {across}{comma}{down}", Neuron(
                layer.name, numbers[0], across, down
            )
        case "direction":
            amounts = [draw(AMOUNTS) * draw(st.sampled_from([1, -1])) for _ in numbers]
            parts = tuple(zip(numbers, amounts, strict=True))
            said = comma.join(f"{number} = {amount}" for number, amount in parts)
            return f"direction {name}{colon}{said}", Direction(layer.name, parts)
    count = draw(st.integers(1, layer.channels))
    return f"{form} {count} of {name}", Extremes(layer.name, count, form == "strongest")


CLASSES = st.integers(0, 999).flatmap(
    lambda index: st.sampled_from(
        [(f"class: {classes.names()[index]}", Class(index)), (f"CLASS {index}", Class(index))],
    )
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["+", "-", "−", "–"]), AMOUNTS, st.one_of(_things(), CLASSES)),
        min_size=1,
        max_size=8,
        unique_by=lambda part: part[2][1],
    )
)
def test_what_is_built_from_the_grammar_reads_back(parts: list[tuple[str, float, Built]]) -> None:
    text = " ".join(f"{sign} {weight} {words}" for sign, weight, (words, _) in parts)
    if len(text) > 200:
        with pytest.raises(RecipeError, match="characters long"):
            read(text, ["lite2"])
        return
    terms = read(text, ["lite2"])
    assert [term.what for term in terms] == [what for _, _, (_, what) in parts]
    assert [term.weight for term in terms] == [weight if sign == "+" else -weight for sign, weight, _ in parts]


PIECES = """
+ - * / : , = @ % . 4 27 0.5 -0.3 0,7 1e9 lite0/ lite2/ blocks.4 of layer channel channels class crane peacock
strongest weakest neuron direction guide eyes' (bird) — × ½ ² ٣ é ﷺ nan inf
"""
WORDS = st.sampled_from([*moods(), *PIECES.split(), "\u200b", "\x00", "\ud800"])
ANYTHING = st.one_of(
    st.text(max_size=220),
    st.tuples(st.sampled_from(["", " "]), st.lists(WORDS, max_size=20)).map(lambda typed: typed[0].join(typed[1])),
)


def refusal(text: str) -> str | None:
    """Return why text cannot be read, if so."""
    try:
        terms = read(text, BOTH)
    except RecipeError as error:
        return str(error)
    assert terms
    assert str(about(text, BOTH))
    for term in terms:
        assert term.weight
        assert term.what.layer in catalogue.network(term.network).layers
    return None


@given(ANYTHING)
def test_any_text_reads_or_is_refused_in_a_sentence(text: str) -> None:
    sentence = refusal(text)
    if sentence is not None:
        assert sentence[-1] in ".?"
        assert sentence.isprintable()
        assert len(sentence) < 300


@given(ANYTHING)
def test_any_text_may_be_searched_and_what_is_suggested_can_be_read(text: str) -> None:
    for suggestion in search(text, BOTH, limit=8):
        sentence = refusal(suggestion.value)
        # What adds up to nothing (eyes - eyes) is suggested: it may go on.
        assert sentence is None or "takes away all" in sentence
