"""What whoever runs the bot has settled: known to every process within seconds, and asked before anything else.

It is changed in a process of its own (``oneiros admin``), also on SQLite, and in the chat of any process. So every
process looks for a new version every two seconds; what must hold exactly, that nobody dreams who is shut out, is read
once more in the transaction that writes a dream down (``bot.store.admin.regimes.check``).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.jobs.clock import Clock
from bot.jobs.tasks import Loop
from bot.regime import Pause, Regime, not_listed
from bot.store.admin.regimes import Regimes
from bot.store.salting import hashed

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0

Heard = Callable[[], Awaitable[None]]


class Admin:
    """The regime, from memory. ``on_changed`` are told of each change, and of the end of a pause."""

    def __init__(
        self, regimes: Regimes, on_changed: list[Heard] | None = None, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self.regimes = regimes
        self._regime = Regime()
        self._salt: str | None = None
        self._paused: Pause | None = None
        self.on_changed = on_changed or []
        self._loop = Loop(self.look, every_s=look_every_s, clock=Clock(), name="what the operator has settled")

    async def start(self) -> None:
        """Read what holds, before anybody is served."""
        await self.look()
        self._loop.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._loop.stop()

    @property
    def regime(self) -> Regime:
        """What holds, as far as this process knows."""
        return self._regime

    def is_shut_out(self, guild_id: int) -> bool:
        """Tell whether a server is not served."""
        return not self._regime.serves(guild_id) or self._regime.refusal(None, guild_id) is not None

    def check(self, person_id: int, guild_id: int | None, who: tuple[str, ...]) -> None:
        """Let somebody act somewhere. Raises UserError where they, or nobody there, may; ``who`` may be asked."""
        refusal = self._regime.refusal(self._hashed(person_id), guild_id)
        if refusal is not None:
            raise refusal
        if not self._regime.serves(guild_id):
            raise not_listed(who)

    def is_blocked(self, person_id: int) -> bool:
        """Tell whether somebody is shut out."""
        return self._regime.refusal(self._hashed(person_id), None) is not None

    def _hashed(self, person_id: int) -> str | None:
        return None if self._salt is None or not self._regime.people else hashed(self._salt, person_id)

    def check_dreams(self) -> None:
        """Let new dreams come. Raises UserError while none is taken."""
        if self._regime.paused is not None:
            raise self._regime.paused.refusal

    async def look(self) -> None:
        """Look at once, where this process has changed something itself."""
        if await self.regimes.version() != self._regime.version:
            self._regime, self._salt = await self.regimes.get()
        elif self._regime.paused == self._paused:
            return
        self._paused = self._regime.paused
        for heard in self.on_changed:
            try:
                await heard()
            except Exception:
                log.exception("a change of what the operator has settled was not heeded everywhere")
        log.info("the operator's settings are heeded, version %d", self._regime.version)
