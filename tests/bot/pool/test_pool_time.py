"""What the system holds a dream to where nobody watches it: real workers, on this machine and in a Ray cluster."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import tiny_networks
from pools import end_of, photo, pool_of
from tiny_networks import recipe

from bot.pool.interface import Dreamed, Event, Lost, Pool, Work
from bot.pool.local import Limits, LocalPool, Run
from bot.pool.process import MIBI, Patience

LIMITS = Limits(threads=1, memory_bytes=1600 * MIBI)
# The bot's own watch is off: it would wait for eleven days.
PATIENCE = Patience(silence_s=1e6, slowness=0, cpu_s=2)
WAIT_S = 120  # a worker's first dream waits for torch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the system bounds no processor time")


@pytest.fixture(params=["local", "ray"])
async def pool(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pool]:
    tiny_networks.offer()
    cluster = request.getfixturevalue("cluster") if request.param == "ray" else None
    run = Run((str(Path(__file__).with_name("tiny_worker.py")), str(tmp_path)), PATIENCE)
    async with pool_of(cluster, workers=2, limits=LIMITS, run=run) as made:
        yield made


def work(network: str, job_id: int, **fields: object) -> Work:
    return Work(job_id, 1, recipe(network, **fields).to_json(), photo())


async def outcome(pool: Pool, asked: Work) -> Event:
    return await asyncio.wait_for(end_of(pool.dream(asked)), WAIT_S)


async def test_what_computes_for_ever_is_ended_by_the_system_and_nobody_else_is_hurt(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    beside = pool.dream(work(tiny_networks.SLOW, 1, octaves=2, steps=150))
    await asyncio.wait_for(anext(beside), WAIT_S)
    assert await outcome(pool, work(tiny_networks.SPINS, 2)) == Lost("time", strike=True)
    assert isinstance(await asyncio.wait_for(end_of(beside), WAIT_S), Dreamed)
    told = [await outcome(pool, work("tiny", job_id)) for job_id in (3, 4)]
    assert all(isinstance(one, Dreamed) for one in told)
    if isinstance(pool, LocalPool):
        assert "tiny_networks.py" in caplog.text, "the log says where it was"
