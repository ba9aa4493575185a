"""How the life of a job reaches the chat: the one interface, implemented by ``bot.replies`` over Discord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from bot.job import Job


@dataclass(frozen=True)
class Standing:
    """What is known of a job that has no outcome yet, or of one whose message waits for the outcomes of others."""

    job: Job
    position: int | None = None  # 1 is next; None while it runs
    eta_s: float | None = None  # seconds until the picture
    octave: int | None = None
    octaves: int | None = None
    fraction: float = 0.0
    preview: bytes | None = None  # JPEG
    again: bool = False  # it had to start over
    frame: int = 0  # of a film, from 1
    frames: int = 0
    trailer: bytes | None = None  # MP4: a film's first seconds, small
    held_up: bool = False  # by a part that is away


class Told(Enum):
    """How an attempt to tell the person ended."""

    DONE = auto()  # the message shows it
    GONE = auto()  # the message was removed: that is an answer
    STUCK = auto()  # this message can be edited no more, but a new one may be posted in its channel
    BARRED = auto()  # Discord does not let us, and will not later: the outcome is kept
    LATER = auto()  # a passing fault: try again


@dataclass(frozen=True)
class Posted:
    """How posting a new message ended, and the message."""

    told: Told
    message_id: int | None = None


class Messenger(Protocol):
    """Edits of one message: of a job, or of all that were asked for together, in their order.

    Each call returns; none raises for what Discord answered.
    """

    async def show(self, standings: Sequence[Standing]) -> Told:
        """Show where the jobs stand, with the newest previews."""
        ...

    async def tell(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Told:
        """Show the outcomes; ``pictures`` are the results' PNGs, where there are some.

        Raises UserError if one is unusable.
        """
        ...

    async def remove(self, job: Job) -> Told:
        """Delete a job's message, whose picture is to be seen no more and which can be edited no more."""
        ...

    async def post(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Posted:
        """Show the outcomes in a new message. Posting them twice within a few minutes makes one message."""
        ...

    async def find(self, jobs: Sequence[Job]) -> Posted | None:
        """Look for a new message that ``post`` made; None where there is none, BARRED where we may not look."""
        ...
