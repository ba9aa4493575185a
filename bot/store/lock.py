"""One bot process a SQLite database: a lock beside the file, let go by the operating system however we end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store.errors import StoreError

_FAR = 1 << 20  # Windows keeps others from reading a locked byte: lock one that is not there


class BusyError(StoreError):
    """Another process has it."""


def _take(descriptor: int) -> None:
    """Lock an open file without waiting. Raises OSError where another process has it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Hold the lock of ``database`` (a SQLite file). Raises BusyError where another process has it."""
    path = database.with_name(database.name + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _take(descriptor)
        except OSError as error:
            os.lseek(descriptor, 0, os.SEEK_SET)
            holder = os.read(descriptor, 32)
            raise BusyError(
                f"Another Oneiros (process {holder.decode(errors='replace').strip() or 'unknown'}) works with "
                f"{database}: stop it first, or give this one a DATA_DIR or DATABASE_URL of its own."
            ) from error
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)  # and the lock with it; the file stays, since removing it would race
