"""What was made of the database's rows, kept for as long as nothing is committed: a withdrawal shows at once.

Nothing is guessed from time: before each use the database is asked whether anything was committed (``Pulse``).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.store.pulse import Pulse

MOST_BYTES = 24 * 1024 * 1024
MOST_S = 60.0  # "the last day" moves on though nothing is committed
ENTRY_BYTES = 500  # of what goes with each thing that is kept
AT_ONCE = 4  # the database's connections are the bot's, too

T = TypeVar("T")


@dataclass(frozen=True)
class _Kept(Generic[T]):
    beat: object
    made_at: float
    value: T
    bytes: int


class Memory:
    """Keeps what was made, the last used longest, up to ``most_bytes``."""

    def __init__(self, pulse: Pulse, most_bytes: int = MOST_BYTES) -> None:
        self._pulse = pulse
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, _Kept[object]] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[object]] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self.bytes = 0

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Return what ``make`` makes: from before, where nothing was committed since."""
        beat = await self._pulse.beat()
        kept = self._kept.get(key)
        if kept is not None and beat is not None and kept.beat == beat and time.monotonic() - kept.made_at < MOST_S:
            self._kept.move_to_end(key)
            return kept.value  # type: ignore[return-value] # what was made under this key
        if beat is None:
            return await self._made(make)
        making = self._making.get((key, beat))
        if making is None:
            making = asyncio.create_task(self._make(key, beat, make), name="page")
            self._making[(key, beat)] = making
            making.add_done_callback(lambda _: self._making.pop((key, beat), None))
        return await asyncio.shield(making)  # type: ignore[arg-type] # as above

    async def _make(self, key: Hashable, beat: object, make: Callable[[], Awaitable[object]]) -> object:
        begun = time.monotonic()
        value = await self._made(make)
        self._let_go(key)
        kept = _Kept(beat, begun, value, ENTRY_BYTES + len(getattr(value, "body", b"")))
        self._kept[key] = kept
        self.bytes += kept.bytes
        while self.bytes > self._most_bytes:
            self._let_go(next(iter(self._kept)))
        return value

    async def _made(self, make: Callable[[], Awaitable[T]]) -> T:
        async with self._at_once:
            return await make()

    def _let_go(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.bytes -= kept.bytes

    async def close(self) -> None:
        """Finish what is being made, and let the database go."""
        await asyncio.gather(*self._making.values(), return_exceptions=True)
        await self._pulse.close()
