"""What the faults that were asked for do to REST calls."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.emulator.errors import Refused
from bot.emulator.faults import Faults, How, RestFault
from bot.emulator.rest.desk import reply
from bot.emulator.rest.limits import too_many

GLANCE_S = 0.2  # how often a call that is never answered looks whether the client has given up
_PROXY_S_OWN = 502  # from here on it is the proxy that answers, in HTML

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Breakage:
    """Lets the armed faults befall the calls that they match."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Do to a call what was asked for, before it is acted on or after."""
        fault = self._faults.take_rest(request.method, request.path) if request.path.startswith("/api/") else None
        if fault is None:
            return await handler(request)
        if fault.how is How.DELAY and not fault.after:
            await self._faults.wait(fault.delay_s)
        if fault.after or fault.how in {How.DELAY, How.HALF}:
            answer = await handler(request)
        else:
            answer = _error(fault)
            with contextlib.suppress(Refused):
                async for _ in request.content.iter_any():
                    pass  # a client that is still writing would not see the answer
        if fault.how is How.STATUS:
            return _error(fault)
        if fault.how is How.HALF:
            return await _half(request, answer)
        if fault.how is How.TIMEOUT:
            await self._hang(request)
        elif fault.after:
            await self._faults.wait(fault.delay_s)
        return answer

    async def _hang(self, request: web.Request) -> None:
        """Keep a call waiting until its client gives up, or the faults are disarmed."""
        while request.transport is not None and not request.transport.is_closing():
            if await self._faults.wait(GLANCE_S):
                request.transport.abort()


async def _half(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Send half of an answer under the length of the whole, and cut the connection."""
    body = answer.body if isinstance(answer, web.Response) else None
    whole = body if isinstance(body, bytes) and body else b"{}"
    cut = web.StreamResponse(status=answer.status if body else 200, headers=answer.headers)
    cut.content_length = len(whole)
    await cut.prepare(request)
    await cut.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut


def _error(fault: RestFault) -> web.Response:
    if fault.status == 429:
        return too_many(fault.retry_after_s)
    if fault.status >= _PROXY_S_OWN and not fault.code:
        text = f"<html><head><title>{fault.status}</title></head><body><h1>A fault was asked for</h1></body></html>"
        return web.Response(status=fault.status, text=text, content_type="text/html")
    return reply({"message": f"{fault.status}: a fault that was asked for", "code": fault.code}, status=fault.status)
