"""Faults on demand: of the gateway, of REST, of tokens."""

from __future__ import annotations

import re

from aiohttp import web

from bot.emulator.control.door import read
from bot.emulator.faults import Faults, RestFault
from bot.emulator.gateway import Gateway
from bot.emulator.rest.desk import reply
from bot.emulator.world import World


class Disturbing:
    """The routes that make trouble."""

    def __init__(self, world: World, gateway: Gateway, faults: Faults) -> None:
        self._world = world
        self._gateway = gateway
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/control/faults/gateway", self.disturb),
            web.post("/control/faults/rest", self.break_rest),
            web.post("/control/faults/token", self.expire),
        ]

    async def disturb(self, request: web.Request) -> web.Response:
        """Drop the gateway's sockets, ask them to reconnect, or invalidate their sessions."""
        return reply({"disturbed": await self._gateway.disturb((await read(request)).payload["how"])})

    async def break_rest(self, request: web.Request) -> web.Response:
        """Answer the next REST calls that match with an error."""
        asked = (await read(request)).payload
        fault = RestFault(
            re.compile(asked.get("path", "")),
            int(asked["status"]),
            method=asked.get("method", ""),
            times=int(asked.get("times", 1)),
            code=int(asked.get("code", 0)),
            retry_after_s=float(asked.get("retry_after_s", 1.0)),
        )
        self._faults.add(fault)
        return reply({})

    async def expire(self, request: web.Request) -> web.Response:
        """Let an interaction's token expire at once."""
        asked = (await read(request)).payload
        self._world.interactions[int(asked["interaction"])].expired = True
        return reply({})
