"""The pictures of entries as the files of a message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord

from bot.entry import Entry
from bot.errors import UserError
from bot.views.host import host_of
from bot.views.uploads import HIDDEN, MAX_REQUEST_BYTES, Upload, extension

Interaction = discord.Interaction[Any]

SMALL_BYTES = 48 * 1024  # of a picture whose thumbnail is not made yet


async def full(interaction: Interaction, entry: Entry) -> Upload | None:
    """Return an entry's picture, fitted to what may be uploaded here; None where it is lost."""
    limit = min(interaction.filesize_limit, MAX_REQUEST_BYTES)
    return await _fitted(interaction, entry, entry.picture_hash, "gallery", limit)


async def before_and_after(interaction: Interaction, entry: Entry, original_hash: str) -> list[Upload]:
    """Return the photo and the dream, those of them that are not lost."""
    limit = min(interaction.filesize_limit, MAX_REQUEST_BYTES // 2)
    shown = (("before", original_hash), ("after", entry.picture_hash))
    made = [await _fitted(interaction, entry, hash_, name, limit) for name, hash_ in shown]
    return [one for one in made if one is not None]


async def small(interaction: Interaction, entries: Sequence[Entry]) -> dict[int, Upload]:
    """Return the thumbnails of entries, by entry; without those that are lost."""
    made = await asyncio.gather(*(_small(interaction, entry) for entry in entries))
    return {entry.id: one for entry, one in zip(entries, made, strict=True) if one is not None}


async def _small(interaction: Interaction, entry: Entry) -> Upload | None:
    if entry.thumbnail_hash is None:
        return await _fitted(interaction, entry, entry.picture_hash, "small", SMALL_BYTES)
    try:
        data = await host_of(interaction).gallery.picture(entry.thumbnail_hash)
    except UserError:
        return None
    return Upload(_named(entry, "small", ".webp"), data)


async def _fitted(interaction: Interaction, entry: Entry, hash_: str | None, name: str, limit: int) -> Upload | None:
    host = host_of(interaction)
    try:
        encoded = await host.decoder.fit(await host.gallery.picture(hash_), limit)
    except UserError:
        return None
    return Upload(_named(entry, name, extension(encoded.media_type)), encoded.data)


def _named(entry: Entry, name: str, ending: str) -> str:
    return f"{HIDDEN if entry.spoiler else ''}{name}-{entry.id}{ending}"
