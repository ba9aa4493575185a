"""The bot's side of one actor on a node of a Ray cluster: hands it dreams, and follows them to their end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any

import ray
from ray.exceptions import ActorDiedError, OutOfMemoryError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from bot.children.frames import Frame, FrameError
from bot.pool import wire
from bot.pool.interface import Cancelled, Lost, Outcome, Worker
from bot.pool.line import Line
from bot.pool.process import MOST_TRIES, Patience
from bot.pool.ray_actor import BEGUN, WORKER, RayActor, ordered, own_version, unpacked, worker_of
from bot.pool.ticket import Ticket

log = logging.getLogger(__name__)

AGAIN_S = 1.0  # between two calls of an actor that does not answer: it is being restarted, or its node is gone
HELLO_S = 30.0
NOT_NOW = (RayError, FrameError, EOFError, TimeoutError)


@dataclass(frozen=True)
class Place:
    """Where an actor is to run, and with what of its node's."""

    node_id: str
    address: str
    number: int  # among the actors of its node
    device: str
    cpus: float
    gpus: float


class RaySeat:
    """Keeps one actor at work. Ray restarts it where its process dies; whoever made it ends it with its node."""

    def __init__(self, line: Line, place: Place, plan: str, patience: Patience) -> None:
        self.place = place
        self._line = line
        self._patience = patience
        self._job_id: int | None = None  # of the dream that its worker has
        self._worker = Worker(f"{place.device} on {place.address}", None, 0, (), None, 0)
        self._actor: Any = self._made(plan)
        self.ready = asyncio.Event()  # it has answered, and not failed since
        self.parting = Lost("stopped", strike=False)  # what becomes of its dream where it is ended from outside

    def _made(self, plan: str) -> Any:
        place = self.place
        # Retries are the lease's alone: a dream is asked for once. The actor class is found by its name on the node,
        # where this package is installed: no code travels.
        return (
            ray.remote(RayActor)
            .options(
                num_cpus=place.cpus,
                num_gpus=place.gpus,
                max_restarts=-1,
                max_task_retries=0,
                max_concurrency=100,
                scheduling_strategy=NodeAffinitySchedulingStrategy(place.node_id, soft=False),
            )
            .remote(plan)
        )

    @property
    def networks(self) -> tuple[str, ...]:
        """What its worker holds loaded."""
        return self._worker.networks

    @property
    def worker(self) -> Worker:
        """Its worker, as it was last told."""
        return replace(self._worker, job_id=self._job_id, ready=self.ready.is_set())

    async def live(self) -> None:
        """Keep the actor at work until cancelled, or until it is gone for good."""
        while await self._greeted():
            while self.ready.is_set():
                ticket = await self._line.next(self)
                if not ticket.ended:
                    await self._serve(ticket)

    def end(self) -> None:
        """Kill the actor, and its worker with it."""
        self.ready.clear()
        ray.kill(self._actor, no_restart=True)

    async def _greeted(self) -> bool:
        """Wait until the actor answers; False where it never will."""
        while True:
            try:
                # Without a bound: a GPU that somebody else uses may become free tomorrow.
                hello = unpacked(await self._actor.hello.remote())
                theirs, pid = hello.text("version"), hello.integer("pid")
            except ActorDiedError as error:
                log.warning("the actor on %s is gone: %s", self.place.address, type(error).__name__)
                return False
            except NOT_NOW as error:
                log.info("the actor on %s does not answer yet: %s", self.place.address, type(error).__name__)
                await asyncio.sleep(AGAIN_S)
                continue
            if theirs != own_version():
                log.critical("%s has Oneiros %s, not %s: it is not used", self.place.address, theirs, own_version())
                await asyncio.Event().wait()  # until its node leaves; it comes back as another one
            log.info("the actor on %s is ready (process %s)", self.place.address, pid)
            self.ready.set()
            return True

    async def _serve(self, ticket: Ticket) -> None:
        """Have a dream dreamed and pass its events on, the outcome too."""
        deaf: asyncio.TimerHandle | None = None

        def stop() -> None:
            nonlocal deaf
            self._actor.cancel.remote(ticket.work.job_id)
            # The actor ends a deaf worker by itself; this is for an actor that is deaf.
            deaf = asyncio.get_running_loop().call_later(2 * self._patience.cancel_s + AGAIN_S, self._restart)

        ticket.on_cancel(stop)
        ticket.tries += 1
        self._job_id = ticket.work.job_id
        try:
            await self._follow(ticket)
        except asyncio.CancelledError:
            ticket.put(self.parting)
            raise
        finally:
            self._job_id = None
            ticket.on_cancel(None)
            if deaf is not None:
                deaf.cancel()

    async def _follow(self, ticket: Ticket) -> None:
        begun = False
        try:
            async with asyncio.timeout(HELLO_S) as bound:
                work = ticket.work
                async for ref in self._actor.dream.remote(ordered(ticket), work.picture, work.guide, work.mask):
                    frame = unpacked(await ref)
                    begun = True
                    bound.reschedule(asyncio.get_running_loop().time() + self._bound_s(ticket, frame))
                    if self._ends(ticket, frame):
                        return
            raise EOFError("its events ended without an outcome")
        except NOT_NOW as error:
            self.ready.clear()
            log.warning("job %s lost its actor on %s: %s", ticket.work.job_id, self.place.address, error)
            if isinstance(error, TimeoutError | FrameError | EOFError):
                self._restart()
            self._account(ticket, error, begun=begun)

    def _bound_s(self, ticket: Ticket, frame: Frame) -> float:
        """How long an actor may say nothing after ``frame``: it watches over its worker itself, and is quicker."""
        if frame.kind == BEGUN:
            return 2 * self._patience.ready_s  # its worker may have to be started, and load a network
        step_s = ticket.cost / ticket.steps / self._worker.speed if self._worker.speed else 0.0
        return HELLO_S + self._patience.silence_s + self._patience.slowness * step_s

    def _ends(self, ticket: Ticket, frame: Frame) -> bool:
        """Take what the actor tells; True at the outcome."""
        if frame.kind == WORKER:
            self._worker = worker_of(frame, self.place.address)
        elif frame.kind != BEGUN:
            event = wire.event_of(frame)
            ticket.put(event)
            return isinstance(event, Outcome)
        return False

    def _account(self, ticket: Ticket, error: Exception, *, begun: bool) -> None:
        """Say what a failed actor means for the dream that it had.

        What a dream does wrong happens in the worker, and the actor tells of it. So an actor that is gone is no dream's
        fault, unless memory ran out on its node, or it was silent.
        """
        if ticket.cancelled:
            ticket.put(Cancelled())
        elif isinstance(error, OutOfMemoryError):
            ticket.put(Lost("memory", strike=True))
        elif begun and isinstance(error, TimeoutError):
            ticket.put(Lost("hung", strike=True))
        elif begun or ticket.tries >= MOST_TRIES:
            ticket.put(Lost("died", strike=False))
        else:
            self._line.put_back(ticket)  # the actor was gone before: nobody has begun it

    def _restart(self) -> None:
        ray.kill(self._actor, no_restart=False)
