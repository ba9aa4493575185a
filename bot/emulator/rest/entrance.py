"""Routes around login: who the bot is, its application, and where the gateway is."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.gateway import Gateway
from bot.emulator.rest.desk import BASE, Desk
from bot.emulator.shapes import people


class Entrance:
    """The routes of login."""

    def __init__(self, desk: Desk, gateway: Gateway) -> None:
        self._desk = desk
        self._world = desk.world
        self._gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(f"{BASE}/users/@me", self.get_me),
            web.get(f"{BASE}/oauth2/applications/@me", self.get_application),
            web.get(f"{BASE}/applications/@me", self.get_application),
            web.get(f"{BASE}/gateway", self.get_gateway),
            web.get(f"{BASE}/gateway/bot", self.get_gateway_bot),
        ]

    async def get_me(self, request: web.Request) -> web.Response:
        """Answer with the bot's user."""
        own = {"verified": True, "mfa_enabled": True, "locale": "en-US", "email": None}
        return self._desk.answer(request, people.person(self._world.bot) | own)

    async def get_application(self, request: web.Request) -> web.Response:
        """Answer with the application."""
        owner = next(iter(self._world.guilds.values())).owner_id
        return self._desk.answer(request, people.application(self._world, self._world.people[owner]))

    async def get_gateway(self, request: web.Request) -> web.Response:
        """Answer where the gateway is."""
        return self._desk.answer(request, {"url": self._gateway.address})

    async def get_gateway_bot(self, request: web.Request) -> web.Response:
        """Answer where the gateway is, and how many shards it suggests."""
        return self._desk.answer(request, self._gateway.suggested())
