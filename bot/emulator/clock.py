"""The emulator's time, which may be moved forward, and the ids that carry it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

FARTHEST_S = 50 * 365 * 86_400.0  # an id's 42 bits of milliseconds last until 2154
DISCORD_EPOCH_MS = 1_420_070_400_000  # 2015-01-01: a snowflake counts milliseconds from here


class Clock:
    """The machine's time plus what it was moved forward, in seconds since 1970."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self.moved_s = 0.0

    def now(self) -> float:
        """Return the time in seconds."""
        return self._source() + self.moved_s

    def steady(self) -> float:
        """Return seconds since some moment; they never go back, and are moved forward with the rest."""
        return time.monotonic() + self.moved_s

    def forward(self, seconds: float) -> None:
        """Move the time forward. Raises ValueError for a step back, as ids must keep rising, and beyond their range."""
        if not 0 <= seconds <= FARTHEST_S - self.moved_s:
            raise ValueError("Time only moves forward, and no more than fifty years in all.")
        self.moved_s += seconds


class Snowflakes:
    """Makes ids as Discord does: the time in the high bits, so that they rise and tell when they were made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> int:
        """Return an id above all before it."""
        stamp = (int(self._clock.now() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(stamp, self._last + 1)
        return self._last


def iso(seconds: float) -> str:
    """Put a time as Discord does in JSON."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
