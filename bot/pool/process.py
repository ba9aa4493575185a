"""One worker process, from its start to its end."""

from __future__ import annotations

import asyncio
import logging
import math
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from bot.children.child import Child, ChildGoneError
from bot.children.environment import environment
from bot.children.frames import Frame, FrameError
from bot.pool import machine, wire
from bot.pool.interface import Cancelled, Cause, Event, Lost, Outcome
from bot.pool.ticket import Ticket

log = logging.getLogger(__name__)

PROGRAM = ("-m", "bot.pool.worker")
MIBI = 1024 * 1024
MOST_TRIES = 3  # of a dream with workers that were gone before they began it
FORESEEN = 0.9  # of its memory, what a worker plans with: what it foresees is not exact
BESIDE = 1  # threads that encode while the others dream
OUT_OF_TIME = -signal.SIGXCPU if hasattr(signal, "SIGXCPU") else None  # the status of a process that the system ended


@dataclass(frozen=True)
class Patience:
    """How long a pool waits for its workers."""

    ready_s: float = 180.0  # for torch and a network to be loaded; a cold disk is slow, and so is a download
    silence_s: float = 60.0  # without an event, on top of what one step should take
    slowness: float = 10.0  # times that one step may take longer than measured
    # Of processor time, a thread, on top of what a dream should take times its slowness: to load a network and to
    # encode; and, of a film, to make it fit.
    cpu_s: float = 240.0
    film_cpu_s: float = 900.0
    cancel_s: float = 5.0  # for a worker to see that it should stop
    longest_pause_s: float = 60.0  # between two starts of a worker that keeps dying
    look_s: float = 0.25  # between two looks at a worker's memory


@dataclass(frozen=True)
class Plan:
    """How the workers of a device are run."""

    device: str
    threads: int  # that compute
    memory_bytes: int  # resident; a worker that has more is killed
    cache_bytes: int  # of weights that a worker keeps loaded; the newest network stays in any case
    recycle_after: int  # dreams; what libraries leak stays small
    program: Sequence[str] = PROGRAM
    patience: Patience = field(default_factory=Patience)


class StartFailedError(Exception):
    """A worker that did not come up, and why."""


