"""What the operating system holds any child to."""

from __future__ import annotations

import sys

if sys.platform == "win32":

    def leave_no_core() -> None:
        """Do nothing: Windows leaves none."""

    def bound_cpu(_seconds: int) -> None:
        """Do nothing: Windows has no such limit for one process; the bot's own watch holds there too."""

else:
    import resource

    def leave_no_core() -> None:
        """Leave no core file when this process dies: it would hold somebody's picture."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def bound_cpu(seconds: int) -> None:
        """Allow so many more ``seconds`` of processor time from now, of all threads together.

        After them the system ends the process (SIGXCPU), in C code and with the interpreter's lock held too.
        """
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
