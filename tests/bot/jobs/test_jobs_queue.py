"""When a picture will be there: the waiting jobs go, in order, to whichever worker is free first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.queue import finish_times

costs = st.lists(st.floats(0.1, 500.0), max_size=8)


@pytest.mark.parametrize(
    ("running", "waiting", "workers", "expected"),
    [
        ([], [10.0], 1, [1.0]),
        ([5.0], [10.0, 10.0], 1, [1.5, 2.5]),
        ([5.0, 20.0], [10.0, 10.0, 10.0], 2, [1.5, 2.5, 3.0]),
        ([5.0], [10.0], 2, [1.0]),
        ([], [], 1, []),
    ],
)
def test_examples_worked_out_by_hand(
    running: list[float], waiting: list[float], workers: int, expected: list[float]
) -> None:
    assert finish_times(running, waiting, workers, speed=10.0) == pytest.approx(expected)


@given(running=costs, waiting=costs, workers=st.integers(1, 4), speed=st.floats(1.0, 1000.0))
def test_nobody_is_promised_more_than_the_workers_can_do(
    running: list[float], waiting: list[float], workers: int, speed: float
) -> None:
    running = running[:workers]
    done_at = finish_times(running, waiting, workers, speed)
    assert len(done_at) == len(waiting)
    for end, cost in zip(done_at, waiting, strict=True):
        assert end >= cost / speed - 1e-9
    if waiting:
        work = sum(running) + sum(waiting)
        assert max([*done_at, *(left / speed for left in running)]) >= work / speed / workers - 1e-9
        assert max(done_at) <= work / speed + 1e-9
