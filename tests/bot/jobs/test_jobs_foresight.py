"""When a picture will be there: the waiting jobs go, in order, to whichever worker is free first and may take them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.foresight import Hand, Part, foresee
from bot.jobs.pace import Kind, Pace
from bot.store.quotas import Caps, Limits

KIND = Kind("classic", ("lite2",))
times = st.lists(st.floats(0.1, 500.0), max_size=8)


def parts(seconds: list[float], people: list[int] | None = None) -> list[Part]:
    """Return jobs that take so long on a usual hand, each of another person unless ``people`` says whose they are."""
    return [Part(people[n] if people else n, 1, KIND, took) for n, took in enumerate(seconds)]


def hands(count: int, left: Sequence[float] = (), speeds: Sequence[float] = ()) -> list[Hand]:
    """Return hands, the first of which dream for ``left`` seconds yet; usual ones have a speed of 1."""
    busy = [(Part(1000 + n, 1, KIND, left_s), left_s) for n, left_s in enumerate(left)]
    free: list[tuple[Part | None, float]] = [(None, 0.0)] * (count - len(busy))
    return [
        Hand(lambda _, speed=speed: Pace(speed), part, left_s)  # type: ignore[misc]
        for (part, left_s), speed in zip([*busy, *free], speeds or [1.0] * count, strict=True)
    ]


@pytest.mark.parametrize(
    ("running", "waiting", "workers", "expected"),
    [
        ([], [1.0], 1, [(0.0, 1.0)]),
        ([0.5], [1.0, 1.0], 1, [(0.5, 1.5), (1.5, 2.5)]),
        ([0.5, 2.0], [1.0, 1.0, 1.0], 2, [(0.5, 1.5), (1.5, 2.5), (2.0, 3.0)]),
        ([0.5], [1.0], 2, [(0.0, 1.0)]),
        ([], [], 1, []),
    ],
)
def test_examples_worked_out_by_hand(
    running: list[float], waiting: list[float], workers: int, expected: list[tuple[float, float]]
) -> None:
    spans = foresee(hands(workers, running), parts(waiting))
    assert [(span.starts_s, span.ends_s) for span in spans] == expected


def test_who_has_as_many_running_as_they_may_is_passed_over_until_one_ends() -> None:
    waiting = parts([1.0, 1.0, 1.0, 1.0], people=[1, 1, 2, 2])
    spans = foresee(hands(2), waiting, Caps(person=Limits(running=1)))
    assert [span.starts_s for span in spans] == [0.0, 1.0, 0.0, 1.0]
    spans = foresee(hands(4), waiting, Caps(whole=Limits(running=1)))
    assert [span.starts_s for span in spans] == [0.0, 1.0, 2.0, 3.0]
    spans = foresee(hands(4, [5.0]), waiting, Caps(server=Limits(running=2)))
    assert [span.starts_s for span in spans] == [0.0, 1.0, 2.0, 3.0]


def test_a_servers_own_caps_hold_for_its_jobs_alone() -> None:
    here, elsewhere = Part(1, 1, KIND, 1.0), Part(1, 2, KIND, 1.0)
    other = Part(2, 1, KIND, 1.0)
    waiting = [here, here, elsewhere, other]
    spans = foresee(hands(4), waiting, Caps(), {1: Caps(member=Limits(running=1))})
    assert [span.starts_s for span in spans] == [0.0, 1.0, 0.0, 0.0]
    spans = foresee(hands(4), waiting, Caps(), {1: Caps(server=Limits(running=1))})
    assert [span.starts_s for span in spans] == [0.0, 1.0, 0.0, 2.0]


def test_a_slow_worker_takes_its_time_and_the_fast_one_does_the_more() -> None:
    spans = foresee(hands(2, speeds=[1.0, 4.0]), parts([4.0] * 5))
    assert [(span.starts_s, span.ends_s) for span in spans] == [
        (0.0, 4.0),
        (0.0, 1.0),
        (1.0, 2.0),
        (2.0, 3.0),
        (3.0, 4.0),
    ]


@given(running=times, waiting=times, workers=st.integers(1, 4))
def test_nobody_is_promised_more_than_the_workers_can_do(
    running: list[float], waiting: list[float], workers: int
) -> None:
    running = running[:workers]
    spans = foresee(hands(workers, running), parts(waiting))
    assert [span.ends_s - span.starts_s for span in spans] == pytest.approx(waiting)
    if waiting:
        work = sum(running) + sum(waiting)
        assert max([*(span.ends_s for span in spans), *running]) >= work / workers - 1e-6
        assert max(span.ends_s for span in spans) <= work + 1e-6
