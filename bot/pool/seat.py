"""A device and the process that dreams on it, replaced whenever it ends or is worn."""

from __future__ import annotations

import asyncio
import logging

from bot.pool import machine
from bot.pool.interface import Dreamed, Lost, Outcome, Worker
from bot.pool.line import Line
from bot.pool.process import MIBI, Plan, StartFailedError, WorkerProcess
from bot.pool.ticket import Ticket

log = logging.getLogger(__name__)

NEWEST = 0.3  # how much the newest dream counts in the measured speed
FIRST_PAUSE_S = 0.5


class Seat:
    """Keeps one worker at work on one device and hands it dreams from the line."""

    def __init__(self, line: Line, plan: Plan) -> None:
        self._line = line
        self._plan = plan
        self._speed: float | None = None  # GFLOP a second
        self._job_id: int | None = None  # of the dream that its worker has
        self._process: WorkerProcess | None = None
        self._successor: asyncio.Task[WorkerProcess] | None = None
        self._starts = 0  # processes that were ready here
        self._deaths = 0  # since the last dream that ended as it should

    @property
    def networks(self) -> tuple[str, ...]:
        """What its worker holds loaded, the least recently used first."""
        return self._process.networks if self._process is not None else ()

    @property
    def worker(self) -> Worker:
        """Its worker as it is now."""
        process = self._process
        if process is None:
            return Worker(self._plan.device, None, 0, (), self._speed, 0, ready=False, starts=self._starts)
        return Worker(
            device=self._plan.device,
            pid=process.pid,
            memory_bytes=process.memory_bytes,
            networks=process.networks,
            speed=self._speed,
            dreams=process.dreams,
            job_id=self._job_id,
            ready=process.alive and machine.runs(process.pid),
            starts=self._starts,
            gpu_bytes=process.gpu_bytes,
        )

    async def live(self) -> None:
        """Keep a worker at work until cancelled."""
        try:
            while True:
                process = self._process or await self._start()
                if process is None:
                    continue
                ticket = await self._next(process)
                if process is not self._process or not process.alive:
                    if ticket is not None:
                        self._line.put_back(ticket)  # that it died while idle is no dream's fault
                    await self._replace_dead()
                elif ticket is not None and not ticket.ended:  # an ended one nobody wants any more
                    await self._serve(process, ticket)
        finally:
            await self._close()

    async def _start(self) -> WorkerProcess | None:
        """Start a worker, after a pause where the last ones died; None where that failed."""
        await asyncio.sleep(self._pause_s())
        self._deaths += 1
        try:
            self._process = await WorkerProcess.start(self._plan, trial=self._speed is None)
        except StartFailedError as error:
            log.warning("the worker on %s does not start: %s", self._plan.device, error)
            return None
        self._starts += 1
        self._speed = self._speed or self._process.speed
        log.info(
            "the worker on %s is ready (process %s, %.0f GFLOP/s)",
            self._plan.device,
            self._process.pid,
            self._speed or 0.0,
        )
        return self._process

    def _pause_s(self) -> float:
        if self._deaths < 2:
            return 0.0  # a single death is repaired at once
        return min(FIRST_PAUSE_S * 2.0 ** min(self._deaths - 2, 20), self._plan.patience.longest_pause_s)

    async def _next(self, process: WorkerProcess) -> Ticket | None:
        """Wait for the next dream; None where the worker ended, or its successor is ready, before one came."""
        coming = asyncio.create_task(self._line.next(self), name="next dream")
        ending = asyncio.create_task(process.exited(), name="end of a worker")
        waits: set[asyncio.Task[Ticket] | asyncio.Task[None] | asyncio.Task[WorkerProcess]] = {coming, ending}
        if self._successor is not None:
            waits.add(self._successor)
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if coming.done():
                self._line.put_back(coming.result())
            raise
        finally:
            ending.cancel()
            if not coming.done():
                coming.cancel()  # the line keeps what it had
                await asyncio.wait({coming})
        if self._successor is not None and self._successor.done():
            await self._succeed(self._successor)
        return None if coming.cancelled() else coming.result()

    async def _serve(self, process: WorkerProcess, ticket: Ticket) -> None:
        due_s = ticket.cost / self._speed if self._speed else 0.0
        self._job_id = ticket.work.job_id
        try:
            outcome = await process.serve(ticket, due_s)
        finally:
            self._job_id = None
        if outcome is None:
            self._line.put_back(ticket)
        else:
            self._learn(ticket, outcome)
        if outcome is None or isinstance(outcome, Lost) or not process.alive:
            await self._replace_dead()  # one that is only short of something lives on
            return
        self._deaths = 0
        if process.is_worn and self._successor is None:
            await self._prepare(process)

    def _learn(self, ticket: Ticket, outcome: Outcome) -> None:
        if isinstance(outcome, Dreamed) and ticket.cost > 0 and outcome.seconds > 0:
            newest = ticket.cost / outcome.seconds
            self._speed = newest if self._speed is None else (1 - NEWEST) * self._speed + NEWEST * newest

    async def _prepare(self, process: WorkerProcess) -> None:
        """Have a successor started while a worn worker dreams on; where memory is too short for both, end it first."""
        needed, free = process.memory_bytes, machine.free_bytes()
        if needed < free:
            self._successor = asyncio.create_task(WorkerProcess.start(self._plan, trial=False), name="successor")
            return
        log.warning(
            "the worker on %s is worn, and is ended before another one starts: both would need %s MiB more, and %s are "
            "free",
            self._plan.device,
            needed // MIBI,
            free // MIBI,
        )
        await self._end_process()

    async def _succeed(self, successor: asyncio.Task[WorkerProcess]) -> None:
        """Let the successor take over; where it did not come up beside its predecessor, start one after that."""
        self._successor = None
        try:
            coming: WorkerProcess | None = successor.result()
        except StartFailedError as error:
            log.warning(
                "the worker on %s is worn, and is ended before another one starts: beside it none did (%s)",
                self._plan.device,
                error,
            )
            coming = None
        await self._end_process()
        self._process = coming
        if coming is not None:
            self._starts += 1
            log.info("the worker on %s was replaced (process %s)", self._plan.device, coming.pid)

    async def _replace_dead(self) -> None:
        if self._process is not None and not self._process.alive:
            status = await self._end_process()
            log.warning("the worker on %s ended (status %s); another one starts", self._plan.device, status)

    async def _end_process(self) -> int | None:
        process, self._process = self._process, None
        return await process.close() if process is not None else None

    async def _close(self) -> None:
        successor, self._successor = self._successor, None
        if successor is not None:
            successor.cancel()
            (ended,) = await asyncio.gather(successor, return_exceptions=True)
            if isinstance(ended, WorkerProcess):
                await ended.close()
        await self._end_process()
