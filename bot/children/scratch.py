"""Folders for what a child has to write down. They go with their process, also where that is killed."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

YOUNG_S = 60.0  # between a folder's making and its lock lies much less

if sys.platform == "win32":

    def _hold(_folder: Path) -> int | None:
        """Hold nothing: Windows has no locks on folders, and sweeps what is temporary by itself."""
        return None

else:
    import fcntl

    def _hold(folder: Path) -> int | None:
        """Lock a folder for as long as the descriptor is open, at most as we live; None where somebody has it."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return descriptor


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """Yield a folder of our own; before, remove those with this ``prefix`` whose processes were killed."""
    try:
        _sweep(prefix)
    except FileNotFoundError as error:  # no folder takes a file: that is how tempfile says so
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        folder = Path(name)
        held = _hold(folder)
        try:
            yield folder
        finally:
            if held is not None:
                os.close(held)


def _sweep(prefix: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            about = folder.lstat()
            if about.st_uid != os.getuid() or time.time() - about.st_mtime < YOUNG_S:
                continue
            held = _hold(folder)
        except (OSError, AttributeError):  # another one was faster; Windows has no owners
            continue
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)
