"""How the service is at this moment: what /about tells."""

from __future__ import annotations

from dataclasses import dataclass

from bot.pool.interface import Worker


@dataclass(frozen=True)
class Health:
    """What can be known in a moment; None where the database did not answer."""

    workers: tuple[Worker, ...]  # of this process
    waiting: int | None  # jobs in the queue
    wait_s: float | None  # until a dream that is asked for now would begin

    @property
    def database(self) -> bool:
        """Whether the database answered."""
        return self.waiting is not None
