"""A short storm; `make chaos` is the long one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def test_nothing_is_lost_or_told_twice_while_everything_is_killed() -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).parent, "--jobs", "5", "--seed", "4", "--database", "sqlite"],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^5 jobs: 0 lost, 0 doubled, 0 unanswered, \d kept$", done.stdout, re.MULTILINE), done.stdout
