"""A short storm over two bots; `make long` has one over each form, `make chaos` makes the long ones."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

LONGEST_S = 600  # a machine that does much else takes minutes for what takes 15 s


@pytest.mark.timeout(LONGEST_S + 30)
@pytest.mark.parametrize(
    ("form", "seed"),  # so that five bolts end a bot, or both of the pair, and strike something else as well
    [
        pytest.param("sqlite", 7, marks=pytest.mark.long),
        pytest.param("postgres", 5, marks=pytest.mark.long),
        ("pair", 2),
    ],
)
def test_nothing_is_lost_or_told_twice_while_everything_is_killed(
    form: str, seed: int, request: pytest.FixtureRequest
) -> None:
    if form != "sqlite":
        request.getfixturevalue("postgres")  # is there one? The storm starts its own
    done = subprocess.run(
        [sys.executable, Path(__file__).parent, "--jobs", "5", "--seed", str(seed), "--form", form],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ jobs: 0 lost, 0 doubled, 0 unanswered, \d kept$", done.stdout, re.MULTILINE), done.stdout
