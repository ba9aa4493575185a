"""Pictures that were taken down and are sent again: refused as the same file, the same pixels, or the same looks."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.errors import UserError
from bot.intake.decoder import Looks
from bot.intake.imprint import BYTES, FARTHEST, distance
from bot.store.admin.takedowns import REFUSED, Takedowns


class TakenDownError(UserError):
    """Somebody sent a picture that was taken down."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


class Looker(Protocol):
    """``bot.intake.decoder.Decoder``, as far as it is needed here."""

    async def imprint(self, picture: bytes, *, windows: bool = False) -> Looks: ...


class Taken:
    """What was taken down, as far as it was read; where there is nothing, a picture costs one question."""

    def __init__(self, takedowns: Takedowns, looker: Looker) -> None:
        self._takedowns = takedowns
        self._looker = looker
        self._seen = (0, 0)
        self._imprints: NDArray[np.uint8] = np.empty((0, BYTES), np.uint8)

    async def check(self, sent: bytes, clean: bytes, pixels: str | None = None) -> None:
        """Let a picture come in: the file that was sent, and what was made of it. Raises TakenDownError."""
        digests = await asyncio.to_thread(lambda: {hashlib.sha256(one).hexdigest() for one in (sent, clean)})
        if await self._takedowns.has(digests | ({pixels} if pixels is not None else set())):
            raise TakenDownError
        await self._read()
        if not len(self._imprints):
            return
        looks = await self._looker.imprint(clean)
        own = np.frombuffer(looks.imprints, np.uint8)
        if await asyncio.to_thread(distance, own, self._imprints) <= FARTHEST:
            raise TakenDownError

    async def _read(self) -> None:
        newest = await self._takedowns.newest_imprint()
        if newest != self._seen:
            kept = await self._takedowns.imprints()
            self._imprints = np.frombuffer(b"".join(kept), np.uint8).reshape(-1, BYTES)
            self._seen = newest
