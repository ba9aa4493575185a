"""What this machine, or the container that we run in, has: cores and memory."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")


def cores(cgroup: Path = CGROUP) -> int:
    """How many cores this process may use: fewer than the machine has inside many containers."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        quota, period = (cgroup / "cpu.max").read_text().split()
        if quota != "max":
            allowed = min(allowed, int(quota) // int(period))
    return max(1, allowed)


def memory_bytes(cgroup: Path = CGROUP) -> int:
    """How much memory there is to use."""
    return min([psutil.virtual_memory().total, *_numbers(cgroup / "memory.max")])


def free_bytes(cgroup: Path = CGROUP) -> int:
    """How much memory is left."""
    limit, used = _numbers(cgroup / "memory.max"), _numbers(cgroup / "memory.current")
    return min([psutil.virtual_memory().available, *(limit[0] - used[0] for _ in limit[:1] if used)])


def resident_bytes(pid: int) -> int:
    """How much memory a process has now; 0 where it has ended, or where we have no handle left to look."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except (psutil.Error, OSError):
        return 0


def runs(pid: int) -> bool:
    """Whether a process is there and not held still."""
    try:
        return psutil.Process(pid).status() not in {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except (psutil.Error, OSError):
        return False


def _numbers(file: Path) -> list[int]:
    try:
        text = file.read_text().strip()
    except OSError:
        return []
    return [int(text)] if text.isdigit() else []
