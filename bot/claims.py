"""Claims on what must not be done twice at once, in memory: one press reaches one process only."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

ON_ITS_WAY_S = 5.0  # a press, at most: Discord takes no answer to it after three


class Claims:
    """What is being done just now, or was so lately that a second press was made before anybody saw it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[Hashable, float] = {}  # until when; endless while it is being done

    @contextmanager
    def on(self, what: Hashable) -> Iterator[bool]:
        """Claim ``what``; False where it is claimed already. What raises was not done, and can be claimed again."""
        now = self._clock()
        self._held = {one: until for one, until in self._held.items() if until > now}
        if what in self._held:
            yield False
            return
        self._held[what] = float("inf")
        try:
            yield True
        except BaseException:
            del self._held[what]
            raise
        self._held[what] = self._clock() + ON_ITS_WAY_S
