"""What people see change, numbered, for whoever watches: the chat page by push, a program by long poll."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from bot.emulator.model import Json

KEPT_CHANGES = 5_000


@dataclass(frozen=True)
class Change:
    """One change. ``seen_by`` tells who sees it, by their ids; None: everybody."""

    seq: int
    seen_by: Callable[[int], bool] | None
    body: Json

    @cached_property
    def text(self) -> str:
        """The change as JSON, written once for everybody who watches."""
        return json.dumps(self.body)


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

    def since(self, seq: int, viewer_id: int | None) -> list[Change]:
        """Return the changes after ``seq`` that ``viewer_id`` sees; None sees all."""
        news = list(takewhile(lambda change: change.seq > seq, reversed(self._changes)))
        return [
            change
            for change in reversed(news)
            if viewer_id is None or change.seen_by is None or change.seen_by(viewer_id)
        ]

    async def wait(self, seq: int, viewer_id: int | None, timeout_s: float) -> list[Change]:
        """Return the changes after ``seq``, waiting for the first one; empty after ``timeout_s``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not (changes := self.since(seq, viewer_id)):
                    seq = max(seq, self.seq)  # what came was not for this viewer
                    await self._news.wait()
                return changes
        return []
