"""Writing a job down: what of its row comes from the request."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Request
from bot.store.tables import JobRow


async def values_of(session: AsyncSession, request: Request) -> dict[str, Any]:
    """Return the columns that ``request`` fills. Raises UserError where it starts from a picture that is not there.

    Age restriction is inherited: what derives from a restricted job is restricted, wherever it was asked for.
    """
    values = asdict(request)
    if request.parent_id is None:
        if request.source_hash is not None:
            raise ValueError("a picture that is ours already comes from a job")
        return values
    parent = await session.get(JobRow, request.parent_id)
    if parent is None or request.source_hash not in {parent.source_hash, parent.result_hash} - {None}:
        raise UserError(KEPT_NO_MORE)
    return {**values, "restricted": request.restricted or parent.restricted}
