"""How often a bot may identify (Discord: "Session Start Limit Object", "Max Concurrency")."""

from __future__ import annotations

from collections import deque

from bot.emulator.clock import Clock
from bot.emulator.model import Json

STARTS_A_DAY, DAY_S = 1000, 24 * 3600.0
MAX_CONCURRENCY = 1  # bots grow out of this one at 150 000 guilds
APART_S = 5.0


class Starts:
    """Counts session starts, and keeps those of one bucket apart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: deque[float] = deque()
        self._last: dict[int, float] = {}

    @property
    def remaining(self) -> int:
        """How many more sessions may be started within the last start's day."""
        while self._times and self._clock.steady() - self._times[0] >= DAY_S:
            self._times.popleft()
        return STARTS_A_DAY - len(self._times)

    def take(self, shard: int) -> bool:
        """Tell whether this shard may start now, and count it if so."""
        now, bucket = self._clock.steady(), shard % MAX_CONCURRENCY
        if now - self._last.get(bucket, -APART_S) < APART_S:
            return False
        self._last[bucket] = now
        self._times.append(now)
        return True

    def to_json(self) -> Json:
        """Return Discord's session start limit object."""
        remaining = self.remaining
        reset_s = self._times[0] + DAY_S - self._clock.steady() if self._times else 0.0
        return {
            "total": STARTS_A_DAY,
            "remaining": remaining,
            "reset_after": int(reset_s * 1000),
            "max_concurrency": MAX_CONCURRENCY,
        }
