"""What whoever runs the bot is told in their channel beside reports: gathered, and bounded in number.

Telling costs nothing and fails never: what cannot be posted waits, and of what is too much the oldest goes, counted.
It is one process's memory, and a restart forgets what waits; the log has said it too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.buckets import Buckets
from engine.sentences import Sentence, Value

MOST_WAITING = 100
AT_ONCE, AN_HOUR = 5, 10  # posts


@dataclass(frozen=True)
class Gathered:
    """What waits, or as much of it as is posted at once; ``lost``: how many older ones are not told."""

    sentences: tuple[Sentence, ...]
    lost: int


class Notices:
    """The notices of one process. ``on_told`` hear of each that may be posted at once."""

    def __init__(self, buckets: Buckets | None = None) -> None:
        self._waiting: deque[Sentence] = deque()
        self._lost = 0
        self._posts = Buckets(AT_ONCE, AN_HOUR / 3600) if buckets is None else buckets
        self.on_told: list[Callable[[], None]] = []

    def tell(self, message: str, **values: Value) -> None:
        """Have something told; what waits already is told once."""
        sentence = Sentence(message, values)
        if sentence in self._waiting:
            return
        self._waiting.append(sentence)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1
        if not self._posts.wait_s(None):
            for heard in self.on_told:
                heard()

    def next(self) -> Gathered | None:
        """Return what waits, the oldest first; None where that is nothing, or enough was posted of late."""
        if not self._waiting or self._posts.take(None) > 0:
            return None
        return Gathered(tuple(self._waiting), self._lost)

    def posted(self, gathered: Gathered) -> None:
        """Note that this was posted."""
        self._lost -= gathered.lost
        for sentence in gathered.sentences:
            if sentence in self._waiting:
                self._waiting.remove(sentence)

    def clear(self) -> None:
        """Forget what waits: there is nobody to tell."""
        self._waiting.clear()
        self._lost = 0
