"""Writing a job down: what of its row comes from the request."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Request
from bot.store.tables import JobRow


async def values_of(session: AsyncSession, request: Request) -> dict[str, Any]:
    """Return the columns that ``request`` fills. Raises UserError where it names a picture that is not there.

    Age restriction is inherited: what derives from a restricted job is restricted, wherever it was asked for.
    """
    parent = None if request.parent_id is None else await session.get(JobRow, request.parent_id)
    named = {request.source_hash, request.guide_hash, request.mask_hash} - {None}
    if not named <= _held_by(parent) or (request.parent_id is not None and parent is None):
        raise UserError(KEPT_NO_MORE)
    return {**asdict(request), "restricted": request.restricted or (parent is not None and parent.restricted)}


def _held_by(parent: JobRow | None) -> set[str | None]:
    """Return the pictures of ours that a request may name: whatever vouches for others is added here."""
    if parent is None:
        return set()
    return {parent.source_hash, parent.result_hash, parent.guide_hash, parent.mask_hash}
