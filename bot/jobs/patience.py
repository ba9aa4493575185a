"""Waiting for a part that does not do its work now: what cannot be done is tried again, and no job is lost by it."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.children.shortage import ShortageError, passes
from bot.errors import PassingError
from bot.jobs.clock import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0

_BY_THE_SYSTEM = re.compile(r"os error (\d+)|\[Errno (\d+)\]")

T = TypeVar("T")


async def patiently(
    work: Callable[[], Awaitable[T]],
    clock: Clock,
    what: str,
    on_held_up: Callable[[], None] | None = None,
) -> T:
    """Do ``work``, again and again for as long as a part that it needs is away; ``what`` is for the log.

    ``on_held_up`` is called before each pause.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except Exception as error:
            if not passes(error):
                raise
            log.warning("%s waits: %s", what, reason(error))
        if on_held_up is not None:
            on_held_up()
        await clock.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def reason(error: BaseException) -> str:
    """Say for the log what is away, and what to do. Of its cause, which may hold what was asked, only the kind."""
    cause = error.__cause__ if isinstance(error, PassingError) else error
    said = _BY_THE_SYSTEM.search(str(cause))
    kind = type(cause).__name__ if said is None else os.strerror(int(said[1] or said[2]))
    advice = error.advice if isinstance(error, PassingError) else ShortageError().advice
    return advice if cause is None else f"{kind}. {advice[0].upper()}{advice[1:]}"
