"""Both pools, made alike, and what the tests ask of them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import select
import struct
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image
from ray_cluster import RayCluster

from bot.pool.interface import Dreamed, Event, Outcome, Pool, Progress, Work
from bot.pool.local import Limits, LocalPool, Run
from bot.pool.process import Patience
from engine.recipe import Recipe

ROOT = Path(__file__).parents[3]
FAKE = (str(Path(__file__).with_name("fake_worker.py")),)
QUICK = Patience(ready_s=60, silence_s=20, slowness=0, cancel_s=0.2, longest_pause_s=0.1, look_s=0.05)
ONE_THREAD = Limits(threads=1)
WAIT_S = 60
T = TypeVar("T")


@asynccontextmanager
async def pool_of(
    cluster: RayCluster | None = None, *, workers: int = 1, limits: Limits = ONE_THREAD, run: Run | None = None
) -> AsyncIterator[Pool]:
    """Run a pool of this machine, or of a ``cluster``."""
    pool: Pool
    run = run or Run(FAKE, QUICK)
    if cluster is None:
        pool = LocalPool(["cpu"] * workers, limits, run)
    else:
        from bot.pool.ray_pool import RayPool

        pool = RayPool(cluster.address, limits, run, most=workers, look_every_s=0.2)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def acts(*acts: str, job_id: int = 1) -> Work:
    """Return a dream that has the fake worker do these."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 96, 64)
    return Work(job_id, 1, Recipe(network="lite0").to_json(), head + json.dumps(acts).encode())


async def soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, WAIT_S)


async def events(pool: Pool, work: Work) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in pool.dream(work)]

    return await soon(collect())


async def outcome(pool: Pool, work: Work) -> Event:
    return (await events(pool, work))[-1]


async def end_of(dream: AsyncIterator[Event]) -> Event:
    """Follow a dream to its outcome."""
    async for event in dream:
        if isinstance(event, Outcome):
            return event
    raise AssertionError("no outcome")


async def worker_of(pool: Pool) -> int:
    """Have the fake worker tell its process id."""
    dreamed = await outcome(pool, acts("dream"))
    assert isinstance(dreamed, Dreamed)
    return int(dreamed.picture)


def pid_in(event: Event) -> int:
    """Read it from its progress."""
    assert isinstance(event, Progress)
    assert event.preview is not None
    return int(event.preview)


def wait_for_end(process: int) -> bool:
    """Wait for a process, given as a descriptor (``os.pidfd_open``), to end; blocks."""
    try:
        return bool(select.select([process], [], [], WAIT_S)[0])
    finally:
        os.close(process)


def photo(width: int = 96, height: int = 72) -> bytes:
    """Return a picture as the intake hands it on, for workers that really dream."""
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    rgb = np.stack([across, down, 0.5 + 0.5 * np.sin(20 * across * down)], axis=-1)
    file = io.BytesIO()
    Image.fromarray((rgb * 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
