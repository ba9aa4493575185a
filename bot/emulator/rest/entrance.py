"""Routes around login: who the bot is, its application, where the gateway is, and its commands."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.bodies import read_body
from bot.emulator.checks.commands import CHAT_INPUT, check_commands
from bot.emulator.checks.form import Form
from bot.emulator.errors import UNKNOWN_APPLICATION, Refused
from bot.emulator.feed import Feed
from bot.emulator.gateway import Gateway
from bot.emulator.model import Json
from bot.emulator.rest.desk import BASE, Desk, number
from bot.emulator.shapes import people


class Entrance:
    """The routes of login and command registration."""

    def __init__(self, desk: Desk, gateway: Gateway, feed: Feed) -> None:
        self._desk = desk
        self._world = desk.world
        self._gateway = gateway
        self._feed = feed

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        commands = f"{BASE}/applications/{{application_id}}/commands"
        return [
            web.get(f"{BASE}/users/@me", self.get_me),
            web.get(f"{BASE}/oauth2/applications/@me", self.get_application),
            web.get(f"{BASE}/applications/@me", self.get_application),
            web.get(f"{BASE}/gateway", self.get_gateway),
            web.get(f"{BASE}/gateway/bot", self.get_gateway_bot),
            web.get(commands, self.get_commands),
            web.put(commands, self.put_commands),
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

    async def get_commands(self, request: web.Request) -> web.Response:
        """Answer with the registered commands."""
        self._check_application(request)
        return self._desk.answer(request, list(self._world.commands.values()))

    async def put_commands(self, request: web.Request) -> web.Response:
        """Replace all commands. One of the same name and type keeps its id."""
        self._check_application(request)
        payload = (await read_body(request)).payload
        form = Form()
        check_commands(form, payload)
        self._desk.check(request, payload, form)
        before = {(one["type"], one["name"]): one["id"] for one in self._world.commands.values()}
        shaped = [self._shape(command, before) for command in payload]
        self._world.commands = {int(one["id"]): one for one in shaped}
        self._feed.add("commands", {"commands": shaped})
        return self._desk.answer(request, shaped)

    def _shape(self, command: Json, before: dict[tuple[int, str], str]) -> Json:
        kind = command.get("type") or CHAT_INPUT
        own = before.get((kind, command["name"])) or str(self._world.ids.new())
        needed = command.get("default_member_permissions")
        shape: Json = {
            "id": own,
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.new()),
            "type": kind,
            "name": command["name"],
            "description": command.get("description") or "",
            "default_member_permissions": str(needed) if needed is not None else None,
            "dm_permission": command.get("dm_permission") is not False,
            "contexts": command.get("contexts"),
            "integration_types": command.get("integration_types") or [0],
            "nsfw": bool(command.get("nsfw")),
        }
        optional: dict[str, Any] = {"options": _shaped_options(command.get("options") or [])}
        optional["name_localizations"] = command.get("name_localizations")
        optional["description_localizations"] = command.get("description_localizations")
        return shape | {key: value for key, value in optional.items() if value}

    def _check_application(self, request: web.Request) -> None:
        if number(request, "application_id") != self._world.application_id:
            raise Refused(UNKNOWN_APPLICATION)


def _shaped_options(options: list[Json]) -> list[Json]:
    """Return options without what was given as null or empty."""
    shaped = []
    for option in options:
        one = {key: value for key, value in option.items() if value not in (None, [])}
        if option.get("options"):
            one["options"] = _shaped_options(option["options"])
        shaped.append(one)
    return shaped
