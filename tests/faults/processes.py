"""The bot processes of a storm: each is killed or stopped, stays away for a while, and comes back, by itself."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from service_harness import Bot

from bot.shards import Shards

CONNECTED = b"has connected to Gateway"  # discord.py's words; from then on interactions come
ENDS_S = 60.0  # a bot that is asked to end, within
STARTS_S = 180.0
EVERY_S = 0.05


class Process:
    """One bot process. ``lapse`` is called with the process id of one that is gone, before it is started again."""

    def __init__(self, bot: Bot, shards: Shards, lapse: Callable[[int], Awaitable[None]]) -> None:
        """Have ``bot`` with its ``shards``; it has one core, and so a worker that computes in one thread."""
        self.bot = bot
        self.shards = shards
        self.ends = 0  # that were asked for
        self.troubles: list[str] = []  # ends that nobody asked for, and bad ones
        self._lapse = lapse
        self._back: asyncio.Task[None] | None = None

    @property
    def is_back(self) -> bool:
        """Whether it is connected, as far as anybody knows."""
        return self._back is not None and self._back.done()

    def start(self) -> None:
        """Begin to start it for the first time."""
        self.bot.log.parent.mkdir(exist_ok=True)
        self._back = asyncio.create_task(self._start(), name="start of a bot")

    async def until_back(self) -> None:
        """Wait until it is connected."""
        if self._back is not None:
            await asyncio.shield(self._back)

    async def end(self, *, kindly: bool, away_s: float) -> None:
        """Stop it (``kindly``) or kill it, once it is there; it is started again after ``away_s`` seconds."""
        await self.until_back()
        self.ends += 1
        pid = self.bot.pid
        if kindly:
            self.bot.terminate()
        else:
            self.bot.kill()
        self._back = asyncio.create_task(self._come_back(pid, kindly, away_s), name="return of a bot")

    async def look_after(self) -> None:
        """Start it again where it has ended by itself, as an operator's supervisor does."""
        if self.is_back and (code := self._code()) is not None:
            self.troubles.append(f"ended by itself ({code})")
            self._back = asyncio.create_task(self._come_back(self.bot.pid, kindly=False, away_s=0.0))

    async def close(self) -> None:
        """Stop it for good."""
        await self.until_back()
        self.bot.terminate()
        await self._note_end()

    async def _come_back(self, pid: int, kindly: bool, away_s: float) -> None:
        if kindly:
            await self._note_end()
        await asyncio.sleep(away_s)
        await self._lapse(pid)
        await self._start()

    async def _note_end(self) -> None:
        assert self.bot.process is not None
        code = await asyncio.to_thread(self.bot.process.wait, ENDS_S)
        if code != 0:
            self.troubles.append(f"stopped with {code}")

    async def _start(self) -> None:
        until = time.monotonic() + STARTS_S
        since = _size(self.bot.log)
        self._begin()
        while CONNECTED not in _read(self.bot.log, since):
            if time.monotonic() > until:
                raise TimeoutError(f"a bot does not start: {self.bot.log}")
            if self._code() is not None:  # its database was cut off while it looked at the schema
                self._begin()
            await asyncio.sleep(EVERY_S)

    def _begin(self) -> None:
        self.bot.start()
        if hasattr(os, "sched_setaffinity"):
            # A worker with a thread a core waits for each of them; where others use the cores too, that takes minutes.
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(self.bot.pid, {cores[self.shards.first % len(cores)]})

    def _code(self) -> int | None:
        assert self.bot.process is not None
        return self.bot.process.poll()


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _read(file: Path, since: int) -> bytes:
    with file.open("rb") as log:
        log.seek(since)
        return log.read()
