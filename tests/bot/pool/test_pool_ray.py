"""The pool of a Ray cluster, on a real one of two nodes: actors and nodes that come and go while dreams run."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import psutil
import pytest
from pools import ROOT, WAIT_S, acts, end_of, outcome, pid_in, pool_of, soon, worker_of
from ray_cluster import RayCluster

from bot.pool.interface import Cancelled, Dreamed, Event, Lost, Pool, PoolError

JOBS = 50


@pytest.fixture
async def pool(cluster: RayCluster) -> AsyncIterator[Pool]:
    async with pool_of(cluster, workers=3) as made:
        await until(lambda: made.capacity == 2)
        yield made


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody tells of."""
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.02)


def actor_of(worker: int) -> int:
    """Return the process of the actor that a worker belongs to."""
    parent = psutil.Process(worker).parent()
    assert parent is not None
    assert "RayActor" in " ".join(parent.cmdline())
    return parent.pid


async def dream_all(pool: Pool, jobs: int, ends: list[Dreamed | Lost]) -> None:
    """Dream ``jobs`` jobs as the queue does it: those that are lost again, as many at once as there is room for."""
    room = asyncio.Semaphore(4)

    async def one(job_id: int) -> None:
        ended: Event | None = None
        while not isinstance(ended, Dreamed):
            async with room:
                ended = await outcome(pool, acts("progress", "dream slowly", job_id=job_id))
            assert isinstance(ended, Dreamed | Lost)
            ends.append(ended)

    await asyncio.gather(*(one(job_id) for job_id in range(1, jobs + 1)))


async def test_fifty_dreams_end_well_while_an_actor_and_a_node_die_and_another_node_joins(
    pool: Pool, cluster: RayCluster
) -> None:
    ends: list[Dreamed | Lost] = []
    dreaming = asyncio.ensure_future(dream_all(pool, JOBS, ends))
    extra = cluster.add()  # not in a thread: Ray sets a handler for a signal
    await until(lambda: pool.capacity == 3 and all(worker.pid for worker in pool.workers))
    os.kill(actor_of(min(worker.pid or 0 for worker in pool.workers)), signal.SIGKILL)
    seen = len(ends)
    await until(lambda: len(ends) >= seen + 5)
    cluster.cut(extra)
    assert not dreaming.done()
    await asyncio.wait_for(dreaming, WAIT_S)
    lost = [end for end in ends if isinstance(end, Lost)]
    assert len(ends) - len(lost) == JOBS
    assert len(lost) <= 2, "one under the actor and one on the node, if they had one just then"
    assert not any(end.strike for end in lost), "a machine that leaves is no dream's fault"
    await until(lambda: pool.capacity == 2)


async def test_a_node_that_is_shut_down_loses_its_dream_without_a_strike(pool: Pool, cluster: RayCluster) -> None:
    extra = cluster.add()
    await until(lambda: pool.capacity == 3)
    dreams = [pool.dream(acts("progress", "wait", job_id=job_id)) for job_id in (1, 2, 3)]
    await soon(asyncio.gather(*(anext(dream) for dream in dreams)))
    await asyncio.to_thread(cluster.remove, extra)
    ends = [asyncio.ensure_future(end_of(dream)) for dream in dreams]
    done, waiting = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED, timeout=WAIT_S)
    assert [one.result() for one in done] == [Lost("died", strike=False)]
    for job_id in (1, 2, 3):
        pool.cancel(job_id)
    await soon(asyncio.gather(*waiting))
    await until(lambda: pool.capacity == 2)


async def test_an_actor_that_dies_while_idle_is_no_dreams_fault(pool: Pool) -> None:
    first = await worker_of(pool)
    os.kill(actor_of(first), signal.SIGKILL)
    pids = {await worker_of(pool) for _ in range(4)}
    assert first not in pids


async def test_an_actor_that_is_deaf_to_cancel_is_restarted(pool: Pool) -> None:
    dream = pool.dream(acts("progress", "wait for cancel", job_id=7))
    actor = actor_of(pid_in(await soon(anext(dream))))
    os.kill(actor, signal.SIGSTOP)
    pool.cancel(7)
    assert await soon(end_of(dream)) == Cancelled()
    assert not psutil.pid_exists(actor) or psutil.Process(actor).status() == psutil.STATUS_ZOMBIE


async def test_the_worker_knows_neither_the_clusters_token_nor_where_it_is(pool: Pool) -> None:
    worker = await worker_of(pool)
    assert os.environ["RAY_AUTH_TOKEN"]
    seen = psutil.Process(worker).environ()
    assert not [name for name in seen if name.startswith("RAY_")]
    assert os.environ["RAY_AUTH_TOKEN"] not in seen.values()


async def test_a_bot_takes_no_more_workers_than_it_may(cluster: RayCluster) -> None:
    async with pool_of(cluster, workers=1) as pool:
        await worker_of(pool)
        assert pool.capacity == 1


START = """
import asyncio, sys
from bot.pool.ray_pool import RayPool
from bot.pool.interface import PoolError
try:
    asyncio.run(RayPool(sys.argv[1]).start())
except PoolError as error:
    print(error)
    sys.exit(3)
"""


def test_a_cluster_with_another_token_is_told_in_a_sentence(cluster: RayCluster) -> None:
    ours = "0" * 64
    surroundings = {**os.environ, "RAY_AUTH_TOKEN": ours, "RAY_NUM_REDIS_GET_RETRIES": "1"}  # of 20, a second each
    done = subprocess.run(
        [sys.executable, "-c", START, cluster.address],
        env=surroundings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 3, done.stderr
    assert "RAY_AUTH_TOKEN_PATH" in done.stdout
    assert ours not in done.stdout + done.stderr


async def test_where_there_is_no_cluster_that_is_told_in_a_sentence(ray_installed: None) -> None:
    from bot.pool.ray_pool import RayPool

    with pytest.raises(PoolError, match=r"There is no Ray cluster at 127\.0\.0\.1:9: start one"):
        await RayPool("127.0.0.1:9").start()


def test_nothing_of_ray_is_loaded_unless_it_is_asked_for() -> None:
    code = "import sys, bot.app, bot.__main__; sys.exit(bool({'ray', 'torch'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_the_bots_side_and_the_actor_load_no_torch(ray_installed: None) -> None:
    code = "import sys, bot.pool.ray_pool, bot.pool.ray_actor; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
