"""A pool whose dreams happen by hand, and a decoder that finds every picture small enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from bot.intake.decoder import Clean
from bot.pool.interface import Cancelled, Event, Outcome, Work, Worker
from engine.pictures import Encoded

BOUND_S = 60.0  # far longer than anything here takes, on a machine that does much else too


@dataclass
class Dream:
    """One dream under way; the test says what happens in it."""

    work: Work
    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    left: asyncio.Event = field(default_factory=asyncio.Event)


class HandPool:
    """Implements ``bot.pool.interface.Pool``."""

    capacity = 1
    speed: float | None = None
    workers: tuple[Worker, ...] = ()

    def __init__(self) -> None:
        self._dreams: list[Dream] = []
        self._begun: asyncio.Queue[Dream] = asyncio.Queue()

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    def cancel(self, job_id: int) -> None:
        for dream in self._dreams:
            if dream.work.job_id == job_id:
                dream.events.put_nowait(Cancelled())

    async def dream(self, work: Work) -> AsyncGenerator[Event, None]:
        dream = Dream(work)
        self._dreams.append(dream)
        self._begun.put_nowait(dream)
        try:
            while True:
                event = await dream.events.get()
                yield event
                if isinstance(event, Outcome):
                    return
        finally:
            dream.left.set()

    async def next(self) -> Dream:
        """Return the next dream that is begun."""
        return await asyncio.wait_for(self._begun.get(), BOUND_S)

    @property
    def is_idle(self) -> bool:
        return self._begun.empty()


class SmallDecoder:
    """What is asked of ``bot.intake.decoder.Decoder``."""

    async def clean(self, data: bytes, max_side: int) -> Clean:
        assert data.startswith(b"\xff\xd8")
        return Clean(b"coffee", max_side, max_side, "")

    async def fit(self, png: bytes, max_bytes: int) -> Encoded:
        return Encoded(b"small " + png, "image/webp", 160, 107)
