"""Folders for what a child writes: gone with their process, however that ends, and nobody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.children.scratch import scratch

ROOT = Path(__file__).parents[3]
PREFIX = "oneiros-test."
OLD = 1_000_000_000.0  # seconds since 1970
HOLDER = f"""
import sys, time
from bot.children.scratch import scratch
with scratch({PREFIX!r}) as folder:
    (folder / "film").write_bytes(bytes(1000))
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_folder_goes_when_it_is_left() -> None:
    with scratch(PREFIX) as folder:
        (folder / "film").write_bytes(b"1")
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no locks on folders")
def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    around = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", HOLDER], env=around, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        os.utime(theirs, (OLD, OLD))
        with scratch(PREFIX):
            assert (theirs / "film").exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
        with scratch("oneiros-other."):
            assert theirs.exists()
        with scratch(PREFIX) as ours:
            assert not theirs.exists()
            assert ours.exists()
