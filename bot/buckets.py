"""Token buckets: how often each of many may do something, in bounded memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST = 20_000  # keys: 5 MiB


class Buckets:
    """A bucket of permissions for each key, that fills again with time. The least recently used are forgotten."""

    def __init__(
        self, burst: int, a_second: float, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Let each take ``burst`` at once and ``a_second`` on and on; at ``most`` keys are remembered."""
        self.burst = burst
        self._a_second = a_second
        self._most = most
        self._clock = clock
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # what is left, and when that was

    def left(self, who: Hashable) -> float:
        """Return how many permissions there are."""
        now = self._clock()
        left, then = self._left.get(who, (float(self.burst), now))
        return min(float(self.burst), left + (now - then) * self._a_second)

    def wait_s(self, who: Hashable, kept: float = 0.0) -> float:
        """Return 0, or after how many seconds there is a permission beyond ``kept`` ones."""
        return max(0.0, 1 + kept - self.left(who)) / self._a_second

    def take(self, who: Hashable) -> float:
        """Take a permission: 0, or after how many seconds there is one again."""
        left, wait_s = self.left(who), self.wait_s(who)
        self._left[who] = (left if wait_s else left - 1, self._clock())
        self._left.move_to_end(who)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait_s

    def __len__(self) -> int:
        return len(self._left)
