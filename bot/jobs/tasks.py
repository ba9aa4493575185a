"""Work that nobody awaits: kept from the garbage collector, and what it raises is logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.children.shortage import passes
from bot.jobs.clock import Clock
from bot.jobs.patience import reason

log = logging.getLogger(__name__)

AGAIN_S = 5.0  # after a step that met a part which is away


class Tasks:
    """A set of running tasks."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run ``work`` by itself."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended with an error", task.get_name(), exc_info=error)

    async def finish(self, timeout_s: float) -> None:
        """Wait until all have ended; those that have not within ``timeout_s`` are cancelled."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=timeout_s)
        running = set(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class Loop:
    """Does a step whenever it is woken, and at least every ``every_s``; a step that fails is logged, and done again.

    Where a part is away that it needs, it is done again within ``AGAIN_S``, whoever wakes it.
    """

    def __init__(self, step: Callable[[], Awaitable[None]], *, every_s: float | None, clock: Clock, name: str) -> None:
        self._step = step
        self._every_s = every_s
        self._clock = clock
        self._name = name
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Have the step done soon, once for any number of calls until then."""
        self._woken.set()

    def start(self) -> None:
        """Begin with a first step at once."""
        self._woken.set()
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End after the step under way."""
        self._stopping = True
        self._woken.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        pause_s = self._every_s
        while True:
            if pause_s is None:
                await self._woken.wait()
            else:
                await self._clock.pause(pause_s, unless=self._woken)
            if self._stopping:
                return
            self._woken.clear()
            pause_s = self._every_s
            try:
                await self._step()
            except Exception as error:
                if passes(error):
                    log.warning("%s waits: %s", self._name, reason(error))
                    pause_s = AGAIN_S if self._every_s is None else min(AGAIN_S, self._every_s)
                else:
                    log.exception("%s: a step failed", self._name)
