"""One real decoder for the tests of this folder, and the loop that it lives on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from measuring import outcome_of

from bot.intake.decoder import Clean, Decoder

T = TypeVar("T")
CHILD = """
import os, sys
from pathlib import Path
from bot.intake import child
Path(sys.argv[1]).write_text(str(os.getpid()))
child.main()
"""


class Intake:
    """A decoder of one process, and which process that is."""

    def __init__(self, runner: asyncio.Runner, told: Path) -> None:
        self._runner = runner
        self._told = told
        self.decoder = Decoder(program=("-c", CHILD, str(told)), children=1, recycle_after=1_000_000)

    def run(self, act: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(act)

    def outcome(self, data: bytes, *, film: bool = False) -> str:
        """Return what comes of bytes: a size, or a sentence."""
        return self.run(outcome_of(self.decoder, data, film=film))

    def clean(self, data: bytes) -> Clean:
        return self.run(self.decoder.clean(data, 256))

    @property
    def pid(self) -> int | None:
        """The process; None before the first request is answered."""
        return int(self._told.read_text()) if self._told.exists() else None

    @property
    def peak_bytes(self) -> int:
        """What the process had resident at most, as Linux says."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found is not None
        return int(found[1]) * 1024


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # where the process finds ``bot``
        made = Intake(runner, tmp_path_factory.mktemp("decoder") / "pid")
        yield made
        runner.run(made.decoder.stop())
