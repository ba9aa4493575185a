"""The networks that a worker keeps loaded."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from engine import catalogue

if TYPE_CHECKING:
    from engine import Dreamer


class Shelf:
    """Keeps networks on a device, up to so many bytes of weights; the least recently used goes first.

    The one asked for last stays even where it alone is larger.
    """

    def __init__(self, device: str, cache_bytes: int, memory_bytes: int | None = None) -> None:
        self._device = device
        self._cache_bytes = cache_bytes
        self._memory_bytes = memory_bytes
        self._dreamers: dict[str, Dreamer] = {}  # the least recently used first

    @property
    def networks(self) -> tuple[str, ...]:
        """Their names as recipes have them (``lite2+lite0`` are two that dream together), the oldest use first."""
        return tuple(self._dreamers)

    def take(self, network: str) -> Dreamer:
        """Return a network, loaded now if it was not. Raises EngineError."""
        from engine import Dreamer

        dreamer = self._dreamers.pop(network, None)
        if dreamer is None:
            self._make_room(_bytes(network))  # before it is loaded: memory for both may not be there
            dreamer = Dreamer(network, self._device, memory_bytes=self._memory_bytes)
        self._dreamers[network] = dreamer
        return dreamer

    def _make_room(self, needed: int) -> None:
        sizes = {name: _bytes(name) for name in self._dreamers}
        gone = False
        while self._dreamers and sum(sizes[name] for name in self._dreamers) + needed > self._cache_bytes:
            del self._dreamers[next(iter(self._dreamers))]
            gone = True
        if gone:
            gc.collect()  # what hangs in cycles holds weights


def _bytes(network: str) -> int:
    return sum(catalogue.network(name.strip()).weights_bytes for name in network.split("+"))
