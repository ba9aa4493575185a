"""How long a dream takes: from the speed of the workers at first, then from what dreams have taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.pace import DEFAULT_SPEED, Kind, Paces, Seen
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


# GFLOP and seconds of twelve dreams as `python -m bot.bench eta` had them on two cores that others used too: a dear
# one costs eight times as much as a cheap one and takes twice as long, and the last ones take a third longer than the
# first.
RECORDED = [
    *((29.1, 4.50), (116.8, 6.91), (45.6, 5.34), (233.1, 8.99), (37.0, 4.76), (89.2, 5.96)),
    *((182.0, 8.07), (65.6, 5.65), (147.5, 8.27), (55.0, 6.81), (29.1, 6.15), (116.8, 8.20)),
]
MEASURED_SPEED = 23.0


def off_by(recorded: list[tuple[float, float]]) -> list[float]:
    """Foretell each dream from those before it; return by how much that is off, as a part of what it took."""
    paces, off = Paces(), []
    for gflop, seconds in recorded:
        off.append(paces.of(CLASSIC, MEASURED_SPEED).seconds(gflop) / seconds - 1)
        paces.learn(CLASSIC, gflop, seconds)
    return off


def test_on_a_busy_machine_a_whole_queue_is_foretold_from_the_two_dreams_before_it() -> None:
    paces = Paces()
    for dream in RECORDED[:2]:
        paces.learn(CLASSIC, *dream)
    told_s = took_s = 0.0
    for gflop, seconds in RECORDED[2:]:
        told_s += paces.of(CLASSIC, MEASURED_SPEED).seconds(gflop)
        took_s += seconds
        assert told_s == pytest.approx(took_s, rel=0.2)


def test_on_a_busy_machine_eight_dreams_of_ten_are_foretold_to_within_thirty_percent() -> None:
    assert sum(abs(off) <= 0.3 for off in off_by(RECORDED)[2:]) >= 8


def test_when_the_machine_becomes_slower_it_is_known_after_two_dreams() -> None:
    slower = [(gflop, seconds * (1.8 if number >= 6 else 1.0)) for number, (gflop, seconds) in enumerate(RECORDED)]
    off = off_by(slower)
    assert off[6] < -0.4
    assert all(abs(one) < 0.3 for one in off[8:])


def test_a_dream_that_is_under_way_tells_of_a_slower_machine_before_it_is_done() -> None:
    paces = Paces()
    for gflop, seconds in RECORDED:
        paces.learn(CLASSIC, gflop, seconds)
    usual_s = paces.of(CLASSIC, None).seconds(100.0)
    foretold = [paces.of(CLASSIC, None, [Seen(100.0, 2 * usual_s, done)]).seconds(100.0) for done in (0.1, 0.5, 0.9)]
    assert usual_s < foretold[0] < foretold[1] < foretold[2] < 2 * usual_s
    assert foretold[2] > 1.4 * usual_s


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
