"""``oneiros demo --once``: exit code 0 only if the picture came back through the chat."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image


def demo(folder: Path, photo: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "photo.png").write_bytes(photo)
    arguments = ["--once", "--image", "photo.png", "--out", "dreamed.png", "--data", "data"]
    return subprocess.run(
        [sys.executable, "-m", "bot", "demo", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def test_the_picture_comes_back_and_the_terminal_says_where_it_is(tmp_path: Path, small_photo: bytes) -> None:
    done = demo(tmp_path, small_photo)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "dreamed.png") in done.stdout
    assert "Dreaming…" in done.stdout
    assert "http://127.0.0.1:" in done.stdout
    size = Image.open(io.BytesIO(small_photo)).size
    assert Image.open(tmp_path / "dreamed.png").size == size


def test_without_a_picture_it_says_why_and_fails(tmp_path: Path) -> None:
    done = demo(tmp_path, b"no picture")
    assert done.returncode == 1
    assert "not a picture" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "dreamed.png").exists()
