"""Waiting for the object store: what cannot be read or written now is tried again, and no job is lost by it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.images.objects import OutOfReachError
from bot.jobs.clock import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0

T = TypeVar("T")


async def patiently(work: Callable[[], Awaitable[T]], clock: Clock, what: str) -> T:
    """Do ``work``, again and again for as long as the object store is out of reach; ``what`` is for the log."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except OutOfReachError as error:
            log.warning("%s waits for the object store: %s", what, type(error.__cause__).__name__)
        await clock.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
