"""What people see change, numbered, for whoever watches: the chat page by push, a program by long poll."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.emulator.model import Json

KEPT_CHANGES = 5_000


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``seen_by`` tells who sees it, by their ids; None: everybody."""

    seq: int
    seen_by: Callable[[int], bool] | None
    body: Json


class Feed:
    """The newest changes, in order."""

    def __init__(self) -> None:
        self.seq = 0
        self._changes: deque[Change] = deque(maxlen=KEPT_CHANGES)
        self._news = asyncio.Event()

    def add(self, kind: str, body: Json, *, seen_by: Callable[[int], bool] | None = None) -> None:
        """Tell a change; docs/emulator.md lists the kinds."""
        self.seq += 1
        self._changes.append(Change(self.seq, seen_by, {"seq": self.seq, "kind": kind, **body}))
        news, self._news = self._news, asyncio.Event()
        news.set()

    def since(self, seq: int, viewer_id: int | None) -> list[Json]:
        """Return the changes after ``seq`` that ``viewer_id`` sees; None sees all."""
        return [
            change.body
            for change in self._changes
            if change.seq > seq and (viewer_id is None or change.seen_by is None or change.seen_by(viewer_id))
        ]

    async def wait(self, seq: int, viewer_id: int | None, timeout_s: float) -> list[Json]:
        """Return the changes after ``seq``, waiting for the first one; empty after ``timeout_s``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not (changes := self.since(seq, viewer_id)):
                    await self._news.wait()
                return changes
        return []
