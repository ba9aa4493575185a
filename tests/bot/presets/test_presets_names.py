"""What may be a preset's name, and when two names are one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.presets import names

RIGHT_TO_LEFT_OVERRIDE, ZERO_WIDTH_SPACE, NON_JOINER = "\u202e", "\u200b", "\u200c"
FAMILY, SCOTLAND = "👨\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    "name",
    [
        *("x", "Puppy slugs", "Träumerei", "夢のかけら", "حلم", f"می{NON_JOINER}خواهم", "स्वप्न", "꿈", "Ὄνειρος"),
        *("🐕", FAMILY, SCOTLAND, "❤️", "100 %", "a" * 32, "夢" * 32),
    ],
)
def test_a_name_of_any_script_is_kept_as_typed(name: str) -> None:
    assert names.checked(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  two   words ", "two words"), ("two\nlines\tand a\u3000tab", "two lines and a tab"), ("Cafe\u0301", "Café")],
)
def test_white_space_and_spelling_are_put_in_order(typed: str, kept: str) -> None:
    assert names.checked(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "\u3164", "\u2800\u2800", "\u200d", "\u0301", NON_JOINER * 3],
)
def test_a_name_that_shows_nothing_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="can be seen"):
        names.checked(typed)


@pytest.mark.parametrize(
    "character",
    [RIGHT_TO_LEFT_OVERRIDE, "\u2066", "\u200e", ZERO_WIDTH_SPACE, "\ufeff", "\x00", "\x1b", "\ud800", "\ue000"],
)
def test_a_character_that_hides_or_turns_others_is_refused_by_its_number(character: str) -> None:
    with pytest.raises(UserError, match=f"U\\+{ord(character):04X}"):
        names.checked(f"cup{character}cake")


@pytest.mark.parametrize("typed", ["a" * 33, "夢" * 33, "a" * 100_000])
def test_a_name_that_is_too_long_is_refused_with_its_length(typed: str) -> None:
    with pytest.raises(UserError, match=f"has {len(typed)} characters, and up to 32"):
        names.checked(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DOGS", "dogs"),
        ("Straße", "STRASSE"),
        ("ＤＯＧＳ", "dogs"),
        ("ﬁsh", "fish"),
        ("Ὀδυσσεύς", "ὀδυσσεύσ"),
        ("❤️", "❤"),
        ("İstanbul", "i̇stanbul"),
        (f"می{NON_JOINER}خواهم", "میخواهم"),
    ],
)
def test_names_that_look_alike_are_one(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


def test_names_with_other_letters_are_two() -> None:
    assert len({names.key(name) for name in ("dogs", "dög", "dog", "d0gs", "d ogs")}) == 5


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_sound_name_or_refused_in_a_sentence(typed: str) -> None:
    try:
        name = names.checked(typed)
    except UserError:
        return
    assert 1 <= len(name) <= 32
    assert name == names.checked(name), "a name that is kept can be typed again"
    assert name.isprintable() or any(unicodedata.category(one) in {"Cf", "Cn"} for one in name)
    assert names.key(name), "it has something to be compared by"
    name.encode()


@given(st.text(max_size=40))
def test_a_key_is_the_key_of_itself_and_of_every_case(text: str) -> None:
    key = names.key(text)
    assert names.key(key) == key
    assert names.key(text.casefold()) == key
