"""The processes that run under a bot: found, killed, held still, and let go a little."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Collection
from pathlib import Path

import psutil

# What a held worker computes at a time: little of the smallest dream, whatever the machine (each of its steps costs a
# millisecond beside the arithmetic).
PULSE_S, LONGEST_PULSE_S = 0.02, 0.5
SHOWN_S = 0.3  # by when an event of a worker is in the chat, edits being 0.2 s apart


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []


def command_line(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def send(number: signal.Signals, workers: Collection[int]) -> None:
    """Send a signal to those workers that are still there."""
    for pid in workers:
        if "bot.pool.worker" in command_line(pid):
            os.kill(pid, number)


def computed_s(pid: int) -> float:
    """Return how long a process has computed."""
    fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def keep_to_a_core(pid: int) -> None:
    """Where processes test side by side, give a bot that was just started, and its workers, the core of this one.

    A worker with a thread a core waits for each of them; where others use the cores too, that takes five to ten times
    as long.
    """
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if number and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(pid, {cores[int(number) % len(cores)]})


async def go_on(workers: Collection[int]) -> None:
    """Let held workers compute a little, again and again, with time in between for it to be shown."""
    while True:
        before_s = sum(map(computed_s, workers))
        send(signal.SIGCONT, workers)
        with contextlib.suppress(TimeoutError):  # it waits for something, or for the machine
            async with asyncio.timeout(LONGEST_PULSE_S):
                while sum(map(computed_s, workers)) - before_s < PULSE_S:
                    await asyncio.sleep(0.002)
        send(signal.SIGSTOP, workers)
        await asyncio.sleep(SHOWN_S)
