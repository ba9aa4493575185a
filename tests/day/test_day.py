"""A day of the job service, in seconds; `make day` is the long one, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from databases import sqlite_url
from day_verdict import faults
from simulated_day import lived


@pytest.mark.timeout(600)  # 20 s on two cores with nothing else to do, all of it arithmetic
def test_a_day_loses_nothing_doubles_nothing_drifts_and_leaves_no_more_than_the_retention(tmp_path: Path) -> None:
    days = lived(sqlite_url(tmp_path / "oneiros.sqlite"), tmp_path / "pictures", hours=26, busy=15.0, processes=1)
    assert faults(days) == []
    assert len(days.log.person) > 100, "it must have been a busy day for this test to mean something"
    assert max(hour.live for hour in days.seen.hours) > 5
    assert days.log.lost
    assert days.log.refused
    assert days.log.removed
