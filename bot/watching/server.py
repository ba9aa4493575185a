"""The port for whoever watches: ``/metrics``, ``/healthz`` and ``/readyz``. Never the galleries' pages' port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

STOPPING_S = 2.0
# Prometheus's text format, as prometheus_client writes it.
METRICS = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"}
FRESH = {"Cache-Control": "no-store"}


class Watchpost:
    """Answers on a port of its own."""

    def __init__(
        self,
        bind: str,
        port: int,
        *,
        look: Callable[[], Awaitable[dict[str, bool]]],
        metrics: Callable[[], Awaitable[bytes]],
        is_paused: Callable[[], bool],
    ) -> None:
        self._bind = bind
        self._port = port
        self._look = look
        self._metrics = metrics
        self._is_paused = is_paused
        app = web.Application(client_max_size=1)
        app.router.add_get("/metrics", self._tell_metrics)
        app.router.add_get("/healthz", self._tell_health)
        app.router.add_get("/readyz", self._tell_readiness)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOPPING_S)

    async def start(self) -> None:
        """Begin to answer. Raises OSError where the address is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._bind, self._port).start()

    @property
    def port(self) -> int:
        """The port that it answers on."""
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Answer no more."""
        await self._runner.cleanup()

    async def _tell_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._metrics(), headers=METRICS)

    async def _tell_health(self, _: web.Request) -> web.Response:
        await asyncio.sleep(0)  # the loop has turned once: a loop that hangs never comes here, nor back
        return web.json_response({"alive": True}, headers=FRESH)

    async def _tell_readiness(self, _: web.Request) -> web.Response:
        parts = await self._look()
        ready = all(parts.values())
        # A pause is no failure: all but new dreams is served, and to start the bot anew would not end it.
        told = {"ready": ready, "parts": parts, "paused": self._is_paused()}
        return web.json_response(told, status=200 if ready else 503, headers=FRESH)
