"""What is done in a thread of its own: beside the dream, one frame ahead or one behind; and in between, by halves."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeAlias, TypeVar

Thing = TypeVar("Thing")
Other = TypeVar("Other")
Things: TypeAlias = Generator[Thing, None, None]

_other_hand = ThreadPoolExecutor(1, "other-hand")


def both(act: Callable[[], Thing], other: Callable[[], Other]) -> tuple[Thing, Other]:
    """Do two things at once, whose own threads would get in the way of each other's, and return what they return."""
    coming = _other_hand.submit(other)
    return act(), coming.result()


def ahead(items: Callable[[], Things[Thing]], *, beside: bool) -> Things[Thing]:
    """Yield ``items``, to be closed where they are not taken to their end; ``beside``: the next is got ready meanwhile.

    On a processor that loses time if it takes all cores, as flow does: the dream waits for the slowest of its threads.
    """
    found = items()
    if not beside:
        yield from found
        return
    with ThreadPoolExecutor(1, "ahead") as thread:
        try:
            coming = thread.submit(next, found, None)
            while (item := coming.result()) is not None:
                coming = thread.submit(next, found, None)
                yield item
        finally:
            thread.submit(found.close).result()


class Behind(Generic[Thing]):
    """Does something with one thing after another, while the next is made; no more than one waits."""

    def __init__(self, act: Callable[[Thing], Any]) -> None:
        self._act = act
        self._thread = ThreadPoolExecutor(1, "behind")
        self._under_way: Future[Any] | None = None

    def take(self, thing: Thing) -> None:
        """Do it with ``thing`` as soon as the one before is done. Raises what went wrong with that one."""
        self.wait()
        self._under_way = self._thread.submit(self._act, thing)

    def wait(self) -> None:
        """Wait until all is done. Raises what went wrong."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def close(self) -> None:
        """Wait without asking how it went, and end the thread."""
        self._thread.shutdown()
