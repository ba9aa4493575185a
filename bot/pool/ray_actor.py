"""What runs on the nodes of a Ray cluster: an actor a device, which keeps one worker process as the local pool does.

The actor itself loads no torch and decodes no picture: it starts the worker, watches it and passes its frames on. Only
JSON and the bytes of pictures cross the cluster.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import AsyncGenerator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bot.children import frames
from bot.children.frames import Frame
from bot.pool import wire
from bot.pool.interface import FilmWork, Work, Worker
from bot.pool.local import Limits, LocalPool, Run
from bot.pool.process import Patience
from bot.pool.ticket import Ticket

BEGUN = "begun"
WORKER = "worker"  # the kind of the frame that tells of the worker


class RayActor:
    """One seat of a Ray cluster. ``plan`` is JSON: what ``planned`` wrote."""

    def __init__(self, plan: str) -> None:
        given: dict[str, Any] = json.loads(plan)
        patience = Patience(**given["patience"])
        self._pool = LocalPool([given["device"]], Limits(**given["limits"]), Run(tuple(given["program"]), patience))
        self._started = False

    async def hello(self) -> bytes:
        """Start the worker, once. Returns a frame with this package's version and our process."""
        if not self._started:
            self._started = True
            await self._pool.start()
        return packed(Frame("hello", {"version": own_version(), "pid": os.getpid()}))

    async def dream(
        self, order: str, picture: bytes, guide: bytes | None, mask: bytes | None
    ) -> AsyncGenerator[bytes, None]:
        """Dream; yields *begun*, then events as frames, the last one an outcome with the worker told of before it."""
        yield packed(Frame(BEGUN))
        given: dict[str, Any] = json.loads(order)
        film = None if given["film"] is None else FilmWork(**given["film"])
        work = Work(given["job_id"], given["attempt"], given["recipe"], picture, guide, mask, film)
        events = self._pool.line.follow(Ticket(work, given["network"], given["cost"], given["steps"]))
        async for event in events:
            yield packed(Frame(WORKER, asdict(*self._pool.workers)))
            yield packed(wire.frame_of(event))

    async def cancel(self, job_id: int) -> None:
        """Cancel a job's dream."""
        self._pool.cancel(job_id)


def planned(device: str, limits: Limits, run: Run) -> str:
    """Write an actor's plan as JSON."""
    fields = {"device": device, "limits": asdict(limits), "program": list(run.program)}
    return json.dumps({**fields, "patience": asdict(run.patience)})


def ordered(ticket: Ticket) -> str:
    """Write all of a ticket but its pictures as JSON."""
    work = ticket.work
    film = None if work.film is None else asdict(work.film)
    fields = {"job_id": work.job_id, "attempt": work.attempt, "recipe": work.recipe, "film": film}
    return json.dumps({**fields, "network": ticket.network, "cost": ticket.cost, "steps": ticket.steps})


def packed(frame: Frame) -> bytes:
    """Write a frame as one value: bytes, which Ray hands over as they are."""
    return frames.pack(frame) + frame.body


def unpacked(data: object) -> Frame:
    """Read a frame. Raises FrameError or EOFError for anything else."""
    if not isinstance(data, bytes):
        raise frames.FrameError("no bytes")
    return frames.read(io.BytesIO(data))


def worker_of(frame: Frame, node: str) -> Worker:
    """Read what was told of a worker on ``node``. Raises FrameError."""
    pid, speed = frame.fields.get("pid"), frame.fields.get("speed")
    return Worker(
        device=f"{frame.text('device')} on {node}",
        pid=None if pid is None else frame.integer("pid"),
        memory_bytes=frame.integer("memory_bytes"),
        networks=frame.texts("networks"),
        speed=None if speed is None else frame.number("speed"),
        dreams=frame.integer("dreams"),
        starts=frame.integer("starts"),
        gpu_bytes=frame.integer("gpu_bytes"),
    )


def own_version() -> str:
    """Return this package's version: the nodes of a cluster must have the same."""
    try:
        return version("oneiros")
    except PackageNotFoundError:  # run from a folder that was not installed
        return "unknown"
