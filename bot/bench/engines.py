"""Engines without a service, as many processes as the service has workers."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.children.environment import environment
from bot.loopback import LoopbackError, ending
from bot.pool.process import Plan

SAMPLE = Path(str(files("engine") / "data" / "coffee.jpg"))


class Engines:
    """Processes that dream the sample photo in the default recipe, run as the service runs its workers."""

    def __init__(self, devices: Sequence[Plan], size: int) -> None:
        self._devices = devices
        self._size = size
        self.pids: list[int] = []
        self._free: asyncio.Queue[Process] = asyncio.Queue()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for plan in self._devices:
            surroundings = environment(cuda=plan.device != "cpu", threads=plan.threads)
            arguments = ("--device", plan.device, "--threads", str(plan.threads), "--size", str(self._size))
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.bench.alone", *arguments, "--photo", str(SAMPLE)),
                stdin=PIPE,
                stdout=PIPE,
                env=surroundings,
                start_new_session=True,  # as the bot is: Linux shares the cores out among sessions
            )
            await self._stack.enter_async_context(ending(process))
            await _line(process)
            self.pids.append(process.pid)
            self._free.put_nowait(process)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def dream(self, count: int) -> None:
        """Dream ``count`` pictures, each on the engine that is free first."""
        await asyncio.gather(*(self._one() for _ in range(count)))

    async def _one(self) -> None:
        process = await self._free.get()
        assert process.stdin is not None  # noqa: S101 - asked for above
        process.stdin.write(b"\n")
        await _line(process)
        self._free.put_nowait(process)


async def _line(process: Process) -> None:
    assert process.stdout is not None  # noqa: S101 - asked for above
    if not await process.stdout.readline():
        raise LoopbackError("the engine ended by itself; what it wrote stands above.")
