"""The verdict of a soak can fail: a lost act, a doubled one, an unanswered one, and what grows. `make soak` runs it."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import sqlite_url
from hypothesis import given
from hypothesis import strategies as st

from bot.store.database import Database
from bot.store.tables import PresetRow
from bot.store.upgrade import upgrade
from engine.recipe import Recipe

sys.path.append(str(Path(__file__).parent.parent / "faults"))
sys.path.append(str(Path(__file__).parent.parent / "service"))

from soak_gauges import MOST_HANDLES, Course, course
from soak_ledger import ENTRY, PRESET, Ledger, found_in, miscounted
from soak_verdict import Soaked
from verdict import Verdict

FLAT = Course("bot, MiB", 100, 100, 100, 0.0, 10.0, flat=True)
JOBS = Verdict(3, 0, (), (), (), 0, (), "")


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A database with one preset, "eyes", of person 1."""
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    await upgrade(url)
    database = Database(url)
    async with database.write() as session:
        eyes = {"name": "eyes", "name_key": "eyes", "recipe": Recipe().to_json()}
        session.add(PresetRow(person_id=1, created_by=1, created_at=datetime.now(UTC), **eyes))
    await database.close()
    return tmp_path / "oneiros.sqlite"


def judged(ledger: Ledger, file: Path, jobs: Verdict = JOBS, course: Course = FLAT) -> Soaked:
    return Soaked.of(ledger, found_in(file), jobs, miscounted(file), [course], Counter(kill_bot=1))


async def test_what_is_as_it_was_seen_to_be_is_good(file: Path) -> None:
    ledger = Ledger()
    ledger.note("save a preset", "answered")
    ledger.note("save a preset", "vain")
    ledger.expect(1, PRESET, "1", "eyes")
    ledger.expect(0, PRESET, "1", "deleted")
    seen = judged(ledger, file)
    assert seen.is_good
    assert str(seen).endswith("2 acts, 3 dreams: 0 lost, 0 doubled, 0 unanswered; memory and handles flat")
    assert "| save a preset | 2 | 1 | 0 | 1 | 0 |" in str(seen)


async def test_a_lost_act_a_doubled_one_and_an_unanswered_one_are_found(file: Path) -> None:
    ledger = Ledger()
    ledger.note("vote", "unanswered")
    ledger.expect(1, ENTRY, "Waves")
    ledger.expect(0, PRESET, "1", "eyes")
    seen = judged(ledger, file, replace(JOBS, lost=(7,), unanswered=(7, 8)))
    assert not seen.is_good
    assert seen.counts == (2, 1, 3)
    for said in ("entry Waves: 0 instead of 1", "preset 1 eyes: 1 instead of 0", "2 lost, 1 doubled, 3 unanswered"):
        assert said in str(seen)


async def test_what_grows_and_a_bot_that_ends_by_itself_are_found(file: Path) -> None:
    assert not judged(Ledger(), file, course=replace(FLAT, flat=False)).is_good
    assert not judged(Ledger(), file, replace(JOBS, troubles=("ended by itself (1)",))).is_good


@given(st.floats(10, 1000), st.floats(0, 5), st.integers(100, 300))
def test_what_leaks_is_no_flat_course_and_what_only_swings_is_one(start: float, swing: float, samples: int) -> None:
    times = [2.0 * number for number in range(samples)]
    swinging = [start + swing * (number % 2) for number in range(samples)]
    leaking = [start + 2 * MOST_HANDLES * number / samples for number in range(samples)]
    assert course("handles", times, swinging, MOST_HANDLES, 0.0).flat
    leak = course("handles", times, leaking, MOST_HANDLES, 0.0)
    assert not leak.flat
    assert leak.start < leak.middle < leak.end
    assert leak.a_minute > 0


def test_a_process_that_nobody_saw_is_no_flat_one() -> None:
    assert not course("worker, MiB", [0.0], [100.0], MOST_HANDLES, 0.0).flat
