"""The image store: pictures by the SHA-256 of their bytes, written before the row that names them."""

from __future__ import annotations

import asyncio
import hashlib
import sys

from bot.errors import KEPT_NO_MORE, UserError
from bot.fail_points import FailPoint, fail_point
from bot.images.objects import Objects
from bot.store.blobs import Blob, BlobStore

SWEEP_AFTER_S = 24 * 3600.0  # between a put and the row that refers to it, at most a shutdown lies


class ImageStore:
    """Pictures in ``objects``, their sizes in ``blobs``."""

    def __init__(self, objects: Objects, blobs: BlobStore) -> None:
        self.objects = objects
        self._blobs = blobs

    async def put(self, data: bytes, media_type: str, width: int, height: int) -> str:
        """Store a picture and return its hash. Refer to it within a day, or it is swept."""
        hash_ = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        await self._blobs.touch(Blob(hash_, media_type, width, height, len(data)))
        await self.objects.put(key_of(hash_), data)
        return hash_

    async def get(self, hash_: str | None) -> bytes:
        """Return a picture's bytes. Raises UserError where it is no longer kept: None is one that was let go."""
        data = None if hash_ is None else await self.objects.get(key_of(hash_))
        if data is None:
            raise UserError(KEPT_NO_MORE)
        return data

    async def about(self, hash_: str) -> Blob:
        """Return a picture's type and size. Raises UserError where it is no longer kept."""
        blob = await self._blobs.get(hash_)
        if blob is None:
            raise UserError(KEPT_NO_MORE)
        return blob

    async def hold(self, hash_: str) -> bool:
        """Keep a picture for another day; False where it is not there."""
        blob = await self._blobs.get(hash_)
        if blob is None:
            return False
        await self._blobs.touch(blob)
        return await self.objects.has(key_of(hash_))

    async def sweep(self, idle_s: float = SWEEP_AFTER_S, at_most: int = sys.maxsize) -> int:
        """Remove pictures that nothing refers to and that were not put for ``idle_s`` seconds; returns how many."""
        swept = 0
        while swept < at_most and await self._blobs.sweep_one(idle_s, self._delete) is not None:
            swept += 1
        return swept

    async def discard(self, hash_: str) -> bool:
        """Remove a picture at once, if nothing refers to it; False where it stays."""
        return await self._blobs.remove(hash_, self._delete)

    async def _delete(self, hash_: str) -> None:
        await self.objects.delete(key_of(hash_))
        fail_point(FailPoint.SWEPT)


def key_of(hash_: str) -> str:
    """Return under which key a picture lies."""
    return f"blobs/{hash_[:2]}/{hash_}"
