"""Work that nobody awaits: no error vanishes, and a loop outlives a bad step."""

from __future__ import annotations

import asyncio
import errno

import pytest

from bot.jobs.clock import Clock
from bot.jobs.tasks import AGAIN_S, Loop, Tasks
from bot.store.away import GONE, AwayError


async def test_what_a_task_raises_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def break_down() -> None:
        raise RuntimeError("very odd")

    tasks = Tasks()
    tasks.start(break_down(), "the odd one")
    await tasks.finish(5)
    assert "the odd one ended with an error" in caplog.text
    assert "very odd" in caplog.text


async def test_finishing_waits_then_cancels() -> None:
    tasks, ended = Tasks(), []

    async def wait(gate: asyncio.Event) -> None:
        await gate.wait()
        ended.append("ended")

    gate = asyncio.Event()
    tasks.start(wait(gate), "soon")
    never = tasks.start(wait(asyncio.Event()), "never")
    gate.set()
    await tasks.finish(0.05)
    assert ended == ["ended"]
    assert never.cancelled()


async def test_a_loop_outlives_a_step_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    steps, done = 0, asyncio.Event()

    async def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise RuntimeError("very odd")
        done.set()

    loop = Loop(step, every_s=0.01, clock=Clock(), name="the loop")
    loop.start()
    async with asyncio.timeout(5):
        await done.wait()
    await loop.stop()
    assert "the loop: a step failed" in caplog.text


async def test_a_loop_that_nobody_wakes_does_its_step_again_where_a_part_was_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    steps, done = 0, asyncio.Event()
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise AwayError(GONE)
        if steps == 2:
            raise OSError(errno.EMFILE, "Too many open files")
        done.set()

    loop = Loop(step, every_s=None, clock=Clock(sleep=sleep), name="the loop")
    loop.start()
    async with asyncio.timeout(5):
        await done.wait()
    await loop.stop()
    assert pauses == [AGAIN_S, AGAIN_S]
    assert "the loop waits: the database: it is not reached" in caplog.text
    assert "the loop waits: Too many open files. This machine: see" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_loop_does_its_step_for_a_wake_that_came_during_one() -> None:
    steps: list[int] = []
    gate, second = asyncio.Event(), asyncio.Event()

    async def step() -> None:
        steps.append(len(steps))
        if len(steps) == 1:
            await gate.wait()
        else:
            second.set()

    loop = Loop(step, every_s=None, clock=Clock(), name="the loop")
    loop.start()
    await asyncio.sleep(0)
    loop.wake()
    loop.wake()
    gate.set()
    async with asyncio.timeout(5):
        await second.wait()
    await loop.stop()
    assert steps == [0, 1]
