"""What a program sets up: who and what is there, who may do what, and what time it is."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.chat import Chat
from bot.emulator.clock import iso
from bot.emulator.control.door import Door, read
from bot.emulator.permissions import Permission
from bot.emulator.places import Places
from bot.emulator.rest.desk import reply


class Staging:
    """The routes that set the stage."""

    def __init__(self, door: Door, chat: Chat, places: Places) -> None:
        self._door = door
        self._chat = chat
        self._world = chat.world
        self._places = places

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/control/clock", self.move_clock),
            web.post("/control/people", self.add_person),
            web.post("/control/permissions", self.permit),
        ]

    async def move_clock(self, request: web.Request) -> web.Response:
        """Move the time forward by ``forward_s``."""
        self._world.clock.forward(float((await read(request)).payload["forward_s"]))
        self._chat.look_at_the_clock()
        return reply({"now": iso(self._world.clock.now())})

    async def add_person(self, request: web.Request) -> web.Response:
        """Let a new person come, into the guilds that are named."""
        asked = (await read(request)).payload
        guilds = [self._door.guild(one) for one in asked.get("guilds") or []]
        username = str(asked["username"])
        person = self._places.add_person(
            username, str(asked.get("display") or username), guilds, locale=str(asked.get("locale") or "en-US")
        )
        return reply({"person": {"id": str(person.id), "username": person.username, "display": person.display}})

    async def permit(self, request: web.Request) -> web.Response:
        """Give or take a permission of a person, or by default of the bot, in a channel."""
        asked = (await read(request)).payload
        whose = self._door.person(asked["person"]).id if "person" in asked else self._world.bot.id
        permission = Permission[asked["permission"].upper()]
        self._places.permit(self._door.channel(asked["channel"]), whose, permission, granted=bool(asked["granted"]))
        return reply({})
