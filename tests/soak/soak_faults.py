"""Faults in a soak, now and then: the bot and its workers are killed in the beginning, the rest goes on."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from processes import Process
from service_harness import Chat
from service_processes import kill

BETWEEN = (0.03, 0.08)  # of the whole time, from one fault to the next
AWAY_S = 2.0  # at most, from the end of a bot to its next start


@dataclass
class Faults:
    """Makes trouble for one bot, by chance as a seed says."""

    process: Process
    chat: Chat
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    _cuts: int = 0

    def disturbed(self) -> int:
        """Return how often the bot was ended or cut off from Discord so far."""
        return self.process.ends + self._cuts

    async def trouble(self, seconds: float) -> None:
        """Make trouble for so long. From two fifths on the processes live, so that it is seen whether they grow."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        ends = [self._kill_bot, self._stop_bot, self._kill_worker]
        others = [self._cut_gateway, self._break_rest]
        number = 0
        while (passed := loop.time() - begun) < 0.9 * seconds:
            await asyncio.sleep(self.chance.uniform(*BETWEEN) * seconds)
            fault: Callable[[], Awaitable[None]] = self.chance.choice(others)
            if passed < 0.4 * seconds:
                fault = [*ends, *others][number % (len(ends) + len(others))]  # each of them, however short it is
            number += 1
            self.done[fault.__name__.removeprefix("_").replace("_", " ")] += 1
            await fault()

    async def _kill_bot(self) -> None:
        await self.process.end(kindly=False, away_s=self.chance.random() * AWAY_S)

    async def _stop_bot(self) -> None:
        await self.process.end(kindly=True, away_s=self.chance.random() * AWAY_S)

    async def _kill_worker(self) -> None:
        await self.process.until_back()
        for worker in self.process.bot.workers():
            with contextlib.suppress(ProcessLookupError):
                kill(worker)

    async def _cut_gateway(self) -> None:
        how = self.chance.choice(("drop", "reconnect", "invalidate"))
        self._cuts += 1
        await self.chat.post("faults/gateway", how=how, resumable=self.chance.random() < 0.5)
        self._cuts += 1  # what was done just before it may be cut off as well

    async def _break_rest(self) -> None:
        await self.chat.post("faults/rest", path="/webhooks/", method="PATCH", times=2, how="status", status=503)
