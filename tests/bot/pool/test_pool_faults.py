"""What every pool promises when workers misbehave: the same tests over this machine's and a Ray cluster's.

The worker speaks the real frames, and does what it is told instead of dreaming (``fake_worker``).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pools import FAKE, ROOT, acts, events, outcome, pid_in, pool_of, soon, wait_for_end, worker_of

from bot.pool.interface import Cancelled, Dreamed, Lost, Pool, Progress, Refused, Work
from bot.pool.local import Limits, Run
from bot.pool.process import MIBI, Patience
from engine.recipe import Recipe

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = Patience(ready_s=60, silence_s=3, slowness=0, cancel_s=0.2, longest_pause_s=0.1, look_s=0.05)
LIMITS = Limits(threads=1, memory_bytes=300 * MIBI)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local", "ray"])
async def pool(request: pytest.FixtureRequest) -> AsyncIterator[Pool]:
    """One worker that does as it is told."""
    cluster = request.getfixturevalue("cluster") if request.param == "ray" else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        async with pool_of(cluster, limits=LIMITS, run=Run(FAKE, PATIENCE)) as made:
            yield made


async def test_one_worker_is_kept_from_dream_to_dream(pool: Pool) -> None:
    assert await worker_of(pool) == await worker_of(pool)


@pytest.mark.parametrize("act", ["half an event", "nonsense"])
async def test_a_worker_that_breaks_costs_its_dream_a_strike_and_the_next_dream_nothing(pool: Pool, act: str) -> None:
    first = await worker_of(pool)
    assert await outcome(pool, acts("progress", act)) == Lost("died", strike=True)
    assert await worker_of(pool) != first


async def test_a_worker_killed_in_mid_dream_is_replaced(pool: Pool) -> None:
    dream = pool.dream(acts("progress", "wait"))
    pid = pid_in(await soon(anext(dream)))
    os.kill(pid, signal.SIGKILL)
    assert await soon(anext(dream)) == Lost("died", strike=True)
    assert await worker_of(pool) != pid


async def test_a_worker_killed_while_idle_is_no_dreams_fault(pool: Pool) -> None:
    first = await worker_of(pool)
    gone = asyncio.get_running_loop().run_in_executor(None, wait_for_end, os.pidfd_open(first))
    os.kill(first, signal.SIGKILL)
    await soon(gone)
    assert await worker_of(pool) != first


@pytest.mark.parametrize(("act", "cause"), [("wait", "hung"), ("take memory", "memory"), ("memory", "memory")])
async def test_a_worker_that_hangs_or_takes_too_much_memory_is_replaced(pool: Pool, act: str, cause: str) -> None:
    first = await worker_of(pool)
    lost = await outcome(pool, acts(act))
    assert isinstance(lost, Lost)
    assert (lost.cause, lost.strike) == (cause, True)
    assert await worker_of(pool) != first


async def test_what_the_engine_refuses_is_told_in_its_sentence(pool: Pool) -> None:
    assert await events(pool, acts("refuse")) == [Refused("This cannot be dreamed.")]


async def test_a_recipe_that_cannot_be_read_is_refused_before_a_worker_sees_it(pool: Pool) -> None:
    (refused,) = await events(pool, Work(1, 1, '{"octaves": 99}', acts().picture))
    assert isinstance(refused, Refused)
    assert "octaves" in refused.sentence


async def test_cancel_ends_a_dream_between_steps_and_keeps_the_worker(pool: Pool) -> None:
    first = await worker_of(pool)
    dream = pool.dream(acts("progress", "wait for cancel", job_id=7))
    await soon(anext(dream))
    pool.cancel(6)  # somebody else's
    pool.cancel(7)
    pool.cancel(7)
    assert await soon(anext(dream)) == Cancelled()
    assert await worker_of(pool) == first


async def test_a_worker_deaf_to_cancel_is_killed(pool: Pool) -> None:
    first = await worker_of(pool)
    dream = pool.dream(acts("progress", "wait", job_id=7))
    await soon(anext(dream))
    pool.cancel(7)
    assert await soon(anext(dream)) == Cancelled()
    assert await worker_of(pool) != first


async def test_a_waiting_dream_is_cancelled_at_once(pool: Pool) -> None:
    running = pool.dream(acts("progress", "wait for cancel", job_id=1))
    await soon(anext(running))
    waiting = asyncio.ensure_future(anext(pool.dream(acts("dream", job_id=2))))
    await asyncio.sleep(0)  # it takes its place in the line
    pool.cancel(2)
    assert await soon(waiting) == Cancelled()
    pool.cancel(1)
    assert await soon(anext(running)) == Cancelled()
    assert isinstance(await outcome(pool, acts("dream", job_id=3)), Dreamed)


async def test_who_stops_listening_frees_the_worker(pool: Pool) -> None:
    first = await worker_of(pool)
    dream = pool.dream(acts("progress", "wait for cancel"))
    await soon(anext(dream))
    await dream.aclose()
    assert await worker_of(pool) == first


async def test_dreams_wait_for_a_free_worker_in_order(pool: Pool) -> None:
    ended: list[int] = []

    async def follow(job_id: int) -> None:
        await events(pool, acts("progress", "dream", job_id=job_id))
        ended.append(job_id)

    await soon(asyncio.gather(*(follow(job_id) for job_id in range(10))))
    assert ended == list(range(10))


async def test_a_stray_print_harms_nothing(pool: Pool) -> None:
    told = await events(pool, acts("print", "progress", "print", "dream"))
    assert [type(event) for event in told] == [Progress, Dreamed]


async def test_speed_follows_what_dreams_take(pool: Pool) -> None:
    await worker_of(pool)
    before = pool.speed
    assert before is not None
    await worker_of(pool)
    cost = Recipe(network="lite0").cost(96, 64)
    assert pool.speed == pytest.approx(0.7 * before + 0.3 * cost / 0.001)


async def test_events_come_as_they_happen_and_the_outcome_last(pool: Pool) -> None:
    *before, last = await events(pool, acts("progress", "progress", "dream"))
    assert [type(event) for event in before] == [Progress, Progress]
    assert isinstance(before[0], Progress)
    assert (before[0].octave, before[0].octaves, before[0].fraction) == (1, 2, 0.5)
    assert isinstance(last, Dreamed)
    assert (last.width, last.height) == (96, 64)
    assert '"lite0"' in last.fingerprint.replace("\\", "")
