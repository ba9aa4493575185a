"""Pictures: served through an entry that may be seen now, and through nothing else."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.errors import UserError
from bot.store.gallery.web import Showing, Shown
from bot.web.answers import ASK_AGAIN, not_modified
from bot.web.house import House

# What our encoder writes. Anything else was not written by it, and is not served.
TYPES = frozenset({"image/png", "image/webp", "image/jpeg"})
READ_AT_ONCE = 8  # each is in memory as a whole


class Pictures:
    """The handlers of the pictures."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._reading = asyncio.Semaphore(READ_AT_ONCE)

    async def thumbnail(self, request: web.Request) -> web.Response:
        """Answer with an entry's thumbnail."""
        return await self._send(request, Showing.THUMBNAIL)

    async def picture(self, request: web.Request) -> web.Response:
        """Answer with an entry's picture."""
        return await self._send(request, Showing.PICTURE)

    async def original(self, request: web.Request) -> web.Response:
        """Answer with the photo that an entry was dreamed on, where its dreamer lets it be shown."""
        return await self._send(request, Showing.ORIGINAL)

    async def _send(self, request: web.Request, which: Showing) -> web.Response:
        slug = request.match_info["slug"]
        shown = await self._house.memory.get(("picture", slug, which), lambda: self._house.on_web.picture(slug, which))
        hall = None if shown is None else self._house.hall_of(shown.guild_id)
        if shown is None or hall is None or shown.blob.media_type not in TYPES:
            raise web.HTTPNotFound
        headers = {
            "ETag": f'"{shown.blob.hash}"',
            "Cache-Control": ASK_AGAIN,
            "Cross-Origin-Resource-Policy": "cross-origin",  # feed readers show them
            **hall.headers,
        }
        if not_modified(request, shown.blob.hash):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = shown.blob.media_type
        if request.method == "HEAD":
            return web.Response(headers={**headers, "Content-Length": str(shown.blob.size)})
        return web.Response(body=await self._bytes(shown), headers=headers)

    async def _bytes(self, shown: Shown) -> bytes:
        async with self._reading:
            try:
                return await self._house.images.get(shown.blob.hash)
            except UserError:
                raise web.HTTPNotFound from None
