"""Writing a job down: what of its row comes from the request."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import ScalarResult, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import Visitor
from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Request
from bot.preset import Viewer
from bot.store.gallery.rows import seen_by as sees
from bot.store.gallery.tables import EntryRow
from bot.store.presets import seen_by
from bot.store.tables import JobRow, PresetRow


async def values_of(session: AsyncSession, request: Request) -> dict[str, Any]:
    """Return the columns that ``request`` fills. Raises UserError where it names a picture that is not there.

    Age restriction is inherited: what derives from a restricted job is restricted, wherever it was asked for. So is
    whether the picture is somebody else's: that is still known when their job is gone.
    """
    parent = None if request.parent_id is None else await session.get(JobRow, request.parent_id)
    if request.parent_id is not None and parent is None:
        raise UserError(KEPT_NO_MORE)
    held, restricted = _held_by(parent), parent is not None and parent.restricted
    beside = {request.guide_hash, request.mask_hash} - {None} - held
    for preset in await _presets_with(session, request, beside) if beside else ():
        held |= {preset.guide_hash, preset.mask_hash}
        restricted |= preset.restricted
    for entry in await _entries_with(session, request, beside - held) if beside - held else ():
        held |= {entry.guide_hash, entry.mask_hash}
        restricted |= entry.restricted
    if not {request.source_hash, request.guide_hash, request.mask_hash} - {None} <= held:
        raise UserError(KEPT_NO_MORE)
    borrowed = request.borrowed or (parent is not None and (parent.borrowed or parent.person_id != request.person_id))
    return {**asdict(request), "restricted": request.restricted or restricted, "borrowed": borrowed}


async def _presets_with(session: AsyncSession, request: Request, beside: set[str | None]) -> ScalarResult[PresetRow]:
    """Return the presets that whoever asks sees and that keep one of these guides and masks."""
    keep = or_(PresetRow.guide_hash.in_(beside), PresetRow.mask_hash.in_(beside))
    return await session.scalars(select(PresetRow).where(seen_by(Viewer(request.person_id, request.guild_id)), keep))


async def _entries_with(session: AsyncSession, request: Request, beside: set[str | None]) -> ScalarResult[EntryRow]:
    """Return the entries that whoever asks sees in the gallery there and that keep one of these guides and masks."""
    visitor = Visitor(request.guild_id or 0, request.person_id, restricted=request.restricted)
    keep = or_(EntryRow.guide_hash.in_(beside), EntryRow.mask_hash.in_(beside))
    return await session.scalars(select(EntryRow).where(sees(visitor), keep))


def _held_by(parent: JobRow | None) -> set[str | None]:
    """Return the pictures of ours that a request may name: whatever vouches for others is added here."""
    if parent is None:
        return set()
    return {parent.source_hash, parent.result_hash, parent.guide_hash, parent.mask_hash}
