"""Galleries for the tests: entries that are shown, and servers with a gallery channel."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import insert, select, update

from bot.entry import Entry, EntryState
from bot.job import Job
from bot.store.database import Database
from bot.store.gallery import coming_in, rows
from bot.store.gallery.acts import THE_BOT
from bot.store.gallery.tables import EntryRow
from bot.store.guilds import GuildStore
from bot.store.moments import moment
from bot.store.tables import PICTURES, BlobRow, JobRow

RECIPE = '{"version": 2, "of": "dogs"}'
DREAMER = 1


async def shown_entry(database: Database, guild_id: int, picture_hash: str, **values: Any) -> Entry:
    """Let members' votes bring a dream into a server's gallery. The picture's blob is there."""
    nomination = {
        "guild_id": guild_id,
        "slug": secrets.token_urlsafe(16),
        "state": EntryState.NOMINATED,
        "person_id": DREAMER,
        "recipe": RECIPE,
        "picture_hash": picture_hash,
        "width": 64,
        "height": 48,
        "restricted": False,
        "spoiler": False,
        "on_web": False,
        "place": 1,
        "created_at": moment(),
    }
    # In one: a bot's upkeep takes away a nomination whose dream is not kept, and this one has none.
    async with database.write(in_turn=True) as session:
        added = insert(EntryRow).values(**nomination | values).returning(EntryRow.id)
        entry_id = (await session.execute(added)).scalar_one()
        row = await coming_in.settle(session, EntryRow.id == entry_id, EntryState.SHOWN, by=THE_BOT)
        assert row is not None
        return rows.entry_of(row)


async def settle(database: Database, guild_id: int, *, log_channel: int | None = None, **gallery: Any) -> None:
    """Settle a server's gallery, as its owner would in /settings."""
    store = GuildStore(database)
    now = await store.get(guild_id)
    await store.change(
        guild_id,
        DREAMER,
        now.version,
        lambda settings: settings.changed(
            gallery={**settings.gallery.model_dump(), **gallery}, log_channel=log_channel or settings.log_channel
        ),
    )


async def change(database: Database, entry_id: int, **values: Any) -> None:
    """Change an entry's row: what would take hours, or deaths, to come about."""
    async with database.write() as session:
        await session.execute(update(EntryRow).where(EntryRow.id == entry_id).values(**values))


async def row_of(database: Database, entry_id: int) -> EntryRow | None:
    """Return an entry's row."""
    async with database.read() as session:
        return await session.get(EntryRow, entry_id)


async def write_down(database: Database, job: Job) -> None:
    """Let the database have a job that a test only remembers, with those of its pictures that are kept.

    What comes into a gallery is a dream whose row is there.
    """
    columns = {one.key: getattr(job, one.key) for one in JobRow.__table__.columns if hasattr(job, one.key)}
    pictures = {one.key: columns[one.key] for one in PICTURES}
    async with database.write() as session:
        kept = set(await session.scalars(select(BlobRow.hash).where(BlobRow.hash.in_(pictures.values()))))
        held = {name: hash_ if hash_ in kept else None for name, hash_ in pictures.items()}
        await session.merge(JobRow(**columns | held | {"parent_id": None}))
