"""The leases that this process holds: renewed in time, and given up in time where renewing fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from bot.children.shortage import passes
from bot.jobs.clock import Clock
from bot.jobs.tasks import Loop
from bot.store.changes import LEASE_S

log = logging.getLogger(__name__)

RENEW_EVERY_S = LEASE_S / 4
LOST_AFTER_S = LEASE_S * 2 / 3  # by our own clock: well before anybody else may take the job


@dataclass
class _Hold:
    renewed_at: float
    on_lost: Callable[[], None]


class Leases:
    """Leases of one owner. ``renew`` renews those of some jobs, and returns the jobs that are still the owner's."""

    def __init__(
        self,
        renew: Callable[[Collection[int]], Awaitable[frozenset[int]]],
        clock: Clock,
        every_s: float = RENEW_EVERY_S,
        lost_after_s: float = LOST_AFTER_S,
    ) -> None:
        """``lost_after_s``: without an answer for so long; infinite where nobody else could take a job."""
        self._renew = renew
        self._clock = clock
        self._lost_after_s = lost_after_s
        self._held: dict[int, _Hold] = {}
        self._loop = Loop(self.renew, every_s=every_s, clock=clock, name="lease renewal")

    @property
    def busy(self) -> frozenset[int]:
        """The jobs that this process works on."""
        return frozenset(self._held)

    def hold(self, job_id: int, taken_at: float, on_lost: Callable[[], None]) -> None:
        """Renew a lease from now on, taken at ``taken_at`` by our clock; ``on_lost`` is called once, if it is lost."""
        self._held[job_id] = _Hold(taken_at, on_lost)

    def drop(self, job_id: int) -> None:
        """Stop renewing."""
        self._held.pop(job_id, None)

    def start(self) -> None:
        """Begin to renew."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop renewing anything."""
        await self._loop.stop()

    async def renew(self) -> None:
        """Renew every lease once, and give up those that are lost."""
        asked = dict(self._held)
        if not asked:
            return
        now = self._clock.now()
        try:
            async with asyncio.timeout(RENEW_EVERY_S):
                ours = await self._renew(asked.keys())
        except Exception as error:
            if passes(error) or isinstance(error, TimeoutError):
                log.warning("leases could not be renewed for now: %s", type(error).__name__)
            else:
                log.exception("leases could not be renewed")
            ours = frozenset()
            lost = {id_ for id_, hold in asked.items() if self._clock.now() - hold.renewed_at >= self._lost_after_s}
        else:
            lost = asked.keys() - ours
        for id_, hold in asked.items():
            if id_ in ours:
                hold.renewed_at = now
            elif id_ in lost and self._held.get(id_) is hold:
                self.drop(id_)
                hold.on_lost()
