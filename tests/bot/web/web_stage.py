"""The pages on a loopback port, over a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from web_samples import an_entry, open_halls
from yarl import URL

from bot.buckets import Buckets
from bot.guilds import Guilds
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery.entries import EntryStore
from bot.store.gallery.listings import Listings
from bot.store.gallery.tables import EntryRow
from bot.store.gallery.web import OnWeb
from bot.store.guilds import GuildStore
from bot.store.pulse import pulse_of
from bot.web.app import Site
from bot.web.house import House
from bot.web.limits import Asker, Network
from bot.web.memory import Memory


@dataclass(frozen=True)
class Seen:
    """An answer, read to its end."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Stage:
    """What a test has at hand."""

    database: Database
    images: ImageStore
    guilds: Guilds
    house: House
    entries: EntryStore
    site: Site
    session: aiohttp.ClientSession

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.site.port}"

    async def entry(self, **changes: Any) -> EntryRow:
        return await an_entry(self.database, self.images, **changes)

    async def get(self, path: str, method: str = "GET", **headers: str) -> Seen:
        """Ask, with the path as it stands and headers with ``_`` for ``-``."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(self.address + path, encoded=True)
        async with self.session.request(method, url, headers=given, allow_redirects=False) as answer:
            return Seen(answer.status, answer.headers, await answer.read())

    async def raw(self, request: bytes) -> bytes:
        """Send bytes as they are, and return what comes back until the connection is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.site.port)
        writer.write(request)
        await writer.drain()
        found = await reader.read()
        writer.close()
        return found


@asynccontextmanager
async def staged(
    database_url: str,
    folder: Path,
    *,
    address: str = "",
    proxies: tuple[Network, ...] = (),
    buckets: Buckets | None = None,
) -> AsyncIterator[Stage]:
    """Serve the pages of a database, with three servers that have settled theirs."""
    database = Database(database_url)
    images = ImageStore(Objects(folder / "pictures"), BlobStore(database))
    guilds = Guilds(GuildStore(database))
    await guilds.start()
    await open_halls(guilds)
    house = House(
        guilds=guilds,
        listings=Listings(database),
        on_web=OnWeb(database),
        images=images,
        memory=Memory(pulse_of(database_url)),
        address=address,
    )
    site = Site(house, "127.0.0.1", 0, Asker(proxies), buckets)
    await site.start()
    async with aiohttp.ClientSession() as session:
        yield Stage(database, images, guilds, house, EntryStore(database), site, session)
    await site.stop()
    await guilds.stop()
    await database.close()
