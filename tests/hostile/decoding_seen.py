"""Stands between the bot and its decoder's process, and writes down what that took: ``decoding_seen.py FILE``.

The process itself cannot say: where the system ends it, nothing of it is left but what its parent is told. Linux only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROGRAM = ("-m", "bot.intake.child")


def main() -> None:
    """Run the decoder on our own pipes until it ends; then write seconds, KiB and status into the file."""
    watcher = os.fork()  # which lives on when the bot kills us, as it does with a decoder at the end
    pid = watcher or os.posix_spawn(sys.executable, (sys.executable, *PROGRAM), dict(os.environ))
    for descriptor in (0, 1):
        os.close(descriptor)  # so that whoever waits at the other end sees the decoder's end
    _, status, used = os.wait4(pid, 0)
    if not watcher:
        file, new = Path(sys.argv[1]), Path(f"{sys.argv[1]}.new")
        new.write_text(f"{used.ru_utime + used.ru_stime:.3f} {used.ru_maxrss} {os.waitstatus_to_exitcode(status)}\n")
        new.rename(file)


if __name__ == "__main__":
    main()
