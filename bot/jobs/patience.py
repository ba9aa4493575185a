"""Waiting for a part that does not do its work now: what cannot be done is tried again, and no job is lost by it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import PassingError
from bot.jobs.clock import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0

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
        except PassingError as error:
            log.warning("%s waits: %s", what, reason(error))
        if on_held_up is not None:
            on_held_up()
        await clock.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def reason(error: PassingError) -> str:
    """Say for the log what is away; its cause may hold what was asked, and is only named."""
    cause = error.__cause__
    return type(error).__name__ if cause is None else f"{type(error).__name__}, {type(cause).__name__}"
