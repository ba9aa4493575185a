"""The engine's command line, as somebody would use it: within the test's own process, where torch is loaded already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from engine.cli import main

ROOT = Path(__file__).parents[2]
QUICK = ("--network", "lite0", "--octaves", "1", "--steps", "1", "--size", "64")


def run(*arguments: object, stdin: bytes = b"") -> Result:
    """Run a command; an error that is no sentence for a person is raised here."""
    return CliRunner().invoke(main, list(map(str, arguments)), input=stdin, catch_exceptions=False)


def refused(result: Result, sentence: str) -> None:
    """Check that the command said so in one line on stderr, and ended with 1."""
    assert result.exit_code == 1, result.output
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


def events(stdout: str) -> list[dict[str, Any]]:
    """Return the events on stdout: there is nothing else."""
    return [json.loads(line) for line in stdout.splitlines()]


def pixels(path: Path) -> NDArray[np.uint8]:
    """Return a picture's pixels."""
    with Image.open(path) as image:
        return np.array(image)
