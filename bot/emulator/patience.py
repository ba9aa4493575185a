"""How long a client may take: one that writes or reads too slowly is let go, and keeps nobody else waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import StreamReader, web

from bot.emulator.errors import TOO_SLOW, Refused

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Patience:
    """Bounds the time for a request's body, and for reading the answer, in seconds."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer 408 to a body that does not come to its end, and cut off who does not read."""
        content = request.content
        late = asyncio.get_running_loop().call_later(self._within_s, _give_up, content)
        try:
            response = await handler(request)
        finally:
            late.cancel()
        if isinstance(content.exception(), Refused):
            response.force_close()
        try:
            async with asyncio.timeout(self._within_s):
                await response.prepare(request)
                await response.write_eof()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            pass  # the client was faster
        if isinstance(content.exception(), Refused):
            request.protocol.force_close()
        return response


def _give_up(content: StreamReader) -> None:
    if not content.is_eof():
        content.set_exception(Refused(TOO_SLOW))
