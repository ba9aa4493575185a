"""Faults on demand: of the gateway, of REST, of the CDN, of tokens."""

from __future__ import annotations

import re

from aiohttp import web

from bot.emulator.control.door import read
from bot.emulator.faults import CdnFault, Fault, Faults, How, RestFault, ResumeFault
from bot.emulator.gateway import Gateway
from bot.emulator.model import Json
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
            web.get("/control/faults", self.armed),
            web.delete("/control/faults", self.disarm),
            web.post("/control/faults/gateway", self.disturb),
            web.post("/control/faults/rest", self.break_rest),
            web.post("/control/faults/cdn", self.break_cdn),
            web.post("/control/faults/token", self.expire),
        ]

    async def armed(self, _: web.Request) -> web.Response:
        """Tell the faults that wait for their calls."""
        return reply({"faults": self._faults.to_json()})

    async def disarm(self, request: web.Request) -> web.Response:
        """Disarm them all."""
        self._faults.disarm()
        return await self.armed(request)

    async def disturb(self, request: web.Request) -> web.Response:
        """Disturb the gateway's sockets at once, or refuse the next resumes, or both."""
        asked = (await read(request)).payload
        refused = int(asked.get("refuse_resumes", 0))
        if not refused and "how" not in asked:
            raise ValueError("how, or refuse_resumes, is missing")
        if refused:
            self._faults.arm(ResumeFault(left=refused))
        how, resumable = asked.get("how"), asked.get("resumable") is True
        disturbed = self._gateway.disturb(how, resumable=resumable) if how is not None else 0
        return reply({"disturbed": disturbed})

    async def break_rest(self, request: web.Request) -> web.Response:
        """Let the next REST calls that match go wrong."""
        asked = (await read(request)).payload
        fault = RestFault(
            left=_left(asked),
            path=_pattern(asked.get("path", "")),
            method=asked.get("method", "").upper(),
            how=How(asked.get("how", How.STATUS)),
            status=int(asked.get("status", 500)),
            code=int(asked.get("code", 0)),
            retry_after_s=float(asked.get("retry_after_s", 1.0)),
            delay_s=float(asked.get("delay_s", 0.0)),
            after=asked.get("after") is True,
        )
        if not 400 <= fault.status <= 599:
            raise ValueError("status is not between 400 and 599")
        return self._arm(fault)

    async def break_cdn(self, request: web.Request) -> web.Response:
        """Let the next files come late, slowly or not at all."""
        asked = (await read(request)).payload
        fault = CdnFault(
            left=_left(asked),
            delay_s=float(asked.get("delay_s", 0.0)),
            bytes_per_s=int(asked.get("bytes_per_s", 0)),
            status=int(asked.get("status", 0)),
        )
        if fault.bytes_per_s < 0 or not (fault.status == 0 or 400 <= fault.status <= 599):
            raise ValueError("bytes_per_s is negative, or status is not between 400 and 599")
        return self._arm(fault)

    async def expire(self, request: web.Request) -> web.Response:
        """Let an interaction's token expire at once."""
        asked = (await read(request)).payload
        self._world.interactions[int(asked["interaction"])].expired = True
        return reply({})

    def _arm(self, fault: Fault) -> web.Response:
        return reply({"id": str(self._faults.arm(fault))})


def _left(asked: Json) -> int | None:
    """Return how many calls a fault befalls: 1 by default; null is all, until it is disarmed."""
    times = asked.get("times", 1)
    if times is not None and int(times) < 1:
        raise ValueError("times is not positive")
    return int(times) if times is not None else None


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"path is no regular expression: {error}") from error
