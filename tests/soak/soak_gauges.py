"""Memory and handles of the bot and its children, over time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median
from typing import Literal

from service_processes import children, command_line

EVERY_S = 2.0
MIB = 2**20
PAGE = os.sysconf("SC_PAGE_SIZE")
PARTS = 5  # of the samples: the first, the middle and the last are shown
SHORTEST_MINUTES = 3.0  # before that a process still fills its caches, and nothing is judged
MOST_GROWTH, SLACK_MIB, MOST_HANDLES = 0.05, 16.0, 8.0  # what counts as flat, over the whole of the samples

Who = Literal["bot", "worker"]


@dataclass(frozen=True)
class Sample:
    """One look at a process."""

    at: float  # seconds, by a monotonic clock
    pid: int
    mib: float  # resident
    handles: int


@dataclass(frozen=True)
class Course:
    """How one gauge of a process went: medians of the first, the middle and the last fifth, and its slope."""

    what: str
    start: float
    middle: float
    end: float
    a_minute: float
    minutes: float
    flat: bool

    def __str__(self) -> str:
        figures = f"{self.start:.0f} | {self.middle:.0f} | {self.end:.0f} | {self.a_minute:+.2f}"
        judged = "GROWS" if not self.flat else "flat" if self.minutes >= SHORTEST_MINUTES else "too short to tell"
        return f"| {self.what} | {figures} | {judged} |"


@dataclass
class Gauges:
    """Looks at the bot and its workers every few seconds, as long as they live."""

    samples: dict[Who, list[Sample]] = field(default_factory=lambda: {"bot": [], "worker": []})

    async def watch(self, bot_pid: int) -> None:
        """Look, until cancelled."""
        while True:
            self.look("bot", bot_pid)
            for pid in children(bot_pid):
                if "bot.pool.worker" in command_line(pid):
                    self.look("worker", pid)
            await asyncio.sleep(EVERY_S)

    def look(self, who: Who, pid: int) -> None:
        """Take a sample of a process, unless it has just ended."""
        with contextlib.suppress(OSError):
            folder = Path("/proc") / str(pid)
            resident = int((folder / "statm").read_text().split()[1]) * PAGE
            handles = len(list((folder / "fd").iterdir()))
            self.samples[who].append(Sample(time.monotonic(), pid, resident / MIB, handles))

    def courses(self) -> list[Course]:
        """Return how memory and handles went, each of the process that lived longest."""
        found = []
        for who, samples in self.samples.items():
            pids = [one.pid for one in samples]
            lasting = [one for one in samples if one.pid == max(set(pids), key=pids.count)]
            times = [one.at for one in lasting]
            found += [
                course(f"{who}, MiB", times, [one.mib for one in lasting], SLACK_MIB, MOST_GROWTH),
                course(f"{who}, handles", times, [float(one.handles) for one in lasting], MOST_HANDLES, 0.0),
            ]
        return found


def course(what: str, times: Sequence[float], values: Sequence[float], slack: float, part: float) -> Course:
    """Return how a gauge went; flat: it grew by no more than ``slack`` and that ``part`` of where it began."""
    if len(values) < PARTS:
        return Course(what, 0, 0, 0, 0, 0, flat=False)  # nothing was seen of it
    size = len(values) // PARTS
    start, end = median(values[:size]), median(values[-size:])
    middle = median(values[len(values) // 2 - size // 2 :][:size])
    minutes = [at / 60 for at in times]
    slope = linear_regression(minutes, values).slope
    lasted = minutes[-1] - minutes[0]
    flat = end - start <= slack + part * start or lasted < SHORTEST_MINUTES
    return Course(what, start, middle, end, slope, lasted, flat)
