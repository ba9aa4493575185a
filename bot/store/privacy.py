"""All that is held on one person: counted, read for an export, and forgotten. Who asks is who it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.job import Job
from bot.store.blobs import Blob
from bot.store.changes import job_of
from bot.store.database import Database, whole
from bot.store.gallery.tables import ENTRY_PICTURES, EntryRow
from bot.store.holdings import HOLDINGS, Holding
from bot.store.moments import moment
from bot.store.quotas import COUNTS, DAY_S
from bot.store.salting import hashed, salt
from bot.store.tables import (
    PICTURES,
    BlobRow,
    ForgettingRow,
    ForgottenCostRow,
    JobRow,
    PresetRow,
)

PAGE = 500  # rows in memory at once


@dataclass(frozen=True)
class Held:
    """How much is held on a person: rows by the name of their holding, and pictures of theirs."""

    rows: Mapping[str, int]
    pictures: int
    picture_bytes: int


@dataclass(frozen=True)
class Forgotten:
    """What is left to do when a person's rows are gone."""

    live: Sequence[Job]  # jobs that had no outcome, or one that was not told: somebody may be at them
    jobs: Sequence[int]  # whose results may be in the object store
    pictures: Sequence[str]  # that the rows held, and others may hold as well


class PrivacyStore:
    """What one database holds on people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def held(self, person_id: int) -> Held:
        """Return how much is held on a person."""
        async with self._database.read() as session:
            rows = {one.name: await _count(session, one, person_id) for one in HOLDINGS}
            sizes = select(func.count(), func.sum(BlobRow.size)).where(_own(person_id))
            count, size = (await session.execute(sizes)).one()
            return Held(rows, count, int(size or 0))

    @whole
    async def rows(self, holding: Holding, person_id: int, after: int) -> list[dict[str, Any]]:
        """Return what an export has of a person's next rows: those whose key is larger than ``after``."""
        async with self._database.read() as session:
            found = await session.execute(
                select(*holding.columns(person_id))
                .where(holding.rows_of(person_id), holding.key > after)
                .order_by(holding.key)
                .limit(PAGE)
            )
            return [dict(row) for row in found.mappings()]

    @whole
    async def pictures(self, person_id: int) -> list[Blob]:
        """Return the pictures of a person, by their hashes: not those that they took from other people's dreams."""
        async with self._database.read() as session:
            rows = await session.scalars(select(BlobRow).where(_own(person_id)).order_by(BlobRow.hash))
            return [Blob(row.hash, row.media_type, row.width, row.height, row.size) for row in rows]

    @whole
    async def begin(self, person_id: int) -> None:
        """Write down that a person is to be forgotten, before anything is gone."""
        row = {"person_id": person_id, "begun_at": moment(), "jobs": [], "pictures": []}
        async with self._database.write() as session:
            await session.execute(self._database.insert(ForgettingRow).values(**row).on_conflict_do_nothing())

    @whole
    async def begun(self) -> list[int]:
        """Return who is to be forgotten, and is not yet."""
        async with self._database.read() as session:
            return list(await session.scalars(select(ForgettingRow.person_id).order_by(ForgettingRow.begun_at)))

    @whole
    async def forget(self, person_id: int) -> Forgotten:
        """Remove or blank every row about a person, and note what is left to do. Repeating it is harmless."""
        # In turn: else somebody could accept a job that starts from one of theirs, unseen until this is committed.
        async with self._database.write(in_turn=True) as session:
            mine = JobRow.person_id == person_id
            live = [job_of(row) for row in await session.scalars(select(JobRow).where(mine, JobRow.told_at.is_(None)))]
            jobs = list(await session.scalars(select(JobRow.id).where(mine)))
            pictures = list(await session.scalars(_held_by(person_id)))
            await _keep_costs(session, hashed(await salt(self._database, session), person_id), mine)
            for holding in HOLDINGS:
                await holding.forget(session, holding.rows_of(person_id))
            row = await session.get(ForgettingRow, person_id, with_for_update=True)
            if row is not None:
                jobs = row.jobs = sorted({*row.jobs, *jobs})
                pictures = row.pictures = sorted({*row.pictures, *pictures})
            return Forgotten(live, jobs, pictures)

    @whole
    async def done(self, person_id: int) -> None:
        """Remove the last that was written down: nothing of them is left."""
        async with self._database.write() as session:
            await session.execute(delete(ForgettingRow).where(ForgettingRow.person_id == person_id))

    @whole
    async def let_go_costs(self) -> None:
        """Let go of what forgotten people had dreamed more than a day ago."""
        async with self._database.write() as session:
            old = ForgottenCostRow.created_at <= moment(-DAY_S)
            await session.execute(delete(ForgottenCostRow).where(old))


