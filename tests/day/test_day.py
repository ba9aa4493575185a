"""Half a day of the job service; `make long` has a whole one, `make day` longer ones, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from databases import sqlite_url
from day_verdict import faults
from simulated_day import lived


@pytest.mark.timeout(600)  # all of it arithmetic
@pytest.mark.parametrize("hours", [13, pytest.param(26, marks=pytest.mark.long)])  # the whole shows what grows, too
def test_a_day_loses_nothing_doubles_nothing_drifts_and_leaves_no_more_than_the_retention(
    hours: int, tmp_path: Path
) -> None:
    days = lived(sqlite_url(tmp_path / "oneiros.sqlite"), tmp_path / "pictures", hours=hours, busy=15.0, processes=1)
    assert faults(days) == []
    assert len(days.log.person) > 4 * hours, "it must have been a busy day for this test to mean something"
    assert max(hour.live for hour in days.seen.hours) > 5
    assert days.log.lost
    assert days.log.refused
    assert days.log.removed
