"""Results that outlive a crash: once a job's picture is stored, no later attempt dreams it again.

Beside the picture lies a small object under the job's id that names it. It says nothing of the attempt: a job's recipe
and source never change, so whoever finished it first has finished it.
"""

from __future__ import annotations

import json

from bot.fail_points import FailPoint, fail_point
from bot.images.store import ImageStore
from bot.pool.interface import Dreamed
from bot.store.jobs import Result


class Results:
    """The finished dreams of jobs whose rows may not say so yet."""

    def __init__(self, images: ImageStore) -> None:
        self._images = images

    async def keep(self, job_id: int, dreamed: Dreamed) -> Result:
        """Store a dream's picture, then the object that names it."""
        hash_ = await self._images.put(dreamed.picture, dreamed.media_type, dreamed.width, dreamed.height)
        fail_point(FailPoint.PICTURE_KEPT)
        note = "\n".join(dreamed.notes) or None
        result = Result(hash=hash_, seconds=dreamed.seconds, fingerprint=dreamed.fingerprint, note=note)
        await self._images.objects.put(key_of(job_id), json.dumps(vars(result)).encode())
        return result

    async def find(self, job_id: int) -> Result | None:
        """Return what an earlier attempt came to, where its picture is still there."""
        data = await self._images.objects.get(key_of(job_id))
        if data is None:
            return None
        result = Result(**json.loads(data))
        return result if await self._images.hold(result.hash) else None

    async def forget(self, job_id: int) -> None:
        """Remove what names the result: the job's row does, or the job is over."""
        await self._images.objects.delete(key_of(job_id))


def key_of(job_id: int) -> str:
    """Return under which key the result of a job lies."""
    return f"results/{job_id}"
