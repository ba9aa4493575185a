"""What the message says: every number has a unit, and progress never runs backwards or over the edge."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views import wording


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (8.4, "8 s"), (59.6, "1 min"), (80, "1 min 20 s"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_a_duration_is_said_as_a_person_would(seconds: float, said: str) -> None:
    assert wording.duration(seconds) == said


@given(st.floats(min_value=0, max_value=10**7))
def test_every_number_of_a_duration_has_its_unit(seconds: float) -> None:
    assert re.fullmatch(r"\d+ (s|min|h)( \d+ (s|min))?", wording.duration(seconds))


@given(st.floats(min_value=-1, max_value=2))
def test_the_bar_keeps_its_length(fraction: float) -> None:
    assert len(wording.bar(fraction)) == wording.BAR_CELLS


@given(st.floats(min_value=0, max_value=1), st.floats(min_value=0, max_value=1))
def test_more_done_never_shows_less(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert wording.bar(less).count("▰") <= wording.bar(more).count("▰")
