"""What processes have used: memory of the workers, processor time of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil


def peaks_mib(above: int) -> list[int]:
    """Return the most that each worker below the process ``above`` has had resident so far, in MiB (Linux)."""
    found = []
    for process in _below(above):
        with suppress(psutil.Error, OSError):
            if "bot.pool.worker" in process.cmdline():
                found.append(_peak_mib(process.pid))
    return found


def processor_s(roots: Iterable[int]) -> float:
    """Return the processor time that these processes and all below them have used so far, in seconds."""
    used = 0.0
    for process in {one for root in roots for one in _below(root)}:
        with suppress(psutil.Error):
            times = process.cpu_times()
            used += times.user + times.system
    return used


def _below(root: int) -> Iterator[psutil.Process]:
    process = psutil.Process(root)
    yield process
    yield from process.children(recursive=True)


def _peak_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
