"""What befalls jobs, told to whoever watches: plain data, in the moment that it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.errors import UserError
from bot.job import Job, Shown
from bot.pool.interface import Cause
from bot.store.quotas import Scope
from engine.errors import EngineError

Fault = Cause | Literal["refused", "unexpected"]


@dataclass(frozen=True)
class TurnedAway:
    """Somebody could not ask for a dream, for a quota is used up."""

    scope: Scope


@dataclass(frozen=True)
class Begun:
    """A job's first attempt begins, ``waited_s`` after it was asked for: its picture was fetched in that time too."""

    job: Job
    waited_s: float


@dataclass(frozen=True)
class Broke:
    """An attempt at a job came to nothing; the job may be tried again. ``refused``: its person can mend it."""

    job: Job
    fault: Fault


@dataclass(frozen=True)
class Ended:
    """A job has its outcome."""

    job: Job


@dataclass(frozen=True)
class Retried:
    """An outcome could not be told for now; it is tried again."""

    job: Job


@dataclass(frozen=True)
class Delivered:
    """It is decided what the chat shows of a job's outcome: its life is over."""

    job: Job
    shown: Shown


Event = TurnedAway | Begun | Broke | Ended | Retried | Delivered
Listener = Callable[[Event], None]


def fault_of(error: BaseException) -> Fault:
    """Tell errors that their person can mend from those of our own."""
    return "refused" if isinstance(error, UserError | EngineError) else "unexpected"
