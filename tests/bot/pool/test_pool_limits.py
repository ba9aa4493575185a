"""What the system holds a worker to: more memory than its share cannot be had, and that is recognised."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GREEDY = """
from bot.pool import limits
from bot.pool.worker import out_of_memory

limits.bound_memory(2**20, 1)
import torch

torch.ones(2**20)  # there is room for torch, and for some
try:
    torch.empty(2**40)
except RuntimeError as error:
    print(out_of_memory(error))
try:
    held = [torch.ones(2**24) for _ in range(64)]
except RuntimeError as error:
    print(out_of_memory(error))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound no memory of a process")
def test_what_goes_beyond_a_workers_share_is_no_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GREEDY], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["True", "True"], done.stderr
