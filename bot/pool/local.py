"""The pool of this machine: one worker process a device."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from bot.pool import machine
from bot.pool.interface import Event, Work, Worker
from bot.pool.line import Line
from bot.pool.process import MIBI, PROGRAM, Patience, Plan
from bot.pool.seat import Seat

log = logging.getLogger(__name__)

AFTER_A_FAULT_S = 1.0
WORKERS_SHARE = 0.8  # of the machine's memory; the rest is the bot's, the decoders' and the system's
LEAST_MEMORY_BYTES = 1024 * MIBI  # torch with a small network loaded takes 0.8 GiB of it


@dataclass(frozen=True)
class Limits:
    """What a worker may use. None: as the machine has it, shared out evenly."""

    threads: int | None = None  # that compute
    memory_bytes: int | None = None  # resident
    memory_share: float = WORKERS_SHARE  # of the machine's memory, for all workers together
    cache_bytes: int = 1024 * MIBI  # of weights kept loaded
    recycle_after: int = 500  # dreams, before a fresh process takes over


@dataclass(frozen=True)
class Run:
    """How workers are run: the tests have programs of their own, and less patience."""

    program: Sequence[str] = PROGRAM
    patience: Patience = field(default_factory=Patience)


class LocalPool:
    """Dreams on this machine's devices. Implements ``bot.pool.interface.Pool``."""

    def __init__(self, devices: Sequence[str] = ("cpu",), limits: Limits | None = None, run: Run | None = None) -> None:
        """Plan one worker a device."""
        self.line = Line()
        self._seats = [Seat(self.line, plan) for plan in plans(devices, limits or Limits(), run or Run())]
        self._living: set[asyncio.Task[None]] = set()
        self._stopped = False

    @property
    def capacity(self) -> int:
        """How many dreams can run at once."""
        return len(self._seats)

    @property
    def speed(self) -> float | None:
        """GFLOP a second that one worker manages, as measured; None before the first is ready."""
        return mean_speed(self.workers)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Every worker as it is now."""
        return tuple(seat.worker for seat in self._seats)

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
        self.line.close()

    def dream(self, work: Work) -> AsyncGenerator[Event, None]:
        """Dream, as soon as a worker is free. Yields events as they come; the last one is an Outcome, always."""
        return self.line.dream(work)

    def cancel(self, job_id: int) -> None:
        """Ask for a dream to end: at once if it waits, else between two steps; a deaf worker is killed."""
        self.line.cancel(job_id)

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


def plans(devices: Sequence[str], limits: Limits, run: Run) -> list[Plan]:
    """Share cores and memory out: the computing threads of all workers together never exceed the cores.

    Two processes with two threads each on two cores take five to ten times as long as one: each waits for the other's
    threads to be given a core. A GPU's worker needs one thread to keep it busy; those on the CPU share the rest.
    """
    kinds = Counter("cpu" if device == "cpu" else "gpu" for device in devices)
    for_cpus = max(1, (machine.cores() - kinds["gpu"]) // max(1, kinds["cpu"]))
    share = max(LEAST_MEMORY_BYTES, round(limits.memory_share * machine.memory_bytes() / len(devices)))
    return [
        Plan(
            device=device,
            threads=limits.threads or (for_cpus if device == "cpu" else 1),
            memory_bytes=limits.memory_bytes or share,
            cache_bytes=limits.cache_bytes,
            recycle_after=limits.recycle_after,
            program=run.program,
            patience=run.patience,
        )
        for device in devices
    ]


def mean_speed(workers: Sequence[Worker]) -> float | None:
    """Return the mean of the measured speeds; None where there is none."""
    speeds = [worker.speed for worker in workers if worker.speed is not None]
    return sum(speeds) / len(speeds) if speeds else None
