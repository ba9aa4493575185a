"""What the web may show of any server's gallery, by the random names of entries.

Whoever asks is a visitor of the web, and so there is no ``Visitor`` here: what comes back says of which server it is,
and the caller looks whether that has a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, select, union_all

from bot.entry import Entry, EntryState
from bot.store.blobs import Blob
from bot.store.database import Database, whole
from bot.store.gallery import rows
from bot.store.gallery.tables import EntryRow
from bot.store.tables import BlobRow

COVERS = 4  # of each gallery


class Showing(StrEnum):
    """Which picture of an entry."""

    PICTURE = "picture"
    THUMBNAIL = "thumbnail"
    ORIGINAL = "original"


@dataclass(frozen=True)
class Shown:
    """A picture that may be seen, as long as its server has a page."""

    guild_id: int
    blob: Blob


@dataclass(frozen=True)
class Cover:
    """One of a gallery's newest entries."""

    guild_id: int
    slug: str
    has_thumbnail: bool
    width: int
    height: int


class OnWeb:
    """What one database's galleries show on the web."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def entry(self, slug: str) -> Entry | None:
        """Return an entry that its dreamer lets be shown."""
        async with self._database.read() as session:
            row = await rows.one(session, and_(_ON_WEB, EntryRow.slug == slug))
            return None if row is None else rows.entry_of(row)

    @whole
    async def picture(self, slug: str, which: Showing) -> Shown | None:
        """Return what is known of a picture of such an entry."""
        found = (
            select(EntryRow.guild_id, BlobRow.hash, BlobRow.media_type, BlobRow.width, BlobRow.height, BlobRow.size)
            .join(BlobRow, BlobRow.hash == _COLUMNS[which])
            .where(_ON_WEB, EntryRow.slug == slug)
        )
        async with self._database.read() as session:
            row = (await session.execute(found)).one_or_none()
            return None if row is None else Shown(row[0], Blob(*row[1:]))

    @whole
    async def blobs(self, hashes: Sequence[str]) -> dict[str, Blob]:
        """Return what is known of these pictures."""
        async with self._database.read() as session:
            found = await session.scalars(select(BlobRow).where(BlobRow.hash.in_(hashes)))
            return {row.hash: Blob(row.hash, row.media_type, row.width, row.height, row.size) for row in found}

    @whole
    async def covers(self, guild_ids: Sequence[int]) -> list[Cover]:
        """Return the newest entries of each of these servers that are no spoilers, the newest first."""
        if not guild_ids:
            return []
        wanted = (EntryRow.guild_id, EntryRow.slug, EntryRow.thumbnail_hash, EntryRow.width, EntryRow.height)
        newest = [
            select(*wanted)
            .where(_ON_WEB, EntryRow.guild_id == guild_id, ~EntryRow.spoiler)
            .order_by(EntryRow.shown_at.desc(), EntryRow.id.desc())
            .limit(COVERS)
            .subquery()
            for guild_id in guild_ids
        ]
        async with self._database.read() as session:
            found = await session.execute(union_all(*(select(one) for one in newest)))
            return [Cover(row[0], row[1], row[2] is not None, row[3], row[4]) for row in found]


_ON_WEB = and_(EntryRow.on_web, EntryRow.state == EntryState.SHOWN, ~EntryRow.restricted)
_COLUMNS = {
    Showing.PICTURE: EntryRow.picture_hash,
    Showing.THUMBNAIL: EntryRow.thumbnail_hash,
    Showing.ORIGINAL: EntryRow.original_hash,
}
