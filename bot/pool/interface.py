"""Who dreams: the one interface of every pool, and the events that come out of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

# short: of disk space or handles; time: more of the processor's than it may have
Cause = Literal["died", "memory", "time", "hung", "stopped", "short"]


@dataclass(frozen=True)
class Work:
    """One claimed attempt at a job: plain data, all that a worker needs."""

    job_id: int
    attempt: int
    recipe: str  # the recipe's JSON
    picture: bytes  # a clean PNG from the intake, as are the others
    guide: bytes | None = None
    mask: bytes | None = None
    film: FilmWork | None = None  # the picture is a clean MP4, where it is a moving one's


@dataclass(frozen=True)
class FilmWork:
    """What makes a film of a dream."""

    ask: str  # bot.film.FilmAsk as JSON
    cost: float  # GFLOP
    max_bytes: int  # of its file


@dataclass(frozen=True)
class Progress:
    """Where a dream stands. ``preview`` is a small JPEG: where one is worth showing, of a film its newest frame."""

    octave: int  # from 1
    octaves: int
    fraction: float  # of the whole cost, 0–1
    preview: bytes | None = None
    frame: int = 0  # of a film, from 1
    frames: int = 0
    trailer: bytes | None = None  # MP4: the first seconds of a film, small, once


@dataclass(frozen=True)
class Dreamed:
    """The end of a dream that went well."""

    picture: bytes  # PNG, lossless; of a film the file that was asked for
    width: int
    height: int
    fingerprint: str  # JSON; same fingerprint and recipe, same bytes
    seconds: float  # spent dreaming
    notes: tuple[str, ...] = ()  # sentences for the person, each as ``Sentence.to_text``
    media_type: str = "image/png"


@dataclass(frozen=True)
class Refused:
    """The engine cannot dream this, and says why in a sentence for the person. Trying again would not help."""

    sentence: str  # as ``Sentence.to_text``


@dataclass(frozen=True)
class Lost:
    """The worker is gone. ``strike`` is False where the dream cannot be to blame: we ended it, or its machine left."""

    cause: Cause
    strike: bool


@dataclass(frozen=True)
class Cancelled:
    """The dream was stopped because ``cancel`` asked for it."""


Outcome = Dreamed | Refused | Lost | Cancelled
Event = Progress | Outcome


@dataclass(frozen=True)
class Worker:
    """One worker as it is now."""

    device: str  # cpu, cuda:1; in a cluster with the node's address
    pid: int | None  # on its machine; None while none runs
    memory_bytes: int  # resident; 0 where it is not known
    networks: tuple[str, ...]  # held loaded, the least recently used first
    speed: float | None  # GFLOP a second, as measured
    dreams: int  # that this process has ended
    job_id: int | None = None  # of the dream that it has now
    ready: bool = True  # it runs, and is not held still
    starts: int = 0  # processes that have taken this place, one after the other
    gpu_bytes: int = 0  # of its GPU's memory, as it had when its last dream began; 0 on the CPU


class PoolError(Exception):
    """The pool cannot be started: what is wrong, and what to do."""


class Pool(Protocol):
    """A set of workers that dream."""

    @property
    def capacity(self) -> int:
        """How many dreams can run at once."""
        ...

    @property
    def speed(self) -> float | None:
        """GFLOP a second that one worker manages, as measured; None before the first measurement."""
        ...

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Every worker as it is now."""
        ...

    async def start(self) -> None:
        """Start the workers; returns when they were started, not when they are ready. Raises PoolError."""
        ...

    async def stop(self) -> None:
        """End every worker; dreams under way end with ``Lost(cause="stopped", strike=False)``."""
        ...

    def dream(self, work: Work) -> AsyncGenerator[Event, None]:
        """Dream, as soon as a worker is free. Yields events as they come; the last one is an Outcome, always.

        Whoever stops listening (``aclose``) cancels the dream, and its worker is free again.
        """
        ...

    def cancel(self, job_id: int) -> None:
        """Ask for a dream to end: at once if it waits, else between two steps; a worker that does not is killed."""
        ...
