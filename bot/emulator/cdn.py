"""The CDN: files at signed addresses, on a port and so an origin of its own, as Discord's is."""

from __future__ import annotations

import re

from aiohttp import web

from bot.emulator.avatars import default_avatar
from bot.emulator.faults import Faults
from bot.emulator.files import Files
from bot.emulator.model import Upload

PIECES_PER_S = 10  # of a file that is sent slowly
GONE = "This content is no longer available."
_SAFE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "video/", "audio/")
_RANGE = re.compile(r"^bytes=([0-9]*)-([0-9]*)$")
# What people upload must never run as a page, wherever its address is opened.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",
}


class Cdn:
    """The CDN's routes."""

    def __init__(self, files: Files, faults: Faults) -> None:
        self._files = files
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; each answers HEAD too."""
        return [
            web.get("/attachments/{channel_id}/{id}/{name}", self.get),
            web.get("/ephemeral-attachments/{application_id}/{id}/{name}", self.get),
            web.get("/embed/avatars/{number:[0-5]}.png", self.avatar),
        ]

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer with a file, or the part of it that was asked for; late, slowly or not at all where that is armed."""
        fault = self._faults.take_cdn()
        if fault is not None:
            await self._faults.wait(fault.delay_s)
            if fault.status:
                return web.Response(status=fault.status, text="A fault was asked for.", headers=_HEADERS)
        query = request.query
        number = request.match_info["id"]
        upload = None
        if number.isdecimal():
            signature = query.get("hm", "")
            upload = self._files.open(
                int(number), request.rel_url.raw_path, query.get("ex", ""), query.get("is", ""), signature
            )
        if upload is None:
            return web.Response(status=404, text=GONE, headers=_HEADERS)
        answer = _deliver(upload, request.headers.get("Range"))
        if fault is not None and fault.bytes_per_s and request.method == "GET":
            return await self._trickle(request, answer, fault.bytes_per_s)
        return answer

    async def avatar(self, request: web.Request) -> web.Response:
        """Answer with the picture of somebody who has none; ``size`` makes no other of it, as at Discord."""
        picture = default_avatar(int(request.match_info["number"]))
        return web.Response(body=picture, content_type="image/png", headers=_HEADERS)

    async def _trickle(self, request: web.Request, answer: web.Response, bytes_per_s: int) -> web.StreamResponse:
        """Send an answer slowly, until the faults are disarmed."""
        data = answer.body if isinstance(answer.body, bytes) else b""
        slow = web.StreamResponse(status=answer.status, headers=answer.headers)
        slow.content_length = len(data)
        await slow.prepare(request)
        piece = max(1, bytes_per_s // PIECES_PER_S)
        wait_s = piece / bytes_per_s
        for start in range(0, len(data), piece):
            await slow.write(data[start : start + piece])
            if await self._faults.wait(wait_s):
                await slow.write(data[start + piece :])
                break
        return slow


def _deliver(upload: Upload, asked: str | None) -> web.Response:
    kind = upload.content_type or "application/octet-stream"
    disposition = "inline" if kind.startswith(_SAFE_TYPES) else "attachment"
    headers = {
        **_HEADERS,
        "Content-Disposition": f'{disposition}; filename="{upload.filename}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=86400",
    }
    part = _part(asked, len(upload.data))
    if part is None:
        return web.Response(body=upload.data, content_type=kind, headers=headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{len(upload.data)}"
    return web.Response(body=upload.data[first : last + 1], status=206, content_type=kind, headers=headers)


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """Return the first and last byte of one simple range; anything else gets the whole file."""
    match = _RANGE.match(asked or "")
    if match is None or not match[1]:
        return None
    first, last = int(match[1]), min(int(match[2] or size), size - 1)
    return (first, last) if first <= last else None
