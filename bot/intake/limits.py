"""What the operating system holds the decoder to, whatever a picture makes it do."""

from __future__ import annotations

import sys

MEMORY_BYTES = 3 * 2**29  # 1.5 GiB: a photo of 64 million pixels, as it comes and as it is written
CPU_S, CLIP_CPU_S = 20, 120
FILE_BYTES = 2**28  # 256 MiB: a film as it is handed back, more than which goes through no pipe to the bot

if sys.platform == "win32":

    def bound_memory() -> None:
        """Do nothing: Windows has no such limits; the bot's time limit holds there too."""

    def bound_files() -> None:
        """Do nothing, as above."""

    def bound_cpu(seconds: int) -> None:
        """Do nothing, as above."""

else:
    import resource

    def bound_memory() -> None:
        """Bound the address space for good, and leave no core file: it would hold somebody's picture."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def bound_files() -> None:
        """Bound every file that is written, for good; one that would grow on is an OSError."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        most = FILE_BYTES if hard == resource.RLIM_INFINITY else min(FILE_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    def bound_cpu(seconds: int) -> None:
        """Allow so many more ``seconds`` of processor time from now; after them the system ends the process."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
