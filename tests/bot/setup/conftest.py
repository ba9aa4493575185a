"""A loopback Discord, and the command as an operator types it, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from setup_command import Command

from bot.__main__ import main
from bot.settings import Settings


@pytest.fixture(scope="session")
def discord() -> Iterator[dict[str, str]]:
    """A loopback Discord in a process of its own; its addresses."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.emulator", "--json", "--bot-name", "Oneiros", "--no-rate-limits"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def oneiros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command in ``tmp_path``; what is named is in its environment, and no other setting is."""
    monkeypatch.chdir(tmp_path)
    bare = {name: None for name in os.environ if name.lower() in {*Settings.model_fields, "oneiros_settings"}}

    def run(*words: str, said: str | None = None, **environment: str) -> Result:
        return CliRunner().invoke(main, words, input=said, env={**bare, **environment}, catch_exceptions=False)

    return run
