"""Upkeep: what has to be done now and then, whether anybody asks or not."""

from __future__ import annotations

import logging

from bot.fail_points import FailPoint, fail_point
from bot.images.store import ImageStore
from bot.jobs.arrival import Arrivals
from bot.jobs.clock import Clock
from bot.jobs.museum import Museum
from bot.jobs.results import Results
from bot.jobs.tasks import Loop
from bot.store.guilds import GuildStore
from bot.store.periods import Periods
from bot.store.tellings import Tellings

log = logging.getLogger(__name__)

EVERY_S = 60.0
JUMP_S = 600.0  # more than a clock that is being corrected slews in a minute, and a step that is late
DISTRUST_S = 3600.0  # long enough for an operator, or a time server, to put a clock right
PICTURES_EVERY_S = 3600.0
AT_ONCE = 500  # rows or pictures: a second or two, which a stop of the bot may have to wait
DAY_S = 24 * 3600.0
CHANGES_S = 180 * DAY_S  # how long it is known who changed a server's settings
LEAST_ROWS_S = DAY_S  # a day's quotas count the rows of the last 24 hours


class Upkeep:
    """Takes up abandoned arrivals, blanks expired tokens, lets old pictures go, and rows of old jobs and of changes."""

    def __init__(
        self,
        *,
        owner: str,
        tellings: Tellings,
        periods: Periods,
        guilds: GuildStore,
        museum: Museum,
        images: ImageStore,
        arrivals: Arrivals,
        retention_days: float,
        clock: Clock,
    ) -> None:
        self._owner = owner
        self._tellings = tellings
        self._periods = periods
        self._guilds = guilds
        self._museum = museum
        self._images = images
        self._results = Results(images)
        self._arrivals = arrivals
        self._clock = clock
        self._retention_s = retention_days * DAY_S
        self._ahead_s: float | None = None  # the database's clock of ours, when it was last looked at
        self._distrusted_until = float("-inf")  # by our clock
        self._begun = False  # letting go of what is old, and not done yet
        self._loop = Loop(self._step, every_s=EVERY_S, clock=clock, name="upkeep")

    def start(self) -> None:
        """Do everything once now, then again and again."""
        self._loop.start()

    async def stop(self) -> None:
        """End after the step under way."""
        await self._loop.stop()

    async def _step(self) -> None:
        await self._arrivals.adopt(self._owner)
        if not await self._trusts_the_clock():
            return
        await self._tellings.blank_tokens()
        if self._begun or await self._periods.begin("pictures", PICTURES_EVERY_S):
            self._begun = not await self._let_go()

    async def _trusts_the_clock(self) -> bool:
        """Tell whether what is old by the database's clock is: one that jumped ahead would have all of it removed."""
        wall_s = await self._periods.now()
        now = self._clock.now()
        ahead_s = wall_s - now
        jumped_s = 0.0 if self._ahead_s is None else ahead_s - self._ahead_s
        self._ahead_s = ahead_s
        if abs(jumped_s) > JUMP_S:
            self._distrusted_until = now + DISTRUST_S if jumped_s > 0 else now
            log.warning(
                "the database's clock was set, or this machine slept: it is %+.0f s from where it was. %s",
                jumped_s,
                "Nothing is let go for an hour: until then a clock that is wrong does no harm" if jumped_s > 0 else "",
            )
        return now >= self._distrusted_until

    async def _let_go(self) -> bool:
        """Let go of a part of what is too old; True when all of it is gone."""
        await self._guilds.let_go_changes(CHANGES_S)
        older = await self._tellings.let_go_older(self._retention_s)
        fail_point(FailPoint.LET_GO)
        for job_id in older:
            await self._results.forget(job_id)
        removed = await self._remove_rows()
        gone = await self._museum.let_go(AT_ONCE)
        swept = await self._images.sweep(at_most=AT_ONCE)
        return max(removed, gone, swept) < AT_ONCE

    async def _remove_rows(self) -> int:
        over = await self._tellings.over(max(self._retention_s, LEAST_ROWS_S), AT_ONCE)
        for job_id in over:  # once more: we may have died between a row that was let go and its result
            await self._results.forget(job_id)
        await self._tellings.remove(over)
        fail_point(FailPoint.REMOVED)
        return len(over)
