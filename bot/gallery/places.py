"""The gallery channels of one process: which there are, and work for several of them at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import TypeVar

from bot.gallery.mirroring import Poster
from bot.guilds import Guilds
from bot.jobs.clock import Clock
from bot.shards import Shards
from bot.store.gallery.mirrors import Mirrors

T = TypeVar("T")

LOOK_EVERY_S = 60.0
HOUR_S = 3600.0
EDIT_EVERY_S = 3.0  # in one channel: of messages older than an hour, Discord takes three in six seconds
AT_ONCE = 8  # servers

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often what is done."""

    look_every_s: float = LOOK_EVERY_S
    hour_s: float = HOUR_S
    edit_every_s: float = EDIT_EVERY_S
    clock: Clock = field(default_factory=Clock)


class Places:
    """The gallery channels of the servers whose shards this process has."""

    def __init__(self, mirrors: Mirrors, guilds: Guilds, poster: Poster, shards: Shards | None) -> None:
        self._mirrors = mirrors
        self._guilds = guilds
        self._poster = poster
        self.shards = shards

    def all(self) -> dict[int, int]:
        """Return the servers that have a gallery channel, with it."""
        channels = self._guilds.gallery_channels().items()
        return {guild_id: channel_id for guild_id, channel_id in channels if self.is_here(guild_id, channel_id)}

    def of(self, guild_id: int) -> int | None:
        """Return a server's gallery channel."""
        return self._guilds.of(guild_id).gallery.channel

    def is_here(self, guild_id: int, channel_id: int) -> bool:
        """Tell whether a server is this process's, and there now."""
        ours = self.shards is None or self.shards.have(guild_id)
        return ours and self._poster.restricted(guild_id, channel_id) is not None

    async def lose(self, guild_id: int, channel_id: int) -> None:
        """Do without a channel that was deleted. That says nothing of the dreams in it."""
        await self._mirrors.give_up_channel(guild_id, channel_id)
        if await self._guilds.drop_gallery_channel(guild_id, channel_id):
            log.info("server %s: its gallery channel was deleted", guild_id)
            await self._poster.tell_no_channel(guild_id)


async def each(what: Collection[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do ``work`` for each, a few at a time; what fails for one is logged, and holds up no other."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(of: T) -> None:
        async with free:
            await work(of)

    for ended in await asyncio.gather(*map(one, what), return_exceptions=True):
        if isinstance(ended, Exception):
            log.error("gallery channels: what was to be done for a server failed", exc_info=ended)
