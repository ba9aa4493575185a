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

else:
    import resource

    def bound_memory() -> None:
        """Bound the address space for good."""
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def bound_files() -> None:
        """Bound every file that is written, for good; one that would grow on is an OSError."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        most = FILE_BYTES if hard == resource.RLIM_INFINITY else min(FILE_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
