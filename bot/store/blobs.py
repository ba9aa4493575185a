"""The rows of stored pictures: touched before the object is written, removed after it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from sqlalchemy import delete, exists, or_, select

from bot.store.database import Database, whole
from bot.store.gallery.tables import ENTRY_PICTURES
from bot.store.moments import moment
from bot.store.tables import PICTURES, BlobRow, PresetRow

# Every column that keeps a picture alive.
EVERY_PICTURE = (*PICTURES, PresetRow.guide_hash, PresetRow.mask_hash, PresetRow.thumbnail_hash, *ENTRY_PICTURES)


@dataclass(frozen=True)
class Blob:
    """What is known of a stored picture."""

    hash: str
    media_type: str
    width: int
    height: int
    size: int  # bytes


class BlobStore:
    """The blob rows of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def touch(self, blob: Blob) -> None:
        """Write the row, or mark it as in use: for a day from now nothing sweeps it."""
        row = {**asdict(blob), "touched_at": moment()}
        async with self._database.write() as session:
            await session.execute(
                self._database.insert(BlobRow)
                .values(**row)
                .on_conflict_do_update(index_elements=[BlobRow.hash], set_={"touched_at": moment()})
            )

    @whole
    async def get(self, hash_: str) -> Blob | None:
        """Return what is known of a picture."""
        async with self._database.read() as session:
            row = await session.get(BlobRow, hash_)
            return None if row is None else Blob(row.hash, row.media_type, row.width, row.height, row.size)

    @whole
    async def sweep_one(self, idle_s: float, delete_object: Callable[[str], Awaitable[None]]) -> str | None:
        """Remove one picture that nothing refers to and that was not touched for ``idle_s``; returns its hash.

        The object goes first, under the lock of its row: whoever wants to store the same picture waits, then writes it.
        """
        async with self._database.write() as session:
            hash_ = await session.scalar(
                select(BlobRow.hash)
                .where(BlobRow.touched_at <= moment(-idle_s), ~_USED)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if hash_ is not None:
                await delete_object(hash_)
                await session.execute(delete(BlobRow).where(BlobRow.hash == hash_))
            return hash_

    @whole
    async def remove(self, hash_: str, delete_object: Callable[[str], Awaitable[None]]) -> bool:
        """Remove a picture now, however new it is, if nothing refers to it.

        Somebody who has put the same bytes and does not refer to them yet loses them: their change of a job then raises
        PictureGoneError, and they put them once more.
        """
        async with self._database.write() as session:
            # First the lock, then the look: who refers to the row meanwhile waits, and then finds it gone.
            await session.execute(select(BlobRow.hash).where(BlobRow.hash == hash_).with_for_update())
            unused = await session.scalar(select(BlobRow.hash).where(BlobRow.hash == hash_, ~_USED))
            if unused is None:
                return False
            await delete_object(hash_)
            await session.execute(delete(BlobRow).where(BlobRow.hash == hash_))
            return True


_USED = or_(*(exists().where(column == BlobRow.hash) for column in EVERY_PICTURE))
