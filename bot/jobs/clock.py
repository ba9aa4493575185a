"""Time as the jobs see it, handed in so that a test can hold it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """A monotonic clock, in seconds, and a way to wait by it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def pause(self, seconds: float, unless: asyncio.Event) -> None:
        """Wait ``seconds``, or until ``unless`` is set."""
        if seconds <= 0 or unless.is_set():
            return
        waits = {asyncio.ensure_future(self.sleep(seconds)), asyncio.ensure_future(unless.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
