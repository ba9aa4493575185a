"""Whether the bot can serve at this moment: each part that it needs is asked, and nothing is taken for granted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from bot.images.objects import StoreUrlError

log = logging.getLogger(__name__)

ANSWERS_S = 5.0  # or a part is taken to be out of reach
BUCKET_EVERY_S = 15.0  # a good answer of S3 holds that long: to ask costs three requests, which somebody pays for
FOLDER_EVERY_S = 2.0  # and one of a disk so long: to ask waits for it twice, behind whatever else it writes


class Part:
    """One part, asked by one question at a time: who asks meanwhile gets the same answer."""

    def __init__(
        self, name: str, ask: Callable[[], Awaitable[object]], within_s: float = ANSWERS_S, holds_s: float = 0.0
    ) -> None:
        """``ask`` raises where the part cannot be used. A good answer is not asked for again for ``holds_s``."""
        self._name = name
        self._ask = ask
        self._within_s = within_s
        self._holds_s = holds_s
        self._good_until = float("-inf")
        self._question: asyncio.Task[bool] | None = None

    async def answers(self) -> bool:
        """Whether it can be used, within ``within_s``."""
        if time.monotonic() < self._good_until:
            return True
        if self._question is None or self._question.done():
            self._question = asyncio.create_task(self._answer(), name=f"readiness of the {self._name}")
        # A question is never cut off: what is half done in a database can hold everybody up.
        done, _ = await asyncio.wait({self._question}, timeout=self._within_s)
        return bool(done) and self._question.result()

    async def _answer(self) -> bool:
        try:
            await self._ask()
        except Exception as error:  # noqa: BLE001 - whatever it says: it cannot be used
            said = str(error) if isinstance(error, StoreUrlError) else type(error).__name__
            log.warning("the %s cannot be used now: %s", self._name, said)
            return False
        self._good_until = time.monotonic() + self._holds_s
        return True

    async def stop(self) -> None:
        """Wait for the question under way."""
        if self._question is not None:
            await asyncio.wait({self._question}, timeout=self._within_s)


class Readiness:
    """Asks every part. ``states`` are those that are known without asking."""

    def __init__(self, parts: Mapping[str, Part], states: Mapping[str, Callable[[], bool]]) -> None:
        self._parts = parts
        self._states = states

    async def look(self) -> dict[str, bool]:
        """Return whether each part can be used now, by name."""
        answers = await asyncio.gather(*(part.answers() for part in self._parts.values()))
        return dict(zip(self._parts, answers, strict=True)) | {name: state() for name, state in self._states.items()}

    async def stop(self) -> None:
        """Wait for the questions under way."""
        await asyncio.gather(*(part.stop() for part in self._parts.values()))
