"""The engine in the shell, in a process of its own as somebody would run it."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from engine_shell import QUICK, ROOT, events, pixels

from engine import Picture, Recipe, pictures

MODULE = [sys.executable, "-m", "engine"]


def _run(*arguments: str | Path, **more: object) -> subprocess.CompletedProcess[str]:
    command = [*MODULE, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **more)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def photo(tmp_path: Path, small: Picture) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(pictures.encode_jpeg(small))
    return path


def test_a_dreams_own_recipe_gives_the_same_pixels_again(photo: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    first = _run("dream", photo, "-o", one, *QUICK, "--look", "natural", "--seed", "7")
    assert first.returncode == 0, first.stderr
    assert re.fullmatch(rf"{one}: 64 × 43 pixels in \d+\.\d s\n", first.stdout)
    assert first.stderr == "Octave 1 of 1 is dreamed: 100% of the work.\n"
    again = _run("dream", "-", "-o", two, "--recipe", one, "--json", stdin=photo.open("rb"))
    assert again.returncode == 0, again.stderr
    assert again.stderr == ""
    *progress, dreamed = events(again.stdout)
    assert progress[0]["event"] == "progress"
    assert Recipe(**dreamed["recipe"]) == Recipe(network="lite0", octaves=1, steps=1, size=64, look="natural", seed=7)
    assert (pixels(one) == pixels(two)).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "photo.jpg", "two.png"]


@pytest.mark.parametrize("json", [False, True])
def test_ctrl_c_ends_between_two_steps_and_leaves_nothing(photo: Path, tmp_path: Path, json: bool) -> None:
    out = tmp_path / "out.png"
    more = ["--network", "lite0", "--octaves", "2", "--steps", "200", *(["--json"] if json else [])]
    command = [*MODULE, "dream", str(photo), "-o", str(out), *more]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        assert (process.stdout if json else process.stderr).readline()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    if json:
        assert events(stdout)[-1] == {"event": "error", "sentence": "Stopped: nothing was written."}
        assert stderr == ""
    else:
        assert stderr.endswith("Error: Stopped: nothing was written.\n")
        assert "Traceback" not in stderr
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(photo: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*MODULE, "dream", str(photo), "-o", str(tmp_path / "out.png"), *QUICK]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:  # so Linux says that nobody writes to a terminal any more
                break
            if not read:
                break
            shown += read
    os.close(ours)
    assert process.returncode == 0
    text = shown.decode()
    assert "Loading lite0" in text
    assert "Octave 1 of 1" in text
    assert "step 1 of 1" in text
    assert text.endswith("\x1b[2K"), "the last thing is the line wiped"


def test_a_file_that_becomes_too_large_is_not_left_behind(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"as it was")
    resource = pytest.importorskip("resource")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = _run("dream", photo, "-o", out, *QUICK, preexec_fn=limit)
    assert done.returncode == 1
    assert done.stderr.endswith(f"Error: {out} cannot be written: File too large.\n")
    assert out.read_bytes() == b"as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "photo.jpg"]


def test_the_commands_are_oneiros_own_and_take_no_torch_to_list() -> None:
    code = (
        "import sys; from bot.__main__ import main\n"
        "for command in (['networks'], ['networks', 'lite0'], ['words', 'eyes + ca']):\n"
        "    main(command, prog_name='oneiros', standalone_mode=False)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "oneiros networks NAME" in done.stdout
    assert "oneiros dream photo.jpg" in done.stdout
    assert done.stdout.endswith("False\n")
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
