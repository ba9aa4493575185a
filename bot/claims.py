"""Claims on what must not be done twice at once, in memory: one press reaches one process only."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class Claims:
    """What is being done just now."""

    def __init__(self) -> None:
        self._held: set[Hashable] = set()

    @contextmanager
    def on(self, what: Hashable) -> Iterator[bool]:
        """Claim ``what`` for as long as it takes; False where it is claimed already."""
        if what in self._held:
            yield False
            return
        self._held.add(what)
        try:
            yield True
        finally:
            self._held.remove(what)
