"""Servers with gallery channels on the loopback Discord, and entries in the bot's database."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from galleries import row_of, settle, shown_entry
from PIL import Image
from service_harness import Chat, Json

from bot.entry import Entry
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery.tables import EntryRow

WITHIN_S = 120.0  # on a machine that does much else
_numbers = iter(range(1, 10**6))


def picture(side: int = 64) -> bytes:
    """Return a picture that no other is like, as PNG: noise, which no encoder makes small."""
    noise = np.random.default_rng(next(_numbers)).integers(0, 256, (side, side, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(noise).save(data, "PNG")
    return data.getvalue()


@dataclass
class Gallery:
    """One server's gallery: its channels, and what of it the database has."""

    chat: Chat
    database: Database
    images: ImageStore
    guild_id: int
    channel: str
    log: str

    async def settle(self, **gallery: Any) -> None:
        await settle(self.database, self.guild_id, log_channel=int(self.log), **gallery)

    async def entry(self, side: int = 64, **values: Any) -> Entry:
        data = picture(side)
        hash_ = await self.images.put(data, "image/png", side, side)
        ada = next(one for one in (await self.chat.get("state"))["people"] if one["username"] == "ada")
        return await shown_entry(self.database, self.guild_id, hash_, **{"person_id": int(ada["id"])} | values)

    async def posted(self) -> list[Json]:
        """Return the messages in the gallery channel."""
        return await self.chat.messages(channel=self.channel)

    async def logged(self) -> list[Json]:
        return await self.chat.messages(channel=self.log)

    async def row(self, entry: Entry) -> EntryRow:
        row = await row_of(self.database, entry.id)
        assert row is not None
        return row

    async def until(self, entry: Entry, wanted: Callable[[EntryRow], Any]) -> EntryRow:
        """Return an entry's row once it is as ``wanted``."""

        async def found() -> EntryRow | None:
            row = await self.row(entry)
            return row if wanted(row) else None

        return await until(found)

    async def mirrored(self, entry: Entry) -> EntryRow:
        """Return an entry's row once its message is noted."""
        return await self.until(entry, lambda row: row.mirror_message_id is not None)


async def until(wanted: Callable[[], Awaitable[Any]]) -> Any:
    """Return what ``wanted`` returns, once that is something."""
    async with asyncio.timeout(WITHIN_S):
        while not (found := await wanted()):
            await asyncio.sleep(0.05)  # what another process writes into a database is told to nobody
    return found


@asynccontextmanager
async def gallery(chat: Chat, url: str, data: Path, *, settled: bool = True) -> AsyncIterator[Gallery]:
    """Found a server with a gallery channel and a log channel."""
    number = next(_numbers)
    guild_id = (await chat.post("guilds", name=f"Gallery {number}", owner="ada"))["guild"]["id"]
    channel, log = [
        (await chat.post("channels", guild=guild_id, name=f"{name}-{number}"))["channel"]["id"]
        for name in ("gallery", "log")
    ]
    await chat.post("members", guild=guild_id, person="mod", here=True)
    database = Database(url)
    images = ImageStore(Objects(data / "pictures"), BlobStore(database))
    made = Gallery(chat, database, images, int(guild_id), channel, log)
    if settled:
        await made.settle(channel=int(channel))
    try:
        yield made
    finally:
        await database.close()
