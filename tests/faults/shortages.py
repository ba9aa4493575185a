"""What a machine runs short of, brought about for real: each fault is there while its block lasts.

Disks are small file systems in memory, mounted in a mount namespace of this process's own: see ``alone``.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import databases
from service_harness import Bot

CLONE_NEWNS = 0x20000  # linux/sched.h
MOUNT, UMOUNT = (shutil.which(name) or name for name in ("mount", "umount"))
MOUNT_MIB = 48
PIECE = bytes(64 * 1024)
FAKETIME = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def alone() -> bool:
    """Give this process mounts of its own, which go with it; False where it may not have any."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.name != "posix" or not hasattr(libc, "unshare") or libc.unshare(CLONE_NEWNS) != 0:
        return False
    return _mount("--make-rprivate", "/").returncode == 0


def _mount(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([MOUNT, *arguments], capture_output=True, check=False)


def mount_disk(at: Path) -> None:
    """Mount a small disk."""
    at.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={MOUNT_MIB}m", "none", str(at)).check_returncode()


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """Fill a disk, to the last page."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(PIECE):
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write in a folder, root neither."""
    _mount("--bind", str(folder), str(folder)).check_returncode()
    _mount("-o", "remount,bind,ro", str(folder)).check_returncode()
    try:
        yield
    finally:
        subprocess.run([UMOUNT, "-l", folder], check=True)


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a SQLite database, as another process that changes it and does not come to an end."""
    with contextlib.closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextlib.contextmanager
def hanging(server: databases.Server) -> Iterator[None]:
    """Have PostgreSQL answer nothing, and refuse nothing either."""
    server.process.send(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send(signal.SIGCONT)


@contextlib.contextmanager
def gone(server: databases.Server) -> Iterator[None]:
    """Have PostgreSQL gone, as after a power cut."""
    server.process.stop()
    try:
        yield
    finally:
        server.process.start()
        databases.wait(server)


@contextlib.contextmanager
def without_handles(bot: Bot) -> Iterator[None]:
    """Let a bot open nothing more: no file, no socket, no pipe."""
    before = resource.prlimit(bot.pid, resource.RLIMIT_NOFILE)
    taken = {int(entry.name) for entry in Path(f"/proc/{bot.pid}/fd").iterdir()}
    lowest_free = next(number for number in range(before[0]) if number not in taken)
    resource.prlimit(bot.pid, resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def clock_set(file: Path, by: str) -> Iterator[None]:
    """Set the clock of a bot that was started with ``clock_of(file)``: ``+1d``, ``-3h``."""
    file.write_text(by)
    try:
        yield
    finally:
        file.write_text("+0")


def clock_of(file: Path) -> dict[str, str]:
    """Return the environment of a bot whose clock can be set; nothing where libfaketime is not installed."""
    if not FAKETIME:
        return {}
    file.write_text("+0")
    return {
        "LD_PRELOAD": str(FAKETIME[0]),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }


async def lasting(seconds: float) -> None:
    """Let a fault last: that is what is tried, and no wait for anything."""
    await asyncio.sleep(seconds)
