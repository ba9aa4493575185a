"""The pool of this machine: what it alone does, beside what every pool promises."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from pools import FAKE, QUICK, acts, events, outcome, pid_in, pool_of, soon, wait_for_end, worker_of

from bot.pool.interface import Cancelled, Dreamed, Lost, Progress
from bot.pool.local import Limits, Run
from bot.pool.process import MIBI, Patience

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads Linux's /proc")


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def in_thread(blocking: object, *arguments: object) -> asyncio.Future[object]:
    return asyncio.get_running_loop().run_in_executor(None, blocking, *arguments)  # type: ignore[arg-type]


async def test_a_worker_gets_more_time_for_a_dearer_dream() -> None:
    # 0.05 s of silence would end it; what one step should take at the fake's 100 GFLOP/s, times a million, does not.
    patience = Patience(silence_s=0.05, slowness=1e6, cancel_s=5)
    async with pool_of(run=Run(FAKE, patience)) as pool:
        await worker_of(pool)
        dream = pool.dream(acts("progress", "wait for cancel"))
        assert isinstance(await soon(anext(dream)), Progress)
        asyncio.get_running_loop().call_later(0.3, pool.cancel, 1)
        assert await soon(anext(dream)) == Cancelled()


async def seen(condition: Callable[[], bool]) -> None:
    """Wait for what the pool tells of by itself."""

    async def look() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    await soon(look())


async def test_a_worker_that_is_held_or_killed_is_not_ready_until_it_goes_on_or_another_one_is_there() -> None:
    async with pool_of() as pool:
        assert not pool.workers[0].ready
        pid = await worker_of(pool)
        assert (pool.workers[0].ready, pool.workers[0].starts) == (True, 1)
        os.kill(pid, signal.SIGSTOP)
        await seen(lambda: not pool.workers[0].ready)
        os.kill(pid, signal.SIGCONT)
        await seen(lambda: pool.workers[0].ready)
        os.kill(pid, signal.SIGKILL)
        await seen(lambda: pool.workers[0].starts == 2 and pool.workers[0].ready)
        assert pool.workers[0].pid != pid


async def test_two_devices_dream_at_once() -> None:
    async with pool_of(workers=2) as pool:
        assert pool.capacity == 2
        one = pool.dream(acts("progress", "wait for cancel", job_id=1))
        other = pool.dream(acts("progress", "wait for cancel", job_id=2))
        assert pid_in(await soon(anext(one))) != pid_in(await soon(anext(other)))
        await one.aclose()
        await other.aclose()


async def test_a_worker_killed_while_half_a_large_event_is_on_its_way_loses_nothing_of_the_next_dream(
    tmp_path: Path,
) -> None:
    tell = tmp_path / "tell"
    os.mkfifo(tell)
    async with pool_of(run=Run((*FAKE, "--tell", str(tell)), QUICK)) as pool:
        dream = pool.dream(acts("progress", "half a large event"))
        begun = pid_in(await soon(anext(dream)))
        # 32 MB have gone through the pipe when the worker says so: we are in the midst of reading its frame.
        assert int(str(await soon(in_thread(tell.read_text)))) == begun
        os.kill(begun, signal.SIGKILL)
        assert await soon(anext(dream)) == Lost("died", strike=True)
        *before, dreamed = await events(pool, acts("progress", "dream"))
        assert [type(event) for event in before] == [Progress]
        assert isinstance(dreamed, Dreamed)
        assert int(dreamed.picture) != begun


async def test_a_worn_worker_dreams_on_until_its_successor_is_ready(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    limits = Limits(threads=1, recycle_after=2)
    async with pool_of(limits=limits, run=Run((*FAKE, "--gate", str(gate)), QUICK)) as pool:
        first = await worker_of(pool)
        assert [await worker_of(pool) for _ in range(5)] == [first] * 5  # worn after two
        gone = in_thread(wait_for_end, os.pidfd_open(first))
        await soon(in_thread(gate.write_text, "come"))
        assert await soon(gone)
        assert await worker_of(pool) != first


async def test_a_worker_in_which_memory_leaks_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    limits = Limits(threads=1, memory_bytes=300 * MIBI)
    async with pool_of(limits=limits) as pool:
        first = await worker_of(pool)
        gone = in_thread(wait_for_end, os.pidfd_open(first))
        await outcome(pool, acts("leak", "dream"))
        assert await soon(gone)
        assert await worker_of(pool) != first


async def test_where_memory_is_too_short_for_two_the_worn_worker_ends_first_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    full = psutil.virtual_memory()._replace(available=1)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: full)
    caplog.set_level(logging.WARNING)
    async with pool_of(limits=Limits(threads=1, memory_bytes=300 * MIBI, recycle_after=1)) as pool:
        assert await worker_of(pool) != await worker_of(pool)
    assert "is ended before another one starts" in caplog.text


async def test_a_worker_that_dies_at_start_is_tried_again(tmp_path: Path) -> None:
    note = tmp_path / "deaths"
    note.write_text("4")
    async with pool_of(run=Run((*FAKE, "--dies-at-start", str(note)), QUICK)) as pool:
        assert isinstance(await outcome(pool, acts("dream")), Dreamed)


async def test_speed_is_that_of_the_trial_before_the_first_dream() -> None:
    async with pool_of() as pool:
        assert pool.speed is None
        await outcome(pool, acts("refuse"))
        assert pool.speed == 100.0


@needs_proc
async def test_a_worker_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCORD_TOKEN", "DATABASE_URL", "RAY_AUTH_TOKEN"):
        monkeypatch.setenv(name, "hunter2")
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
            assert await outcome(pool, acts("progress", "half an event")) == Lost("died", strike=True)
        last = await worker_of(pool)
        assert descriptors() == before
    assert last != first
    assert not is_there(last)


async def show_a_worker() -> None:
    """Print the process id of a worker that dreams for ever: run in a process that is killed."""
    async with pool_of() as pool:
        async for event in pool.dream(acts("progress", "wait")):
            sys.stdout.write(f"{pid_in(event)}\n")
            sys.stdout.flush()


BOT = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
import test_pool_local
asyncio.run(test_pool_local.show_a_worker())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for the end of a process that is not its child")
def test_a_worker_does_not_outlive_a_bot_that_was_killed() -> None:
    command = [sys.executable, "-c", BOT, str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as bot:
        assert bot.stdout is not None
        worker = os.pidfd_open(int(bot.stdout.readline()))
        bot.kill()
        assert wait_for_end(worker)
