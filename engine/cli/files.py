"""Files that a command reads and writes."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from engine import pictures
from engine.errors import EngineError, PictureError
from engine.pictures import Picture

STDIN = Path("-")


# One's own files, not a stranger's: a poster's PNG is larger than what is taken from anybody.
LIMITS = pictures.Limits(max_bytes=256 * 2**20)


def picture(path: Path, *, stdin: bool = False) -> Picture:
    """Return the picture in a file, or where ``stdin`` is allowed and “-” is named, on stdin. Raises EngineError."""
    comes_by_stdin = stdin and path == STDIN
    try:
        return pictures.decode(_from_stdin() if comes_by_stdin else read(path), LIMITS)
    except PictureError as error:
        raise PictureError(f"{'stdin' if comes_by_stdin else path}: {error}") from error


def read(path: Path) -> bytes:
    """Return what is in a file of no more bytes than a picture may have. Raises EngineError."""
    most = LIMITS.max_bytes
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise EngineError(f"{path} cannot be read: {_reason(error)}.") from error
    if len(data) > most:
        raise EngineError(f"{path} has more than {most // 2**20} MiB, and no more is read. Make it smaller.")
    return data


def check_output(path: Path) -> None:
    """Raise EngineError for a path that no picture can be written to: before the dream, which takes its time."""
    if path.suffix.lower() != ".png":
        raise EngineError(f"Dreams are written without loss, as PNG: name the output {path.stem or 'out'}.png.")
    check_folder(path)


def check_folder(path: Path) -> None:
    """Raise EngineError for a path where no file can be written."""
    if not path.parent.is_dir():
        raise EngineError(f"There is no folder {path.parent} to write to. Make it first, or name another.")
    if path.is_dir():
        raise EngineError(f"{path} is a folder: name a file in it, such as {path / 'out.png'}.")
    if not os.access(path.parent, os.W_OK):
        raise EngineError(f"Nothing may be written to the folder {path.parent}. Name another one.")


def write(path: Path, data: bytes) -> None:
    """Write beside, then rename: at ``path`` stands a whole picture, or what stood there before. Raises EngineError."""
    beside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".oneiros.", suffix=".part", dir=path.parent)
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        raise EngineError(f"{path} cannot be written: {_reason(error)}.") from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _from_stdin() -> bytes:
    # One byte more than may be: the limit itself is then told by whoever judges the picture.
    return sys.stdin.buffer.read(LIMITS.max_bytes + 1)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _umask() -> int:
    # The one way to read it is to set it. mkstemp makes files that only their owner reads.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
