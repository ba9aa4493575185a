"""The pool of this machine: one worker process a device."""

from __future__ import annotations

import asyncio
import logging
import os
import struct
from collections.abc import AsyncGenerator, Sequence

from bot.pool.interface import Event, Lost, Outcome, Refused, Work
from bot.pool.seat import Patience, Seat
from bot.pool.ticket import Ticket
from engine.errors import EngineError
from engine.recipe import Recipe

log = logging.getLogger(__name__)

PROGRAM = ("-m", "bot.pool.worker")
AFTER_A_FAULT_S = 1.0


class LocalPool:
    """Dreams on this machine's devices. Implements ``bot.pool.interface.Pool``."""

    def __init__(
        self,
        devices: Sequence[str] = ("cpu",),
        *,
        threads: int | None = None,
        program: Sequence[str] = PROGRAM,
        patience: Patience | None = None,
    ) -> None:
        """Plan one worker a device; ``threads`` is how many each may use, by default all cores shared out evenly."""
        self._line: asyncio.Queue[Ticket] = asyncio.Queue()
        share = threads or max(1, _cores() // len(devices))
        patience = patience or Patience()
        self._seats = [
            Seat(device, self._line, threads=share, program=program, patience=patience) for device in devices
        ]
        self._tickets: set[Ticket] = set()
        self._living: set[asyncio.Task[None]] = set()
        self._stopped = False

    @property
    def capacity(self) -> int:
        """How many dreams can run at once."""
        return len(self._seats)

    @property
    def speed(self) -> float | None:
        """GFLOP a second that one worker manages, as measured; None before the first is ready."""
        speeds = [seat.speed for seat in self._seats if seat.speed is not None]
        return sum(speeds) / len(speeds) if speeds else None

    async def start(self) -> None:
        """Begin to start the workers; dreams wait until one is ready."""
        for seat in self._seats:
            self._keep(seat)

    async def stop(self) -> None:
        """End every worker; dreams under way end with ``Lost(cause="stopped", strike=False)``."""
        self._stopped = True
        for task in self._living:
            task.cancel()
        await asyncio.gather(*self._living, return_exceptions=True)
        for ticket in self._tickets:
            ticket.put(Lost("stopped", strike=False))

    async def dream(self, work: Work) -> AsyncGenerator[Event, None]:
        """Dream, as soon as a worker is free. Yields events as they come; the last one is an Outcome, always.

        Whoever stops listening (``aclose``) cancels the dream, and its worker is free again.
        """
        if self._stopped:
            yield Lost("stopped", strike=False)
            return
        try:
            ticket = _ticket(work)
        except EngineError as error:
            yield Refused(str(error))
            return
        self._tickets.add(ticket)
        self._line.put_nowait(ticket)
        try:
            while True:
                event = await ticket.events.get()
                yield event
                if isinstance(event, Outcome):
                    return
        finally:
            ticket.cancel()
            self._tickets.discard(ticket)

    def cancel(self, job_id: int) -> None:
        """Ask for a dream to end: at once if it waits, else between two steps; a deaf worker is killed."""
        for ticket in self._tickets:
            if ticket.work.job_id == job_id:
                ticket.cancel()

    def _keep(self, seat: Seat) -> None:
        task = asyncio.create_task(seat.live(), name="seat")
        self._living.add(task)
        task.add_done_callback(lambda done: self._ended(seat, done))

    def _ended(self, seat: Seat, task: asyncio.Task[None]) -> None:
        """A seat lives until it is cancelled: anything else is our own fault."""
        self._living.discard(task)
        if task.cancelled() or self._stopped:
            return
        log.critical("a seat of the pool failed and is set up again", exc_info=task.exception())
        asyncio.get_running_loop().call_later(AFTER_A_FAULT_S, self._again, seat)

    def _again(self, seat: Seat) -> None:
        if not self._stopped:
            self._keep(seat)


def _ticket(work: Work) -> Ticket:
    recipe = Recipe.from_json(work.recipe)
    # A PNG of our own encoder begins with its size: 8 bytes of signature, 8 of the first chunk's head, then two words.
    width, height = struct.unpack_from(">II", work.picture, 16)
    return Ticket(work, recipe.cost(width, height), recipe.steps)


def _cores() -> int:
    """How many cores this process may use; fewer than the machine has inside many containers."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
