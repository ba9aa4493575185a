"""Privacy: what is held on a person, a copy of it, and its end."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

from bot.errors import UserError
from bot.fail_points import FailPoint, fail_point
from bot.images.store import ImageStore
from bot.jobs.clock import Clock
from bot.jobs.results import Results
from bot.jobs.service import Jobs
from bot.jobs.tasks import Loop
from bot.privacy.parts import Cursor, Part, Parts
from bot.store.holdings import HOLDINGS, Holding
from bot.store.privacy import Forgotten, Held, PrivacyStore
from engine.sentences import mark

log = logging.getLogger(__name__)

EVERY_S = 3600.0
AT_ONCE = 2  # parts that are being made: each is a picture in memory, and up to 24 MiB in a temporary file
START = Cursor()

RUNS_ALREADY = mark("I am making your export already: it comes in the message where you asked for it.")


class Privacy:
    """What people may ask about what is held on them. Who asks is who it is about: nobody else is ever named."""

    def __init__(self, store: PrivacyStore, images: ImageStore, jobs: Jobs, clock: Clock | None = None) -> None:
        self._store = store
        self._images = images
        self._jobs = jobs
        self._results = Results(images)
        self._exporting: set[int] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._loop = Loop(self._finish_begun, every_s=EVERY_S, clock=clock or Clock(), name="privacy")

    async def start(self) -> None:
        """Forget whom an earlier process had begun to forget; call it before jobs are taken up."""
        try:
            await self._finish_begun()
        except Exception:
            log.exception("somebody could not be forgotten, which is tried again")
        self._loop.start()

    async def stop(self) -> None:
        """End after the step under way."""
        await self._loop.stop()

    async def held(self, person_id: int) -> Held:
        """Return how much is held on a person."""
        return await self._store.held(person_id)

    async def forget(self, person_id: int) -> Held:
        """Forget a person: their dreams that wait or run end untold, then their rows go, then their pictures.

        Returns how much there was. What was begun is finished, by the next start where this process dies.
        """
        held = await self._store.held(person_id)
        await self._store.begin(person_id)
        fail_point(FailPoint.FORGETTING)
        await self._finish(person_id)
        return held

    async def _finish(self, person_id: int) -> None:
        gone = await self._store.forget(person_id)
        fail_point(FailPoint.FORGOTTEN)
        await self._jobs.drop(gone.live)
        await self._let_go(gone)
        await self._store.done(person_id)

    async def _let_go(self, gone: Forgotten) -> None:
        for job_id in gone.jobs:
            result = await self._results.find(job_id)
            await self._results.forget(job_id)
            if result is not None:  # dreamed, and its row did not say so yet
                await self._images.discard(result.hash)
        for hash_ in gone.pictures:
            await self._images.discard(hash_)

    async def _finish_begun(self) -> None:
        for person_id in await self._store.begun():
            await self._finish(person_id)
        await self._store.let_go_costs()

    async def export(
        self, person_id: int, most_bytes: int, read_me: str, after: Cursor = START
    ) -> AsyncGenerator[Part, None]:
        """Make a copy of what is held on a person, in parts of at most ``most_bytes``, each when it is asked for.

        Raises UserError where another one is under way for them in this process.
        """
        if person_id in self._exporting:
            raise UserError(RUNS_ALREADY)
        self._exporting.add(person_id)
        folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="oneiros-export-")
        try:
            pictures = await self._store.pictures(person_id)
            parts = Parts(Path(folder.name), most_bytes, pictures, self._images.get)
            texts = {one.name: partial(self._pages, one, person_id) for one in HOLDINGS}
            cursor: Cursor | None = after
            while cursor is not None:
                async with self._turns:
                    part = await parts.make(cursor, texts, read_me)
                yield part
                await asyncio.to_thread(part.file.unlink)
                cursor = part.next
        finally:
            self._exporting.discard(person_id)
            await asyncio.to_thread(folder.cleanup)

    async def _pages(self, holding: Holding, person_id: int) -> AsyncIterator[list[dict[str, Any]]]:
        """Read a person's rows of one table, a page at a time."""
        after = -1
        while page := await self._store.rows(holding, person_id, after):
            yield page
            after = page[-1][holding.key.key]
