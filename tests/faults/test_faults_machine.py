"""A few seconds of two of a machine's faults; `make long` has a few of each, `make chaos` a minute."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

LONGEST_S = 600  # a machine that does much else takes minutes for what takes one


@pytest.mark.timeout(LONGEST_S + 30)
@pytest.mark.parametrize(
    ("form", "named"),
    [
        ("sqlite", "database locked"),
        ("postgres", "PostgreSQL is gone"),
        *(pytest.param(form, "", marks=pytest.mark.long) for form in ("sqlite", "postgres")),
    ],
)
def test_a_bot_is_told_of_a_fault_tells_people_and_goes_on_by_itself(
    form: str, named: str, request: pytest.FixtureRequest
) -> None:
    if form == "postgres":
        request.getfixturevalue("postgres")  # is there one? The trials start their own
    done = subprocess.run(
        [sys.executable, Path(__file__).parent, "--machine", form, "--quick", "--fault", named],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if "we may not mount" in done.stdout:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^{form}: (\d+) faults, \1 held$", done.stdout, re.MULTILINE), done.stdout
