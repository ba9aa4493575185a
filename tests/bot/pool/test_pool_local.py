"""The pool of this machine: every dream ends in one outcome, whatever happens to the worker that has it."""

import asyncio
import json
import os
import select
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from bot.pool.interface import Cancelled, Dreamed, Event, Lost, Progress, Refused, Work
from bot.pool.local import Limits, LocalPool, Run
from bot.pool.process import Patience
from engine.recipe import Recipe

ROOT = Path(__file__).parents[3]
FAKE = (str(Path(__file__).with_name("fake_worker.py")),)
QUICK = Patience(ready_s=20, silence_s=20, slowness=0, cancel_s=0.2, longest_pause_s=0.1, look_s=0.05)
WAIT_S = 20
T = TypeVar("T")

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads Linux's /proc")


@asynccontextmanager
async def pool_of(
    *devices: str, program: tuple[str, ...] = FAKE, patience: Patience = QUICK
) -> AsyncIterator[LocalPool]:
    pool = LocalPool(devices or ("cpu",), Limits(threads=1), Run(program, patience))
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def work(*acts: str, job_id: int = 1) -> Work:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 96, 64)
    return Work(job_id, 1, Recipe(network="lite0").to_json(), head + json.dumps(acts).encode())


async def soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, WAIT_S)


async def events(pool: LocalPool, *acts: str, job_id: int = 1) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in pool.dream(work(*acts, job_id=job_id))]

    return await soon(collect())


async def worker_of(pool: LocalPool) -> int:
    """Have the worker tell its process id."""
    (dreamed,) = await events(pool, "dream")
    assert isinstance(dreamed, Dreamed)
    return int(dreamed.picture)


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_events_come_as_they_happen_and_the_outcome_last() -> None:
    async with pool_of() as pool:
        *before, outcome = await events(pool, "progress", "progress", "dream")
    assert [type(event) for event in before] == [Progress, Progress]
    assert isinstance(before[0], Progress)
    assert (before[0].octave, before[0].octaves, before[0].fraction) == (1, 2, 0.5)
    assert isinstance(outcome, Dreamed)
    assert (outcome.width, outcome.height) == (96, 64)
    assert '"lite0"' in json.loads(outcome.fingerprint)["recipe"]


async def test_one_worker_is_kept_from_dream_to_dream() -> None:
    async with pool_of() as pool:
        assert await worker_of(pool) == await worker_of(pool)


@pytest.mark.parametrize("act", ["half an event", "nonsense"])
async def test_a_worker_that_breaks_costs_its_dream_a_strike_and_the_next_dream_nothing(act: str) -> None:
    async with pool_of() as pool:
        first = await worker_of(pool)
        assert (await events(pool, "progress", act))[-1] == Lost("died", strike=True)
        assert await worker_of(pool) != first


async def test_a_worker_killed_in_mid_dream_is_replaced() -> None:
    async with pool_of() as pool:
        dream = pool.dream(work("progress", "wait"))
        event = await soon(anext(dream))
        assert isinstance(event, Progress)
        assert event.preview is not None
        os.kill(int(event.preview), signal.SIGKILL)
        assert await soon(anext(dream)) == Lost("died", strike=True)
        assert await worker_of(pool) != int(event.preview)


async def test_a_worker_killed_while_idle_is_no_dreams_fault() -> None:
    async with pool_of() as pool:
        first = await worker_of(pool)
        gone = asyncio.get_running_loop().run_in_executor(None, _wait_for_end, os.pidfd_open(first))
        os.kill(first, signal.SIGKILL)
        await soon(gone)
        second = await worker_of(pool)
    assert second != first


def _wait_for_end(process: int) -> bool:
    try:
        return bool(select.select([process], [], [], WAIT_S)[0])
    finally:
        os.close(process)


async def test_a_silent_worker_counts_as_hung_and_is_replaced() -> None:
    patience = Patience(silence_s=1.0, slowness=0)
    async with pool_of(patience=patience) as pool:
        first = await worker_of(pool)
        assert await events(pool, "wait") == [Lost("hung", strike=True)]
        assert await worker_of(pool) != first


async def test_a_worker_gets_more_time_for_a_dearer_dream() -> None:
    # 0.05 s of silence would end it; what one step should take at the fake's 100 GFLOP/s, times a million, does not.
    patience = Patience(silence_s=0.05, slowness=1e6, cancel_s=5)
    async with pool_of(patience=patience) as pool:
        await worker_of(pool)
        dream = pool.dream(work("progress", "wait for cancel"))
        assert isinstance(await soon(anext(dream)), Progress)
        asyncio.get_running_loop().call_later(0.3, pool.cancel, 1)
        assert await soon(anext(dream)) == Cancelled()


async def test_out_of_memory_is_a_strike_and_a_fresh_process() -> None:
    async with pool_of() as pool:
        first = await worker_of(pool)
        assert await events(pool, "memory") == [Lost("memory", strike=True)]
        assert await worker_of(pool) != first


async def test_what_the_engine_refuses_is_told_in_its_sentence() -> None:
    async with pool_of() as pool:
        assert await events(pool, "refuse") == [Refused("This cannot be dreamed.")]


async def test_a_recipe_that_cannot_be_read_is_refused_before_a_worker_sees_it() -> None:
    async with pool_of() as pool:
        bad = Work(1, 1, '{"octaves": 99}', work().picture)
        (refused,) = [event async for event in pool.dream(bad)]
    assert isinstance(refused, Refused)
    assert "octaves" in refused.sentence


