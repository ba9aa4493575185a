"""Atheris, where it is installed: what breaks is found, kept, tried again, and gone when it is mended."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST_S = 600  # a machine that does much else takes minutes for what takes seconds
# A decoder that dies of some PNGs: those whose length is a multiple of seven.
BROKEN = """
import sys
from pathlib import Path

import coverage_guided


def one(data):
    coverage_guided.as_picture(data)
    if data.startswith(b"\\x89PNG") and len(data) % 7 == 0:
        raise RuntimeError("it broke")


coverage_guided.main(one, "picture", Path(sys.argv[1]), *sys.argv[2:])
"""

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="Atheris is not installed: make fuzz"),
    pytest.mark.timeout(LONGEST_S + 30),
]


def ran(*program: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, program)]
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=LONGEST_S, check=False)


def test_what_breaks_is_kept_and_breaks_again_until_it_is_mended(tmp_path: Path) -> None:
    done = ran("-c", BROKEN, tmp_path, 120)
    assert "it broke" in done.stdout + done.stderr
    assert done.returncode
    (found,) = (tmp_path / "found").iterdir()
    assert found.read_bytes().startswith(b"\x89PNG")
    assert ran("-c", BROKEN, found).returncode
    assert ran("-c", BROKEN, tmp_path, 1).returncode, "what was found before comes first"
    mended = ran("coverage_guided.py", "picture", found)
    assert mended.returncode == 0, mended.stderr


@pytest.mark.parametrize("kind", ["picture", "film"])
def test_the_decoder_itself_breaks_of_nothing_within_a_few_seconds(kind: str, tmp_path: Path) -> None:
    done = ran("coverage_guided.py", kind, tmp_path, 3)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "known").iterdir())) > 20, "some led to new lines"
    assert not list((tmp_path / "found").iterdir())
