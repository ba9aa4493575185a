"""A device and the process that dreams on it, replaced whenever it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.children.child import Child, ChildGoneError
from bot.children.environment import environment
from bot.children.frames import FrameError
from bot.pool import wire
from bot.pool.interface import Cancelled, Dreamed, Lost, Outcome
from bot.pool.ticket import Ticket

log = logging.getLogger(__name__)

NEWEST = 0.3  # how much the newest dream counts in the measured speed
FIRST_PAUSE_S = 0.5


@dataclass(frozen=True)
class Patience:
    """How long a pool waits for its workers."""

    ready_s: float = 180.0  # for a network to be loaded and tried; a cold disk is slow
    silence_s: float = 60.0  # without an event, on top of what one step should take
    slowness: float = 10.0  # times that one step may take longer than measured
    cancel_s: float = 5.0  # for a worker to see that it should stop
    longest_pause_s: float = 60.0  # between two starts of a worker that keeps dying


class Seat:
    """Keeps one worker alive on one device and hands it dreams from the line."""

    def __init__(
        self, device: str, line: asyncio.Queue[Ticket], *, threads: int, program: Sequence[str], patience: Patience
    ) -> None:
        self.speed: float | None = None  # GFLOP a second
        self._device = device
        self._line = line
        self._threads = threads
        self._program = program
        self._patience = patience
        self._number = 0

    async def live(self) -> None:
        """Keep a worker at work until cancelled."""
        deaths = 0  # since the last dream that ended as it should
        in_hand: Ticket | None = None
        while True:
            await asyncio.sleep(self._pause(deaths))
            deaths += 1
            child = await self._start()
            if child is None:
                continue
            try:
                while child.alive:
                    in_hand = in_hand or await self._next(child)
                    if in_hand is None or not child.alive:
                        break  # it died while idle: no dream is to blame, and one in hand goes to the next worker
                    ticket, in_hand = in_hand, None
                    if ticket.ended:
                        continue  # nobody wants it any more
                    outcome = await self._serve(child, ticket)
                    if not isinstance(outcome, Lost):
                        deaths = 0
            finally:
                status = await child.close()
            log.warning("the worker on %s ended (status %s); another one starts", self._device, status)

    def _pause(self, deaths: int) -> float:
        if deaths < 2:
            return 0.0  # a single death is repaired at once
        return min(FIRST_PAUSE_S * 2.0 ** min(deaths - 2, 20), self._patience.longest_pause_s)

    async def _start(self) -> Child | None:
        """Start a worker and wait until it is ready; None where that failed."""
        arguments = ("--device", self._device, "--threads", str(self._threads))
        surroundings = environment(cuda=self._device != "cpu", threads=self._threads)
        try:
            child = await Child.start(f"worker {self._device}", (*self._program, *arguments), surroundings)
        except OSError as error:  # no memory or no process left on this machine, for now
            log.warning("no worker can be started on %s: %s", self._device, error)
            return None
        try:
            async with asyncio.timeout(self._patience.ready_s):
                speed = wire.speed_of(await child.receive())
        except (TimeoutError, ChildGoneError, FrameError) as error:
            log.warning("the worker on %s does not start: %s", self._device, str(error) or "no answer in time")
            await child.close()
            return None
        except asyncio.CancelledError:
            await child.close()
            raise
        self.speed = self.speed or speed
        log.info("the worker on %s is ready (process %s, %.0f GFLOP/s)", self._device, child.pid, speed)
        return child

    async def _next(self, child: Child) -> Ticket | None:
        """Wait for the next dream; None if the child ended before one came."""
        coming = asyncio.ensure_future(self._line.get())
        ending = asyncio.ensure_future(child.exited())
        try:
            await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            if not coming.done():
                coming.cancel()  # the line keeps what it had
        return coming.result() if coming.done() else None

    async def _serve(self, child: Child, ticket: Ticket) -> Outcome:
        """Have a dream dreamed and pass its events on, the outcome too."""
        self._number += 1
        number = self._number
        killer: asyncio.TimerHandle | None = None

        def stop() -> None:
            nonlocal killer
            child.send(wire.cancel(number))
            killer = asyncio.get_running_loop().call_later(self._patience.cancel_s, child.kill)

        ticket.on_cancel(stop)
        try:
            child.send(wire.dream(number, ticket.work))
            outcome = await self._follow(child, ticket)
            ticket.put(outcome)
        finally:
            ticket.on_cancel(None)
            if killer is not None:
                killer.cancel()
            ticket.put(Lost("stopped", strike=False))  # where we are ended ourselves; after an outcome, nothing
        if isinstance(outcome, Dreamed) and ticket.cost > 0 and outcome.seconds > 0:
            newest = ticket.cost / outcome.seconds
            self.speed = newest if self.speed is None else (1 - NEWEST) * self.speed + NEWEST * newest
        return outcome

    async def _follow(self, child: Child, ticket: Ticket) -> Outcome:
        try:
            while True:
                async with asyncio.timeout(self._silence_s(ticket)):
                    event = wire.event_of(await child.receive())
                if isinstance(event, Lost):
                    child.kill()  # it ends by itself, but must not be handed another dream before that
                if isinstance(event, Outcome):
                    return event
                ticket.put(event)
        except TimeoutError:
            log.warning("the worker on %s was silent too long under job %s", self._device, ticket.work.job_id)
            child.kill()
            return Lost("hung", strike=True)
        except (ChildGoneError, FrameError) as error:
            child.kill()
            if ticket.cancelled:
                return Cancelled()
            log.warning("job %s lost its worker on %s: %s", ticket.work.job_id, self._device, error)
            return Lost("died", strike=True)

    def _silence_s(self, ticket: Ticket) -> float:
        """How long a worker may say nothing: no step is longer than a step of all octaves together."""
        step_s = ticket.cost / ticket.steps / self.speed if self.speed else 0.0
        return self._patience.silence_s + self._patience.slowness * step_s