async def test_cancel_ends_a_dream_between_steps_and_keeps_the_worker() -> None:
    async with pool_of() as pool:
        first = await worker_of(pool)
        dream = pool.dream(work("progress", "wait for cancel", job_id=7))
        await soon(anext(dream))
        pool.cancel(6)  # somebody else's
        pool.cancel(7)
        pool.cancel(7)
        assert await soon(anext(dream)) == Cancelled()
        assert await worker_of(pool) == first


async def test_a_worker_deaf_to_cancel_is_killed() -> None:
    async with pool_of() as pool:
        first = await worker_of(pool)
        dream = pool.dream(work("progress", "wait", job_id=7))
        await soon(anext(dream))
        pool.cancel(7)
        assert await soon(anext(dream)) == Cancelled()
        assert await worker_of(pool) != first


async def test_a_waiting_dream_is_cancelled_at_once() -> None:
    async with pool_of() as pool:
        running = pool.dream(work("progress", "wait for cancel", job_id=1))
        await soon(anext(running))
        waiting = asyncio.ensure_future(anext(pool.dream(work("dream", job_id=2))))
        await asyncio.sleep(0)  # it takes its place in the line
        pool.cancel(2)
        assert await soon(waiting) == Cancelled()
        pool.cancel(1)
        assert await soon(anext(running)) == Cancelled()
        assert len(await events(pool, "dream", job_id=3)) == 1


async def test_who_stops_listening_frees_the_worker() -> None:
    async with pool_of() as pool:
        first = await worker_of(pool)
        dream = pool.dream(work("progress", "wait for cancel"))
        await soon(anext(dream))
        await dream.aclose()
        assert await worker_of(pool) == first


async def test_dreams_wait_for_a_free_worker_in_order() -> None:
    ended: list[int] = []
    async with pool_of() as pool:

        async def follow(job_id: int) -> None:
            await events(pool, "progress", "dream", job_id=job_id)
            ended.append(job_id)

        await soon(asyncio.gather(*(follow(job_id) for job_id in range(10))))
    assert ended == list(range(10))


async def test_two_devices_dream_at_once() -> None:
    async with pool_of("cpu", "cpu") as pool:
        assert pool.capacity == 2
        one = pool.dream(work("progress", "wait for cancel", job_id=1))
        other = pool.dream(work("progress", "wait for cancel", job_id=2))
        first, second = await soon(anext(one)), await soon(anext(other))
        assert isinstance(first, Progress)
        assert isinstance(second, Progress)
        assert first.preview != second.preview
        await one.aclose()
        await other.aclose()


async def test_stopping_ends_every_dream_without_a_strike() -> None:
    pool = LocalPool(["cpu"], Limits(threads=1), Run(FAKE, QUICK))
    await pool.start()
    running = pool.dream(work("progress", "wait", job_id=1))
    event = await soon(anext(running))
    assert isinstance(event, Progress)
    assert event.preview is not None
    waiting = asyncio.ensure_future(anext(pool.dream(work("dream", job_id=2))))
    await asyncio.sleep(0)
    await soon(pool.stop())
    assert await soon(anext(running)) == Lost("stopped", strike=False)
    assert await soon(waiting) == Lost("stopped", strike=False)
    assert await events(pool, "dream") == [Lost("stopped", strike=False)]
    with pytest.raises(ProcessLookupError):
        os.kill(int(event.preview), 0)


async def test_a_stray_print_harms_nothing() -> None:
    async with pool_of() as pool:
        assert [type(event) for event in await events(pool, "print", "progress", "print", "dream")] == [
            Progress,
            Dreamed,
        ]


async def test_speed_is_known_once_a_worker_is_ready_and_follows_what_dreams_take() -> None:
    async with pool_of() as pool:
        assert pool.speed is None
        await events(pool, "progress", "refuse")
        assert pool.speed == 100.0
        await events(pool, "dream")
        cost = Recipe(network="lite0").cost(96, 64)
        assert pool.speed == pytest.approx(0.7 * 100.0 + 0.3 * cost / 0.001)


async def test_a_worker_that_dies_at_start_is_tried_again(tmp_path: Path) -> None:
    note = tmp_path / "deaths"
    note.write_text("4")
    async with pool_of(program=(*FAKE, "--dies-at-start", str(note))) as pool:
        assert isinstance((await events(pool, "dream"))[-1], Dreamed)


@needs_proc
async def test_a_worker_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "hunter2")
    monkeypatch.setenv("DATABASE_URL", "postgresql://hunter2@localhost/")
    async with pool_of() as pool:
        seen = environment_of(await worker_of(pool))
    assert b"OMP_NUM_THREADS=1" in seen
    assert b"hunter2" not in seen


@needs_proc
async def test_twenty_generations_leave_no_descriptor_behind() -> None:
    async with pool_of() as pool:
        first = await worker_of(pool)
        before = descriptors()
        for _ in range(20):
            assert (await events(pool, "progress", "half an event"))[-1] == Lost("died", strike=True)
        last = await worker_of(pool)
        assert descriptors() == before
    assert last != first
    assert not is_there(last)


BOT = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from test_pool_local import pool_of, work

async def main():
    async with pool_of() as pool:
        async for event in pool.dream(work("progress", "wait")):
            print(event.preview.decode(), flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for the end of a process that is not its child")
def test_a_worker_does_not_outlive_a_bot_that_was_killed() -> None:
    command = [sys.executable, "-c", BOT, str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as bot:
        assert bot.stdout is not None
        worker = os.pidfd_open(int(bot.stdout.readline()))
        bot.kill()
        assert _wait_for_end(worker)
