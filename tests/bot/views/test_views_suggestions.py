"""What is suggested while somebody types, in English and in a language of theirs."""

from __future__ import annotations

import gettext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import Language, language_of
from bot.views.moods import in_english
from bot.views.suggestions import networks_for, things_for
from engine import catalogue, vocabulary
from engine.errors import RecipeError
from engine.recipe import Recipe
from engine.vocabulary.spelling import tidy

ENGLISH = language_of("en-US")
LITE2 = ("lite2",)
GERMAN = {
    "dogs": "Hunde",
    "eyes": "Augen",
    "flowers": "Blüten",
    "dog faces growing out of one another": "Hundegesichter, die auseinander wachsen",
    "wide animal eyes with lids and lashes": "weite Tieraugen mit Lidern und Wimpern",
}


class _Few(gettext.NullTranslations):
    """A catalogue as far as these tests need it: the real ones change with every translation."""

    def gettext(self, message: str) -> str:
        return GERMAN.get(message, message)

    def pgettext(self, context: str, message: str) -> str:
        return GERMAN.get(message, message) if context == "mood" else message


IN_GERMAN = Language("de", _Few())


@pytest.fixture(scope="module")
def german() -> Language:
    return IN_GERMAN


def names(choices: list[Any]) -> list[str]:
    return [one.name for one in choices]


def test_a_mood_is_shown_with_what_it_is() -> None:
    (first, *_) = things_for(ENGLISH, "dog", LITE2)
    assert (first.name, first.value) == ("dogs · dog faces growing out of one another", "dogs")


def test_before_anything_is_typed_the_moods_are_shown() -> None:
    assert [one.value for one in things_for(ENGLISH, "", LITE2)][:2] == ["dogs", "eyes"]


def test_a_misspelled_name_is_found() -> None:
    assert things_for(ENGLISH, "eys", LITE2)[0].value == "eyes"
    assert things_for(ENGLISH, "peacok", LITE2)[0].value == "peacock"


def test_the_last_part_of_a_sum_is_completed() -> None:
    first = things_for(ENGLISH, "0.7 dogs + ey", LITE2)[0]
    assert first.value == "0.7 dogs + eyes"
    assert first.name.startswith("0.7 dogs + eyes · ")


def test_names_and_descriptions_of_ones_own_language_are_found_and_shown(german: Language) -> None:
    for typed in ("Hund", "hunde", "Hnude", "Hundegesichter", "auseinander"):
        first = things_for(german, typed, LITE2)[0]
        assert (first.name, first.value) == ("Hunde · Hundegesichter, die auseinander wachsen", "dogs"), typed


def test_english_is_understood_in_every_language(german: Language) -> None:
    first = things_for(german, "eyes", LITE2)[0]
    assert (first.name, first.value) == ("Augen · weite Tieraugen mit Lidern und Wimpern", "eyes")


def test_a_sum_is_completed_in_ones_own_language(german: Language) -> None:
    first = things_for(german, "0.7 dogs + Aug", LITE2)[0]
    assert first.value == "0.7 dogs + eyes"
    assert first.name.startswith("0.7 dogs + Augen · ")


def test_nothing_is_suggested_after_what_cannot_be_read(german: Language) -> None:
    assert things_for(german, "gibberish + Aug", LITE2) == []


@given(st.one_of(st.text(max_size=120), st.sampled_from(["dogs + ", "0.7 ", "layer ", "eyes - "]).flatmap(
    lambda start: st.text(max_size=20).map(lambda rest: start + rest)
)), st.sampled_from([ENGLISH, IN_GERMAN]))  # fmt: skip
def test_whatever_is_typed_each_suggestion_fits_and_can_be_dreamed_of(typed: str, say: Language) -> None:
    found = things_for(say, typed, LITE2)
    assert len(found) <= 25
    assert len({one.value for one in found}) == len(found)
    for one in found[:5]:
        assert 1 <= len(one.name) <= 100
        assert 1 <= len(one.value) <= 100
        assert is_readable(one.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Hunde", "dogs"),
        ("hunde", "dogs"),
        ("0.7 Hunde + Augen - peacock", "0.7 dogs + eyes - peacock"),
        ("70% Blüten - Shih-Tzu", "70% flowers - Shih-Tzu"),
        ("dogs + layer 4", "dogs + layer 4"),
        ("neuron blocks.4:0@0.5,0.5", "neuron blocks.4:0@0.5,0.5"),
        ("direction 4:0=1,1=-1 + Hunde", "direction 4:0=1,1=-1 + dogs"),
        ("+ +", "+ +"),
    ],
)
def test_what_is_typed_out_in_ones_own_language_is_understood(german: Language, typed: str, meant: str) -> None:
    assert in_english(german, typed) == meant


@given(st.text(max_size=60))
def test_what_names_no_mood_stays_as_it_is_typed(typed: str) -> None:
    assert in_english(ENGLISH, typed) == typed
    if not any(word.casefold() in typed.casefold() for word in GERMAN.values()):
        assert tidy(in_english(IN_GERMAN, typed)).replace(" ", "") == tidy(typed).replace(" ", "")


def is_readable(value: str) -> bool:
    """Tell whether the engine reads what was suggested; “eyes - eyes” is completed, and refused when sent."""
    try:
        return bool(vocabulary.read(value, LITE2))
    except RecipeError as error:
        return "takes away all" in str(error)


def test_networks_are_shown_with_what_they_are_for() -> None:
    found = networks_for(ENGLISH, "")
    assert [one.value for one in found] == list(catalogue.networks())
    assert found[0].name == "lite2 · the default: dogs with faces, fur and plenty of eyes"


def test_a_network_that_is_downloaded_first_says_so() -> None:
    (found,) = networks_for(ENGLISH, "googlenet")
    assert found.name.startswith("googlenet · downloaded first (50 MiB) · ")
    assert len(found.name) == 100


@pytest.mark.parametrize("typed", ["incep", "inceptoin", "Inception v3"])
def test_a_network_is_found_by_its_title_and_with_a_slip(typed: str) -> None:
    assert networks_for(ENGLISH, typed)[0].value == "inception_v3"


def test_after_a_plus_others_are_suggested_that_can_dream_with_it() -> None:
    found = networks_for(ENGLISH, "lite2+")
    assert "lite2+lite0" in [one.value for one in found]
    assert "lite2+lite2" not in [one.value for one in found]
    assert Recipe(network=found[0].value)
    assert networks_for(ENGLISH, "lite2+lite0+googlenet+") == []


@pytest.mark.parametrize("typed", ["bóvedas", "bovedas", "Bovedas"])
def test_a_mood_is_understood_with_and_without_its_accents(typed: str) -> None:
    assert in_english(language_of("es-ES"), typed) == "vaults"
