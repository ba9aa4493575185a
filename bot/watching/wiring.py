"""What is watched, joined with who watches: built by ``bot.app``, once a bot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import discord

from bot import floods, handles
from bot.images.objects import Objects
from bot.jobs.events import Listener
from bot.pool.interface import Pool
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.watching.instruments import Instruments, Now
from bot.watching.readiness import ANSWERS_S, BUCKET_EVERY_S, FOLDER_EVERY_S, Part, Readiness
from bot.watching.server import Watchpost

log = logging.getLogger(__name__)


class Watching:
    """The watchpost of one bot. Its ``listener`` is for the jobs."""

    def __init__(
        self,
        bind: str,
        port: int,
        *,
        database: Database,
        objects: Objects,
        pool: Pool,
        client: discord.AutoShardedClient,
        is_paused: Callable[[], bool],
    ) -> None:
        self._jobs = JobStore(database)
        self._pool = pool
        self._client = client
        self._is_paused = is_paused
        self._instruments = Instruments()
        holds_s = BUCKET_EVERY_S if objects.folder is None else FOLDER_EVERY_S
        self._readiness = Readiness(
            {
                "database": Part("database", database.check),
                "store": Part("object store", objects.check, holds_s=holds_s),
            },
            {
                "gateway": lambda: is_connected(client),
                "handles": handles.are_left,
                "workers": lambda: any(worker.ready for worker in pool.workers),
            },
        )
        self._post = Watchpost(bind, port, look=self._readiness.look, metrics=self._metrics, is_paused=is_paused)

    @property
    def listener(self) -> Listener:
        """Who counts what befalls jobs."""
        return self._instruments.hear

    @property
    def flood_listener(self) -> floods.Heard:
        """Who counts the acts that are turned away."""
        return self._instruments.hear_flood

    async def start(self) -> None:
        """Begin to answer. Raises OSError where the address is taken."""
        await self._post.start()
        log.info("metrics and readiness are told on port %d", self._post.port)

    async def stop(self) -> None:
        """Answer no more."""
        await self._post.stop()
        await self._readiness.stop()

    async def _metrics(self) -> bytes:
        parts = await self._readiness.look()
        jobs = None
        if parts["database"]:
            try:
                async with asyncio.timeout(ANSWERS_S):
                    jobs = await self._jobs.live_counts()
            except Exception:
                log.warning("the database did not say how many jobs there are", exc_info=True)
        latencies = self._client.latencies if is_connected(self._client) else []
        return self._instruments.page(Now(parts, jobs, self._pool.workers, latencies, self._is_paused()))


def is_connected(client: discord.AutoShardedClient) -> bool:
    """Whether the bot is in its servers, and every one of its shards has its connection now."""
    shards = client.shards
    return client.is_ready() and bool(shards) and not any(shard.is_closed() for shard in shards.values())