async def _count(session: AsyncSession, holding: Holding, person_id: int) -> int:
    counted = select(func.count()).select_from(holding.table).where(holding.rows_of(person_id))
    return await session.scalar(counted) or 0


async def _keep_costs(session: AsyncSession, who: str, mine: ColumnElement[bool]) -> None:
    """Keep what a person's dreams took of a day's quota; what waits and was never begun takes nothing."""
    counted = and_(COUNTS, JobRow.cost > 0, or_(JobRow.attempt > 0, JobRow.finished_at.is_not(None)))
    spent = await session.execute(
        select(JobRow.guild_id, JobRow.cost, JobRow.created_at).where(mine, counted, JobRow.created_at > moment(-DAY_S))
    )
    kept = [{"who": who, "guild_id": row.guild_id, "cost": row.cost, "created_at": row.created_at} for row in spent]
    if kept:
        await session.execute(insert(ForgottenCostRow), kept)


_OF_PRESETS = (PresetRow.guide_hash, PresetRow.mask_hash)
_Theirs = aliased(JobRow)
Hashes = Sequence[InstrumentedAttribute[str | None]]


def _hashes(columns: Hashes, where: ColumnElement[bool]) -> list[Any]:
    return [select(column.label("hash")).where(where, column.is_not(None)) for column in columns]


def _held_by(person_id: int) -> Any:
    """Select the hash of every picture that a person's rows hold."""
    entries = _hashes(ENTRY_PICTURES, EntryRow.person_id == person_id)
    return union(*_of_jobs_and_presets(person_id), *entries)


def _of_jobs_and_presets(person_id: int) -> list[Any]:
    presets = _hashes((*_OF_PRESETS, PresetRow.thumbnail_hash), PresetRow.person_id == person_id)
    return _hashes(PICTURES, JobRow.person_id == person_id) + presets


def _own(person_id: int) -> ColumnElement[bool]:
    """Match the pictures that a person may have a copy of.

    What they began from, and somebody else's dream holds that it was made from, is that person's: it counts only where
    it came from this person first-hand too. Of a gallery's entry their own are the dream, its thumbnail, and the
    original, which is shown only where it is theirs; of its guide and mask a dream or preset of theirs must say so.
    """
    mine, my_presets = JobRow.person_id == person_id, PresetRow.person_id == person_id
    given = (JobRow.source_hash, JobRow.guide_hash, JobRow.mask_hash)
    made = _hashes((JobRow.result_hash,), mine) + _hashes((PresetRow.thumbnail_hash,), my_presets)
    shown = _hashes(
        (EntryRow.picture_hash, EntryRow.thumbnail_hash, EntryRow.original_hash), EntryRow.person_id == person_id
    )
    brought = _hashes(given, and_(mine, JobRow.parent_id.is_(None), ~JobRow.borrowed))
    taken = _hashes(given, and_(mine, JobRow.parent_id.is_(None), JobRow.borrowed))
    others = select(JobRow.id).where(mine, JobRow.parent_id == _Theirs.id).exists()
    columns = [getattr(_Theirs, column.key) for column in PICTURES]
    borrowed = union(*_hashes(columns, and_(_Theirs.person_id != person_id, others)), *taken)
    return or_(
        BlobRow.hash.in_(union(*made, *brought, *shown)),
        and_(BlobRow.hash.in_(union(*_of_jobs_and_presets(person_id))), BlobRow.hash.not_in(borrowed)),
    )
