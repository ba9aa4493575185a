"""What was taken down and is sent again: refused as the same file, the same pixels, or the same looks."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.errors import UserError
from bot.intake.decoder import Looks
from bot.intake.imprint import FARTHEST, distance, is_same_film, rows_of
from bot.store.admin.takedowns import REFUSED, Takedowns


class TakenDownError(UserError):
    """Somebody sent a picture that was taken down."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


class Looker(Protocol):
    """``bot.intake.decoder.Decoder``, as far as it is needed here."""

    async def imprint(self, picture: bytes, *, windows: bool = False) -> Looks: ...

    async def film_imprint(self, film: bytes, *, ways: bool = False) -> bytes: ...


class Taken:
    """What was taken down, as far as it was read; where there is nothing, a picture costs one question."""

    def __init__(self, takedowns: Takedowns, looker: Looker) -> None:
        self._takedowns = takedowns
        self._looker = looker
        self._seen = (0, 0)
        self._imprints = rows_of(b"")
        self._films: list[NDArray[np.uint8]] = []

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

    async def check_film(self, sent: bytes, clean: bytes) -> None:
        """Let a film come in: the file that was sent, and what was made of it. Raises TakenDownError."""
        await self.check(sent, clean)
        if not self._films:
            return
        frames = rows_of(await self._looker.film_imprint(clean))
        if await asyncio.to_thread(lambda: any(is_same_film(frames, kept) for kept in self._films)):
            raise TakenDownError

    async def _read(self) -> None:
        newest = await self._takedowns.newest_imprint()
        if newest != self._seen:
            kept = await self._takedowns.imprints()
            self._imprints = rows_of(b"".join(kept.pictures))
            self._films = [rows_of(one) for one in kept.films]
            self._seen = newest
