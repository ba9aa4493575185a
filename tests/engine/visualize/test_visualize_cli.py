"""``visualize`` in the shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_shell import events, pixels, refused, run

QUICK = ["--network", "lite0", "--size", "48", "--steps", "2", "--device", "cpu"]


def test_several_things_make_a_row(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    of = ["--of", "channel blocks.1:3", "--of", "layer blocks.1", "--of", "class: peacock"]
    made = run("visualize", "-o", out, *QUICK, *of, "--json")
    assert made.exit_code == 0, made.output
    assert pixels(out).shape == (48, 144, 3)
    assert events(made.stdout)[-1]["event"] == "visualized"


def test_maco_makes_another_picture(tmp_path: Path) -> None:
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    for out, maco in ((one, []), (other, ["--maco"])):
        assert run("visualize", "-o", out, *QUICK, "--of", "channel blocks.1:3", *maco).exit_code == 0
    assert (pixels(one) != pixels(other)).any()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["--of", "channel blocks.4:999"], "Its channels are 0–111"),
        (["--of", "guide"], "from noise there is none"),
        (["--of", "dogs", "--size", "5000"], "32 to 1024 pixels"),
        (["--of", "dogs", "--steps", "0"], "1 to 4096 steps"),
        (["--of", "nothing at all"], "nothing called"),
    ],
)
def test_a_wrong_option_gets_a_sentence(tmp_path: Path, typed: list[str], sentence: str) -> None:
    refused(run("visualize", "-o", tmp_path / "out.png", "--network", "lite0", *typed), sentence)
    assert not list(tmp_path.iterdir())
