"""Upkeep: what has to be done now and then, whether anybody asks or not."""

from __future__ import annotations

from bot.images.store import ImageStore
from bot.jobs.arrival import Arrivals
from bot.jobs.clock import Clock
from bot.jobs.results import Results
from bot.jobs.tasks import Loop
from bot.store.periods import Periods
from bot.store.tellings import Tellings

EVERY_S = 60.0
PICTURES_EVERY_S = 3600.0
SWEPT_AT_ONCE = 500  # a second or two, which a stop of the bot may have to wait
DAY_S = 24 * 3600.0


class Upkeep:
    """Takes up abandoned arrivals, blanks expired tokens, lets old pictures go."""

    def __init__(
        self,
        *,
        owner: str,
        tellings: Tellings,
        periods: Periods,
        images: ImageStore,
        arrivals: Arrivals,
        retention_days: float,
        clock: Clock,
    ) -> None:
        self._owner = owner
        self._tellings = tellings
        self._periods = periods
        self._images = images
        self._results = Results(images)
        self._arrivals = arrivals
        self._retention_s = retention_days * DAY_S
        self._begun = False  # letting pictures go, and not done yet
        self._loop = Loop(self._step, every_s=EVERY_S, clock=clock, name="upkeep")

    def start(self) -> None:
        """Do everything once now, then again and again."""
        self._loop.start()

    async def stop(self) -> None:
        """End after the step under way."""
        await self._loop.stop()

    async def _step(self) -> None:
        await self._arrivals.adopt(self._owner)
        await self._tellings.blank_tokens()
        if self._begun or await self._periods.begin("pictures", PICTURES_EVERY_S):
            self._begun = not await self.let_pictures_go()

    async def let_pictures_go(self) -> bool:
        """Let go of the pictures of jobs that ended too long ago, and of those that nothing refers to.

        True when all of them are gone.
        """
        for job_id in await self._tellings.let_go_older(self._retention_s):
            await self._results.forget(job_id)
        return await self._images.sweep(at_most=SWEPT_AT_ONCE) < SWEPT_AT_ONCE
