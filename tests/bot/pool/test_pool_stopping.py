"""How every pool ends."""

from __future__ import annotations

import asyncio
import os

import pytest
from pools import acts, end_of, events, pid_in, pool_of, soon, wait_for_end

from bot.pool.interface import Lost


@pytest.mark.parametrize("kind", ["local", "ray"])
async def test_stopping_ends_every_dream_without_a_strike(kind: str, request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue("cluster") if kind == "ray" else None
    async with pool_of(cluster) as pool:
        running = pool.dream(acts("progress", "wait", job_id=1))
        pid = pid_in(await soon(anext(running)))
        gone = asyncio.get_running_loop().run_in_executor(None, wait_for_end, os.pidfd_open(pid))
        waiting = asyncio.ensure_future(anext(pool.dream(acts("dream", job_id=2))))
        await asyncio.sleep(0)
        await soon(pool.stop())
        assert await soon(end_of(running)) == Lost("stopped", strike=False)
        assert await soon(waiting) == Lost("stopped", strike=False)
        assert await events(pool, acts("dream")) == [Lost("stopped", strike=False)]
        assert await soon(gone)
