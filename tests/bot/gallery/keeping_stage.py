"""A gallery with real pictures, for tests of what happens to it."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image
from sqlalchemy import select, update

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job, Request, State
from bot.store.database import Database
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import Draft, EntryStore
from bot.store.gallery.votes import Votes
from bot.store.jobs import JobStore
from bot.store.tables import Base, JobRow
from engine.recipe import Recipe

GUILD, ADA, BOB, MODERATOR = 900_000_000_000_000_001, 700_000_000_000_000_001, 700_000_000_000_000_002, 6
_numbers = itertools.count(1)


@dataclass
class Stage:
    """A database, its pictures, and what people do there."""

    database: Database
    images: ImageStore
    decoder: Decoder | None = None  # None: pictures are any bytes

    async def a_picture(self) -> str:
        """Put a picture that no other is like; returns its hash."""
        number = next(_numbers)
        if self.decoder is None:
            return await self.images.put(f"picture {number}".encode(), "image/png", 64, 48)
        out = io.BytesIO()
        Image.new("RGB", (64, 48), (number % 256, number // 256, 99)).save(out, "BMP")
        clean = await self.decoder.clean(out.getvalue(), 2048)
        return await self.images.put(clean.png, "image/png", clean.width, clean.height)

    async def a_dream(self, person_id: int = ADA, **changes: Any) -> Job:
        """Return a job that was dreamed and told."""
        jobs = JobStore(self.database)
        given: dict[str, Any] = {
            "interaction_id": (1 << 60) + next(_numbers),
            "application_id": 77,
            "token": "t",
            "token_expires_at": datetime.now(UTC) + timedelta(minutes=15),
            "person_id": person_id,
            "guild_id": GUILD,
            "channel_id": 3,
            "message_id": 4,
            "filesize_limit": 1,
            "restricted": False,
            "recipe": Recipe(of="castles").to_json(),
            "source_url": "https://cdn.discordapp.com/a.png",
        }
        (accepted,), _ = await jobs.accept([Request(**given | changes)], "mine")
        values = {
            "state": State.DREAMED,
            "source_hash": accepted.source_hash or await self.a_picture(),
            "guide_hash": await self.a_picture(),
            "result_hash": await self.a_picture(),
            "finished_at": accepted.created_at,
            "told_at": accepted.created_at,
        }
        async with self.database.write() as session:
            await session.execute(update(JobRow).where(JobRow.id == accepted.id).values(values))
        job = await jobs.get(accepted.id)
        assert job is not None
        return job

    async def an_entry(
        self,
        person_id: int = ADA,
        *,
        draft: Draft | None = None,
        state: EntryState = EntryState.SHOWN,
        guild_id: int = GUILD,
        job: Job | None = None,
        voters: tuple[int, ...] = (),
        **changes: Any,
    ) -> Entry:
        """Add a dream to the gallery, with votes."""
        of = job or await self.a_dream(person_id, guild_id=guild_id, **changes)
        visitor = Visitor(guild_id, of.person_id)
        entry = await EntryStore(self.database).add(visitor, Nominee(of, 64, 48), draft or Draft(), state, 1000)
        for voter in voters:
            await Votes(self.database).cast(Visitor(guild_id, voter, restricted=True), entry.id, for_it=True)
        return entry

    async def entry(self, entry_id: int) -> Entry | None:
        """Return an entry as it is now, whatever its state."""
        return await EntryStore(self.database).get(self.moderator(restricted=True), entry_id)

    def moderator(self, **more: bool) -> Visitor:
        return Visitor(GUILD, MODERATOR, moderates=True, **more)

    async def remove(self, entry: Entry, reason: str = "not a dream") -> None:
        """Take an entry out, as a moderator."""
        removed = await Decisions(self.database).remove(self.moderator(), entry.id, entry.state, reason)
        assert removed is not None

    async def rows(self, name: str) -> list[dict[str, Any]]:
        """Return every row of a table."""
        async with self.database.read() as session:
            found = await session.execute(select(Base.metadata.tables[name]))
            return [dict(row) for row in found.mappings()]
