"""How an entry comes in: its row, its pictures held, its state settled. All of it in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import PLACES, EntryState, Nominee
from bot.errors import KEPT_NO_MORE, UserError
from bot.store.database import Database
from bot.store.gallery import likenesses, rows
from bot.store.gallery.acts import Act, write_down
from bot.store.gallery.tables import ENTRY_PICTURES, EntryRow, LikenessRow
from bot.store.moments import moment
from bot.store.tables import BlobRow, JobRow

ALIKE = 6  # bits: how far two files of one dream are apart; the figures are in bot.intake.likeness
# A nomination is in no list: whoever dreamed the other one may add it.
IN_THE_WAY = frozenset(EntryState) - {EntryState.NOMINATED}


def new_slug() -> str:
    """Return 128 random bits, as an entry is called on the web."""
    return secrets.token_urlsafe(16)


async def check_there(session: AsyncSession, of: Nominee) -> None:
    """Raise UserError where the dream was deleted, or its dreamer forgotten, since it was looked at."""
    job = of.job
    same = and_(JobRow.id == job.id, JobRow.person_id == job.person_id, JobRow.result_hash == job.result_hash)
    if await session.scalar(select(JobRow.id).where(same)) is None:
        raise UserError(KEPT_NO_MORE)


async def alike(
    session: AsyncSession, guild_id: int, known: EntryRow | None, likeness: int | None = None
) -> EntryRow | None:
    """Return the entry of a server that is in the way of a picture, being so alike that it is the same.

    ``likeness`` is the picture's, or that of its nomination ``known`` is taken. A removed entry comes before others.
    """
    if likeness is None and known is not None:
        row = await session.get(LikenessRow, known.id)
        likeness = None if row is None else row.likeness
    if likeness is None:
        return None
    near = await likenesses.near(session, guild_id, likeness, ALIKE, IN_THE_WAY)
    return next((row for row in near if row.state is EntryState.REMOVED), next(iter(near), None))


async def insert_nomination(
    database: Database, session: AsyncSession, guild_id: int, of: Nominee, said: dict[str, Any]
) -> EntryRow:
    """Write down a nomination of a dream, and by what its picture is known again.

    ``said`` are columns that differ from a nomination's. Raises UserError where its picture is no longer kept.
    """
    job = of.job
    values: dict[str, Any] = {
        "guild_id": guild_id,
        "slug": new_slug(),
        "state": EntryState.NOMINATED,
        "person_id": job.person_id,
        "recipe": job.recipe,
        "preset": job.preset,
        "picture_hash": job.result_hash,
        "guide_hash": job.guide_hash,
        "mask_hash": job.mask_hash,
        "width": of.width,
        "height": of.height,
        "restricted": job.restricted,
        "spoiler": job.spoiler,
        "on_web": False,
        "place": secrets.randbelow(PLACES),
        "created_at": moment(),
        "job_id": job.id,
        "channel_id": job.channel_id,
        **said,
    }
    if job.result_hash is None:
        raise UserError(KEPT_NO_MORE)
    await hold_pictures(session, {values.get(column.key) for column in ENTRY_PICTURES})
    row: EntryRow | None = await session.scalar(insert(EntryRow).values(**values).returning(EntryRow))
    if row is None:
        raise RuntimeError("an inserted row was not returned")
    if of.likeness is not None:
        await likenesses.write(database, session, row, of.likeness)
    return row


async def hold_pictures(session: AsyncSession, hashes: Collection[str | None]) -> None:
    """Keep pictures until the row that refers to them is there. Raises UserError where one is gone."""
    wanted = set(hashes) - {None}
    held = await session.scalars(
        update(BlobRow).where(BlobRow.hash.in_(wanted)).values(touched_at=moment()).returning(BlobRow.hash)
    )
    if set(held) != wanted:
        raise UserError(KEPT_NO_MORE)


async def settle(session: AsyncSession, where: ColumnElement[bool], state: EntryState, by: int) -> EntryRow | None:
    """Let the nomination that ``where`` matches be shown, or wait for approval; None where nothing matches."""
    if state is EntryState.SHOWN:
        row = await rows.show(session, where)
    else:
        row = await rows.change(session, where, state=state)
    if row is not None:
        act = Act.ADDED if state is EntryState.SHOWN else Act.ASKED
        await write_down(session, row.guild_id, act, by=by, entry_id=row.id, about=row.person_id)
    return row
