"""The pool of a Ray cluster: a worker a GPU on every node, or one on all cores of a node that has none.

Ray is imported here and in its seats only, so that whoever dreams on one machine needs none of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any

import ray
from ray.exceptions import RayError

from bot.pool.interface import Event, Lost, PoolError, Work, Worker
from bot.pool.line import Line
from bot.pool.local import WORKERS_SHARE, Limits, Run, mean_speed
from bot.pool.ray_actor import planned
from bot.pool.ray_seat import Place, RaySeat

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0  # for nodes that came or went
FIRST_WORKER_S = 20.0
ANSWER_S = 5.0
NO_CLUSTER = (
    "There is no Ray cluster at {address}: start one (docs/scaling.md), or set RAY_ADDRESS to its head's address, and "
    "RAY_AUTH_MODE and RAY_AUTH_TOKEN_PATH as they are there."
)


class RayPool:
    """Dreams on the nodes of a Ray cluster. Implements ``bot.pool.interface.Pool``."""

    def __init__(
        self,
        address: str = "auto",
        limits: Limits | None = None,
        run: Run | None = None,
        *,
        most: int | None = None,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Plan to use the cluster at ``address`` (``auto``: the one that was started on this machine).

        ``most`` bounds the workers that this pool takes: several bots can share a cluster.
        """
        self._address = address
        self._limits = limits or Limits()
        self._run = run or Run()
        self._most = most
        self._look_every_s = look_every_s
        self._line = Line()
        self._seats: dict[tuple[str, int], RaySeat] = {}
        self._living: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    @property
    def capacity(self) -> int:
        """How many dreams can run at once: it follows the cluster."""
        return sum(seat.ready.is_set() for seat in self._seats.values())

    @property
    def speed(self) -> float | None:
        """GFLOP a second that one worker manages, as measured; None before the first measurement."""
        return mean_speed(self.workers)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Every worker that answers, as it was last told."""
        return tuple(seat.worker for seat in self._seats.values() if seat.ready.is_set())

    async def start(self) -> None:
        """Join the cluster and start a worker a device; returns when the first one answers. Raises PoolError."""
        await self._check_address()
        try:
            # In a thread: it takes a second, and in the main thread Ray would put a handler of its own over SIGTERM's.
            await asyncio.to_thread(_join, self._address)
        except (ConnectionError, RuntimeError, ValueError, RayError) as error:
            log.debug("ray.init failed", exc_info=error)
            raise PoolError(NO_CLUSTER.format(address=self._address)) from error
        await self._look()
        self._looking = asyncio.create_task(self._keep_looking(), name="nodes of the cluster")
        answers = [asyncio.create_task(seat.ready.wait()) for seat in self._seats.values()]
        if answers:
            await asyncio.wait(answers, timeout=FIRST_WORKER_S, return_when=asyncio.FIRST_COMPLETED)
        for one in answers:
            one.cancel()

    async def _check_address(self) -> None:
        """Look whether anything answers there: Ray itself asks for minutes."""
        host, colon, port = self._address.rpartition(":")
        if not colon:
            return
        try:
            async with asyncio.timeout(ANSWER_S):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
        except (OSError, TimeoutError) as error:
            raise PoolError(NO_CLUSTER.format(address=self._address)) from error

    async def stop(self) -> None:
        """End every worker and leave the cluster; dreams under way end with ``Lost("stopped", strike=False)``."""
        tasks = [*self._living.values(), *([self._looking] if self._looking is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._line.close()
        for seat in self._seats.values():
            seat.end()
        self._seats.clear()
        await asyncio.to_thread(ray.shutdown)

    def dream(self, work: Work) -> AsyncGenerator[Event, None]:
        """Dream, as soon as a worker is free. Yields events as they come; the last one is an Outcome, always."""
        return self._line.dream(work)

    def cancel(self, job_id: int) -> None:
        """Ask for a dream to end: at once if it waits, else between two steps; a deaf worker is killed."""
        self._line.cancel(job_id)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self._look_every_s)
            try:
                await self._look()
            except Exception:
                log.exception("the cluster's nodes could not be looked at")

    async def _look(self) -> None:
        """Have an actor wherever there is a device, and let go of those whose nodes are gone."""
        nodes = await asyncio.to_thread(ray.nodes)
        there = {(place.node_id, place.number): place for node in nodes for place in _places(node)}
        for key in self._seats.keys() - there.keys():
            await self._leave(key)
        for key, place in there.items():
            if self._living.get(key) is None and (self._most is None or len(self._living) < self._most):
                self._enter(key, place, sum(other.node_id == place.node_id for other in there.values()))

    def _enter(self, key: tuple[str, int], place: Place, on_node: int) -> None:
        threads = self._limits.threads or max(1, int(place.cpus))
        limits = replace(self._limits, threads=threads, memory_share=WORKERS_SHARE / on_node)
        seat = RaySeat(self._line, place, planned(place.device, limits, self._run), self._run.patience)
        self._seats[key] = seat
        task = asyncio.create_task(seat.live(), name=f"seat on {place.address}")
        self._living[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: tuple[str, int], task: asyncio.Task[None]) -> None:
        """A seat lives until its node is gone; the next look sets one up again where the node is still there."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("a seat of the pool failed", exc_info=error)
        if self._living.get(key) is task:
            del self._living[key]
            self._seats.pop(key).end()

    async def _leave(self, key: tuple[str, int]) -> None:
        seat, task = self._seats.pop(key), self._living.pop(key)
        log.warning("node %s has left the cluster", seat.place.address)
        seat.parting = Lost("died", strike=False)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        seat.end()


def _join(address: str) -> None:
    logging.getLogger("ray._private.worker").setLevel(logging.ERROR)  # it warns that our SIGTERM stays ours
    ray.init(address=address, namespace="oneiros", log_to_driver=False, configure_logging=False)


def _places(node: Mapping[str, Any]) -> list[Place]:
    """Return where actors go on a node: one a GPU; where it has none, one on all of its CPUs that Ray may use."""
    if not node["Alive"]:
        return []
    resources: Mapping[str, float] = node["Resources"]
    node_id, address = node["NodeID"], node["NodeManagerAddress"]
    gpus, cpus = int(resources.get("GPU", 0)), int(resources.get("CPU", 0))
    if gpus:
        # Ray shows each its own GPU, as the only one. No CPU is asked for: a node may be started with none.
        return [Place(node_id, address, number, "cuda:0", cpus=0, gpus=1) for number in range(gpus)]
    return [Place(node_id, address, 0, "cpu", cpus=cpus, gpus=0)] if cpus else []
