"""One round of floods at a real bot; `make fuzz` goes on with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LONGEST_S = 600  # a machine that does much else takes minutes for what takes 20 s


@pytest.mark.timeout(LONGEST_S + 30)
def test_whoever_floods_is_no_loss_to_who_dreams() -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).parent, "--only", "hands", "--minutes", "0"],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "floods of 5 kinds | held" in done.stdout, done.stdout
