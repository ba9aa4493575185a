"""What the message says: every number has a unit, and progress never runs backwards or over the edge."""

import re
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.job import Job, State
from bot.jobs.messenger import Standing
from bot.language import language_of
from bot.views import wording

ENGLISH = language_of("en-US")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (8.4, "8 s"), (59.6, "1 min"), (80, "1 min 20 s"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_a_duration_is_said_as_a_person_would(seconds: float, said: str) -> None:
    assert wording.duration(ENGLISH, seconds) == said


@given(st.floats(min_value=0, max_value=10**7))
def test_every_number_of_a_duration_has_its_unit(seconds: float) -> None:
    assert re.fullmatch(r"\d+ (s|min|h)( \d+ (s|min))?", wording.duration(ENGLISH, seconds))


@given(st.floats(min_value=-1, max_value=2))
def test_the_bar_keeps_its_length(fraction: float) -> None:
    assert len(wording.bar(fraction)) == wording.BAR_CELLS


@given(st.floats(min_value=0, max_value=1), st.floats(min_value=0, max_value=1))
def test_more_done_never_shows_less(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert wording.bar(less).count("▰") <= wording.bar(more).count("▰")


def a_job(state: State) -> Job:
    blank: dict[str, Any] = dict.fromkeys(one.name for one in fields(Job))
    return Job(**{**blank, "id": 1, "state": state})


@pytest.mark.parametrize(
    ("state", "where"),
    [(State.QUEUED, {"position": 1}), (State.RUNNING, {}), (State.RUNNING, {"octave": 1, "octaves": 5})],
)
def test_a_dream_that_starts_over_says_so_wherever_it_stands(state: State, where: dict[str, int]) -> None:
    said = wording.standing(ENGLISH, Standing(a_job(state), eta_s=9.0, again=True, **where))
    assert "starting over" in said
    assert "starting over" not in wording.standing(ENGLISH, Standing(a_job(state), eta_s=9.0, **where))
