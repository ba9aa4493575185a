"""What holds for every request and every answer: who may ask, and what a browser may do with what it gets."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.buckets import Buckets
from bot.web import texts
from bot.web.answers import HEADERS
from bot.web.house import NO_INDEX, House, language_of
from bot.web.limits import Asker

log = logging.getLogger(__name__)

HANDLING_S = 15.0
# What is said of each status that a visitor may meet: what happened, and what to do.
SAID: Mapping[int, tuple[str, str | None]] = {
    404: (texts.NOT_FOUND, texts.NOT_FOUND_HOW),
    405: (texts.ONLY_READ, None),
    421: (texts.ELSEWHERE, None),
    429: (texts.TOO_OFTEN, texts.TOO_OFTEN_HOW),
    500: (texts.BROKEN, texts.BROKEN_HOW),
    503: (texts.TOO_OFTEN, texts.TOO_OFTEN_HOW),
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Stands before all handlers. Without ``buckets`` everybody may ask as often as they like."""

    def __init__(self, house: House, asker: Asker, buckets: Buckets | None) -> None:
        self._house = house
        self._asker = asker
        self._buckets = buckets

    def middleware(self) -> Middleware:
        """Return it as aiohttp takes it."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = self._refusal(request) or await self._answered(request, handler)
            if "Content-Security-Policy" not in answer.headers:
                for name, value in HEADERS.items():
                    answer.headers.setdefault(name, value)
            return answer

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        wait_s = self._buckets.take(self._asker(request)) if self._buckets is not None else 0.0
        if wait_s:
            return self._error(request, 429, {"Retry-After": str(math.ceil(wait_s))})
        if request.method not in {"GET", "HEAD"}:
            return self._error(request, 405, {"Allow": "GET, HEAD"})
        if self._house.host and request.headers.get("Host", "").lower() != self._house.host:
            return self._error(request, 421)
        return None

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(HANDLING_S):
                return await handler(request)
        except web.HTTPRedirection as elsewhere:
            headers = {"Location": elsewhere.headers["Location"], "Cache-Control": "no-store"}
            return web.Response(status=elsewhere.status, headers=headers)
        except web.HTTPException as error:
            return self._error(request, error.status if error.status in SAID else 404)
        except TimeoutError:
            log.warning("a page took more than %.0f s", HANDLING_S)
            return self._error(request, 503, {"Retry-After": "30"})
        except Exception:
            log.exception("a page failed")
            return self._error(request, 500)

    def _error(self, request: web.Request, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
        what, how = SAID[status]
        page = self._house.page("error.html", language_of(request), NO_INDEX, what=what, how=how)
        return web.Response(
            status=status,
            body=page.body,
            headers={"Content-Type": page.media_type, "Cache-Control": "no-store", **page.headers, **(headers or {})},
        )
