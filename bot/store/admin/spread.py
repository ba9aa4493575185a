"""How far a picture has spread: everything that holds it, and everything that was dreamed from it, however far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.gallery.tables import ENTRY_PICTURES, CopyRow, EntryRow
from bot.store.tables import PICTURES, BlobRow, JobRow, PresetRow

AT_ONCE = 500  # values in one condition
PRESET_PICTURES = (PresetRow.guide_hash, PresetRow.mask_hash, PresetRow.thumbnail_hash)


@dataclass(frozen=True)
class Spread:
    """What holds a picture, or was dreamed from it. ``photos`` are those of the pictures that show it itself.

    The others only had it beside them, as a guide or a mask: what they look like is somebody else's photo.
    """

    pictures: frozenset[str] = frozenset()
    photos: frozenset[str] = frozenset()
    jobs: frozenset[int] = frozenset()
    entries: frozenset[int] = frozenset()
    presets: frozenset[int] = frozenset()
    copies: frozenset[int] = frozenset()  # of the entries, that somebody shared

    def __bool__(self) -> bool:
        return bool(self.jobs or self.entries or self.presets or self.pictures)


async def ancestry_of(session: AsyncSession, jobs: frozenset[int]) -> frozenset[str]:
    """Return the pictures of some jobs, and those that they were dreamed on, up to the photo that was sent."""
    found: set[str] = set()
    known: set[int] = set()
    wanted: set[int] = set(jobs)
    while wanted:
        rows = await _where_in(session, JobRow, JobRow.id, wanted)
        known |= wanted
        found |= {hash_ for row in rows for hash_ in (row.source_hash, row.result_hash) if hash_ is not None}
        wanted = {row.parent_id for row in rows if row.parent_id is not None} - known
    return frozenset(found)


async def spread_of(session: AsyncSession, roots: frozenset[str], jobs: frozenset[int] = frozenset()) -> Spread:
    """Follow pictures, and what ``jobs`` dreamed, through every dream, entry and preset that has them."""
    shows, beside = _Reach(set(roots)), _Reach(set())
    spread_jobs, entries, presets = set(jobs), set[int](), set[int]()
    gone = set(jobs)  # jobs whose pictures are let go: what was made of them names them only
    while shows.fresh or beside.fresh or gone:
        photos, others = shows.take(), beside.take()
        for row in await _jobs_with(session, photos | others, gone):
            spread_jobs.add(row.id)
            if row.id in gone and row.source_hash is not None:
                shows.add(row.source_hash)
            if row.result_hash is not None:
                is_photo = row.source_hash in shows.known
                (shows if is_photo else beside).add(row.result_hash)
        gone = await _children_of_gone(session, spread_jobs)
        for entry in await _rows_with(session, EntryRow, ENTRY_PICTURES, photos | others):
            entries.add(entry.id)
            seen = shows if entry.original_hash in shows.known or entry.picture_hash in shows.known else beside
            seen.add(*(one for one in (entry.picture_hash, entry.thumbnail_hash) if one is not None))
        for preset in await _rows_with(session, PresetRow, PRESET_PICTURES, photos | others):
            presets.add(preset.id)
            beside.add(*(one for one in (preset.thumbnail_hash,) if one is not None))
    for entry in await _where_in(session, EntryRow, EntryRow.job_id, spread_jobs):
        entries.add(entry.id)
    copies = {row.id for row in await _where_in(session, CopyRow, CopyRow.entry_id, entries)}
    return Spread(
        pictures=frozenset(shows.known | beside.known),
        photos=frozenset(shows.known),
        jobs=frozenset(spread_jobs),
        entries=frozenset(entries),
        presets=frozenset(presets),
        copies=frozenset(copies),
    )


@dataclass
class _Reach:
    """Pictures that were reached, and those of them that were not followed yet."""

    fresh: set[str]

    def __post_init__(self) -> None:
        self.known = set(self.fresh)

    def add(self, *hashes: str) -> None:
        self.fresh |= set(hashes) - self.known
        self.known |= set(hashes)

    def take(self) -> set[str]:
        taken, self.fresh = self.fresh, set()
        return taken


async def _jobs_with(session: AsyncSession, pictures: set[str], ids: set[int]) -> list[JobRow]:
    """Return the jobs that have one of these pictures, or are one of ``ids``."""
    return [
        *await _rows_with(session, JobRow, PICTURES, pictures),
        *(await _where_in(session, JobRow, JobRow.id, ids)),
    ]


async def _children_of_gone(session: AsyncSession, jobs: set[int]) -> set[int]:
    """Return jobs that began from one of these whose pictures are let go, and that are not among them yet."""
    rows = await _where_in(session, JobRow, JobRow.id, jobs)
    bare = {row.id for row in rows if row.source_hash is None and row.result_hash is None}
    children = await _where_in(session, JobRow, JobRow.parent_id, bare)
    return {row.id for row in children} - jobs


async def _rows_with(session: AsyncSession, table: Any, columns: Any, hashes: set[str]) -> list[Any]:
    found: dict[int, Any] = {}
    for column in columns:
        found |= {row.id: row for row in await _where_in(session, table, column, hashes)}
    return list(found.values())


async def _where_in(session: AsyncSession, table: Any, column: Any, values: set[Any]) -> list[Any]:
    """Return the rows whose column is one of ``values``, a part at a time."""
    rows: list[Any] = []
    listed = sorted(values)
    for begin in range(0, len(listed), AT_ONCE):
        rows += await session.scalars(select(table).where(column.in_(listed[begin : begin + AT_ONCE])))
    return rows


async def all_of(session: AsyncSession, kind: Literal["image", "video"]) -> list[str]:
    """Return the hashes of all that is stored of a kind."""
    return list(await session.scalars(select(BlobRow.hash).where(BlobRow.media_type.like(f"{kind}/%"))))
