"""On what a figure was measured: without that, it says nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from bot.pool.machine import cores
from engine.bench.revision import commit


@dataclass(frozen=True)
class Circumstances:
    """The machine, what else it did, and which commit of ours ran on it."""

    date: str
    machine: str
    load: float  # of the last minute, of ourselves too
    commit: str

    @classmethod
    def now(cls) -> Self:
        """Return them as they are."""
        return cls(
            date=datetime.now(UTC).date().isoformat(),
            machine=f"{cores()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
            load=round(os.getloadavg()[0], 1),
            commit=commit(),
        )

    @property
    def words(self) -> str:
        """Say them in one line."""
        return f"{self.machine}, load {self.load}, {self.date}, commit {self.commit}"
