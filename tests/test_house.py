"""The rules of the house: importing does nothing, and the bot's process never loads torch."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "timm")


@pytest.mark.parametrize("module", ["bot", "engine", "bot.app", "bot.client", "bot.pool.local", "bot.__main__"])
def test_importing_loads_no_torch_and_says_nothing(module: str) -> None:
    code = f"import sys, {module}; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
    assert done.stderr == ""
