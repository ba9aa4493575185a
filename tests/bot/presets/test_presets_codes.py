"""Codes that presets are shared by, as people type them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.presets import codes

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
a_code = st.builds(lambda data: data + codes._check_of(data), st.text(SIGNS, min_size=12, max_size=12))


def test_a_drawn_code_is_read_back_as_people_copy_it() -> None:
    drawn = {codes.drawn() for _ in range(200)}
    assert len(drawn) == 200
    for code in drawn:
        shown = codes.shown(code)
        assert len(shown) == 22
        for typed in (shown, shown.lower(), code, f" {shown}\n", f"`{shown}`", shown.replace("-", " "), shown[6:]):
            assert codes.read(typed) == code


@given(a_code, st.data())
def test_a_code_with_any_one_wrong_character_is_refused(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from(SIGNS).filter(lambda one: one != code[place]))
    with pytest.raises(UserError, match="slip"):
        codes.read(code[:place] + wrong + code[place + 1 :])


@given(a_code, st.integers(0, 12))
def test_a_code_with_two_neighbours_exchanged_is_refused(code: str, place: int) -> None:
    turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if turned != code:
        with pytest.raises(UserError, match="slip"):
            codes.read(turned)


@given(a_code, st.integers(0, 13))
def test_a_code_that_lacks_a_character_is_refused(code: str, place: int) -> None:
    with pytest.raises(UserError):
        codes.read(code[:place] + code[place + 1 :])


@given(a_code)
def test_letters_that_look_like_figures_are_read_as_those(code: str) -> None:
    assert codes.read(code.replace("0", "o").replace("1", "l")) == code


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_code_or_refused_in_a_sentence(typed: str) -> None:
    with suppress(UserError):
        assert len(codes.read(typed)) == 14
