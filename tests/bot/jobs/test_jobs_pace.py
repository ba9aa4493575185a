"""How long a dream takes: from the speed of the workers at first, then from what dreams have taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.pace import DEFAULT_SPEED, Kind, Paces
from engine.recipe import Recipe

CLASSIC, NATURAL = Kind("classic", ("lite2",)), Kind("natural", ("lite2",))


def test_before_any_dream_the_measured_speed_is_believed() -> None:
    assert Paces().of(CLASSIC, 50.0).seconds(100.0) == 2.0
    assert Paces().of(CLASSIC, None).seconds(DEFAULT_SPEED) == 1.0


@given(
    fixed_s=st.floats(0.0, 2.0),
    speed=st.floats(5.0, 5000.0),
    believed=st.floats(0.5, 2.0),
    sizes=st.lists(st.floats(10.0, 80.0), min_size=8, max_size=20),
    wanted=st.floats(10.0, 80.0),
)
def test_after_eight_dreams_of_any_prices_the_next_one_is_foretold_to_within_thirty_percent(
    fixed_s: float, speed: float, believed: float, sizes: list[float], wanted: float
) -> None:
    # Between workers of half and of twice the speed that was believed, at prices that spread eightfold.
    paces = Paces()
    gflops = [size * speed / 20 for size in sizes]
    for gflop in gflops:
        paces.learn(CLASSIC, gflop, fixed_s + gflop / speed)
    gflop = min(max(wanted * speed / 20, min(gflops)), max(gflops))
    truth = fixed_s + gflop / speed
    assert paces.of(CLASSIC, speed * believed).seconds(gflop) == pytest.approx(truth, rel=0.3)


def test_each_look_has_a_pace_of_its_own_and_a_new_network_takes_that_of_its_look() -> None:
    paces = Paces()
    for gflop in (50.0, 100.0, 200.0, 400.0):
        paces.learn(CLASSIC, gflop, gflop / 50)
        paces.learn(NATURAL, gflop, gflop / 25)
    assert paces.of(CLASSIC, 50.0).seconds(100.0) == pytest.approx(2.0, rel=0.05)
    assert paces.of(NATURAL, 50.0).seconds(100.0) == pytest.approx(4.0, rel=0.15)
    assert paces.of(Kind("natural", ("lite0",)), 50.0) == paces.of(NATURAL, 50.0)
    assert paces.of(Kind("other", ()), 50.0).speed == 50.0


def test_what_is_long_past_is_forgotten() -> None:
    paces = Paces()
    for speed in [100.0] * 50 + [10.0] * 24:
        paces.learn(CLASSIC, 100.0, 100.0 / speed)
    assert paces.of(CLASSIC, 10.0).seconds(100.0) == pytest.approx(10.0, rel=0.05)


def test_the_kind_is_read_from_the_recipe_and_one_that_cannot_be_read_is_a_kind_too() -> None:
    assert Kind.of(Recipe(look="natural").to_json()) == NATURAL
    assert Kind.of('{"version": 99}') == Kind("", ())
