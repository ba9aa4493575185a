"""What the operating system holds a worker to, beside what the bot sees from outside four times a second."""

from __future__ import annotations

import sys

LEAST_BYTES = 2**30
# What a process may have asked for and not used: torch alone 220 MiB; and the stacks of its threads.
UNUSED_BYTES, STACK_BYTES = 2**30, 2**24

if sys.platform == "linux":
    import resource

    def bound_memory(memory_bytes: int, threads: int) -> None:
        """Bound what this process has of its own, resident or not: what goes beyond is a failed allocation.

        Not for a worker with a GPU, whose driver asks for far more than it uses.
        """
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = max(memory_bytes, LEAST_BYTES) + UNUSED_BYTES + threads * STACK_BYTES
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))

else:

    def bound_memory(_memory_bytes: int, _threads: int) -> None:
        """Do nothing: elsewhere systems count otherwise, or not at all."""
