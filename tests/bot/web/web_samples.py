"""A gallery with entries and real pictures, written straight into the store."""

from __future__ import annotations

import io
import itertools
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image
from sqlalchemy import insert

from bot.entry import EntryState
from bot.guild import GuildSettings, WebMode
from bot.guilds import Guilds
from bot.images.store import ImageStore
from bot.store.database import Database
from bot.store.gallery import terms
from bot.store.gallery.tables import EntryRow
from engine.recipe import Recipe

PUBLIC, UNLISTED, PRIVATE = 11, 12, 13  # servers
PUBLIC_KEY, UNLISTED_KEY, PRIVATE_KEY = "A" * 21 + "A", "B" * 21 + "A", "C" * 21 + "A"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
_numbers = itertools.count()


def a_picture(width: int = 96, height: int = 64, kind: str = "PNG") -> bytes:
    """Return a picture that no other test has."""
    number = next(_numbers)
    out = io.BytesIO()
    colour = (number * 47 % 256, number * 91 % 256, number // 256 % 256)
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


async def put(images: ImageStore, width: int = 96, height: int = 64, kind: str = "PNG") -> str:
    """Store such a picture; returns its hash."""
    return await images.put(a_picture(width, height, kind), f"image/{kind.lower()}", width, height)


async def an_entry(database: Database, images: ImageStore, **changes: Any) -> EntryRow:
    """Hang up an entry that its dreamer lets be shown on the web; returns its row."""
    number = next(_numbers)
    width, height = changes.pop("width", 96), changes.pop("height", 64)
    values: dict[str, Any] = {
        "guild_id": PUBLIC,
        "slug": secrets.token_urlsafe(16),
        "state": EntryState.SHOWN,
        "person_id": 1,
        "credit": "Ada",
        "title": f"Dream {number}",
        "tags": "sea night",
        "recipe": Recipe(of="dogs", seed=number).to_json(),
        "width": width,
        "height": height,
        "restricted": False,
        "spoiler": False,
        "on_web": True,
        "place": number % 1000,
        "created_at": NOON,
        "shown_at": NOON + timedelta(minutes=number),
        **changes,
    }
    values.setdefault("picture_hash", await put(images, width, height))
    values.setdefault("thumbnail_hash", await put(images, 48, 32, "WEBP"))
    async with database.write() as session:
        row: EntryRow | None = await session.scalar(insert(EntryRow).values(**values).returning(EntryRow))
        assert row is not None
        if row.state is EntryState.SHOWN:
            await terms.write(session, row)
        return row


async def settle(guilds: Guilds, guild_id: int, **gallery: Any) -> None:
    """Change a server's settings of its gallery."""
    now = guilds.versioned(guild_id)

    def to(settings: GuildSettings) -> GuildSettings:
        return settings.changed(gallery={**settings.gallery.model_dump(), **gallery})

    await guilds.change(guild_id, 1, now.version, to)


async def open_halls(guilds: Guilds) -> None:
    """Give three servers their pages: a listed one, one with a link, and one that has turned its own off."""
    await settle(guilds, PUBLIC, web=WebMode.PUBLIC, web_key=PUBLIC_KEY, web_name="The Night Shift")
    await settle(guilds, UNLISTED, web=WebMode.UNLISTED, web_key=UNLISTED_KEY, web_name="A Few Friends")
    await settle(guilds, PRIVATE, web=WebMode.OFF, web_key=PRIVATE_KEY, web_name="Nobody's Business")