class WorkerProcess:
    """A worker that is ready. Whoever starts one must ``close`` it."""

    def __init__(self, child: Child, plan: Plan, ready: Frame) -> None:
        self.speed = wire.speed_of(ready)  # of its trial, in GFLOP a second; None where there was none
        self.networks = wire.networks_of(ready)
        self.dreams = 0
        self.gpu_bytes = 0
        self._child = child
        self._plan = plan
        self._patience = plan.patience
        self._number = 0
        self._too_large = False
        self._first_bytes: int | None = None  # resident after the first dream with the networks that it holds now

    @classmethod
    async def start(cls, plan: Plan, *, trial: bool) -> Self:
        """Start a worker and wait until it is ready; a ``trial`` measures its speed. Raises StartFailedError."""
        arguments = ["--device", plan.device, "--threads", str(plan.threads), *(["--trial"] if trial else [])]
        foreseen = round(FORESEEN * plan.memory_bytes)
        arguments += ["--memory-bytes", str(foreseen), "--cache-bytes", str(plan.cache_bytes)]
        surroundings = environment(cuda=plan.device != "cpu", threads=plan.threads)
        try:
            child = await Child.start(f"worker {plan.device}", (*plan.program, *arguments), surroundings)
        except OSError as error:  # no memory or no process left on this machine, for now
            raise StartFailedError(str(error)) from error
        try:
            async with asyncio.timeout(plan.patience.ready_s):
                return cls(child, plan, await child.receive())
        except (TimeoutError, ChildGoneError, FrameError) as error:
            await child.close()
            raise StartFailedError(str(error) or "no answer in time") from error
        except asyncio.CancelledError:
            await child.close()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it may still answer."""
        return self._child.alive

    @property
    def memory_bytes(self) -> int:
        """What it has resident now."""
        return machine.resident_bytes(self.pid) if self.alive else 0

    @property
    def is_worn(self) -> bool:
        """Whether it has dreamed as often as it should, or a quarter of its limit has leaked."""
        grown = self.memory_bytes - self._first_bytes if self._first_bytes is not None else 0
        return self.dreams >= self._plan.recycle_after or grown > self._plan.memory_bytes / 4

    async def exited(self) -> None:
        """Wait until it has ended."""
        await self._child.exited()

    async def close(self) -> int | None:
        """End it, whatever it does. Returns the exit status, negative for a signal."""
        return await self._child.close()

    async def serve(self, ticket: Ticket, due_s: float) -> Outcome | None:
        """Have a dream dreamed and pass its events on, the outcome too. ``due_s``: what all of it should take.

        None where the worker was gone before it began: no dream is to blame for that.
        """
        self._number += 1
        number = self._number
        killer: asyncio.TimerHandle | None = None

        def stop() -> None:
            nonlocal killer
            self._child.send(wire.cancel(number))
            killer = asyncio.get_running_loop().call_later(self._patience.cancel_s, self._child.kill)

        ticket.on_cancel(stop)
        ticket.tries += 1
        watching = asyncio.create_task(self._watch(), name="memory of a worker")
        try:
            self._child.send(wire.dream(number, ticket.work, self._cpu_s(ticket, due_s)))
            outcome = await self._follow(ticket, due_s / ticket.steps)
        except asyncio.CancelledError:
            ticket.put(Lost("stopped", strike=False))
            raise
        finally:
            watching.cancel()
            ticket.on_cancel(None)
            if killer is not None:
                killer.cancel()
        if outcome is not None:
            self._note(outcome)
            ticket.put(outcome)
        return outcome

    def _cpu_s(self, ticket: Ticket, due_s: float) -> int:
        """How much processor time a dream may have: the system ends a worker that takes more."""
        patience = self._patience
        each = patience.cpu_s + patience.slowness * due_s + (patience.film_cpu_s if ticket.work.film else 0.0)
        return math.ceil((self._plan.threads + BESIDE) * each)

    async def _watch(self) -> None:
        """Kill a worker that has more memory than it may, from outside: it may be past looking at it itself."""
        while (resident := self.memory_bytes) <= self._plan.memory_bytes:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(self._patience.look_s)
        log.warning(
            "the worker on %s has %s MiB, of %s that it may have: it is killed",
            self._plan.device,
            resident // MIBI,
            self._plan.memory_bytes // MIBI,
        )
        self._too_large = True
        self._child.kill()

    async def _follow(self, ticket: Ticket, step_s: float) -> Outcome | None:
        begun = False
        try:
            while True:
                # Until it begins, it loads the network.
                silence_s = self._patience.silence_s + self._patience.slowness * step_s
                async with asyncio.timeout(silence_s if begun else self._patience.ready_s):
                    event = await self._receive()
                begun = True
                if isinstance(event, Lost) and event.cause != "short":
                    self._child.kill()  # it ends by itself, but must not be handed another dream before that
                if isinstance(event, Outcome):
                    return event
                if event is not None:
                    ticket.put(event)
        except TimeoutError:
            log.warning("the worker on %s was silent too long under job %s", self._plan.device, ticket.work.job_id)
            self._child.kill()
            return Lost("hung", strike=True)
        except (ChildGoneError, FrameError) as error:
            status = await self._child.close()
            if ticket.cancelled:
                return Cancelled()
            cause: Cause = "memory" if self._too_large else "time" if status == OUT_OF_TIME else "died"
            if cause == "died" and not begun and ticket.tries < MOST_TRIES:
                return None
            log.warning("job %s lost its worker on %s (%s): %s", ticket.work.job_id, self._plan.device, cause, error)
            return Lost(cause, strike=True)

    async def _receive(self) -> Event | None:
        """Wait for the next event; None where the worker told of itself instead."""
        frame = await self._child.receive()
        if frame.kind != "holds":
            return wire.event_of(frame)
        networks = wire.networks_of(frame)
        if set(networks) != set(self.networks):
            self._first_bytes = None
        self.networks, self.gpu_bytes = networks, wire.gpu_bytes_of(frame)
        return None

    def _note(self, outcome: Outcome) -> None:
        if not isinstance(outcome, Lost) and self.alive:
            self.dreams += 1
            self._first_bytes = self._first_bytes or self.memory_bytes
