"""What a program or the page does as a person: commands, menus, presses, modals, messages."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.acts import Acts
from bot.emulator.chat import Chat
from bot.emulator.control.door import Door, read
from bot.emulator.model import Interaction, Json
from bot.emulator.rest.desk import reply


class Acting:
    """The routes that act as people."""

    def __init__(self, door: Door, chat: Chat, acts: Acts) -> None:
        self._door = door
        self._chat = chat
        self._world = chat.world
        self._acts = acts

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/control/commands", self.run),
            web.post("/control/menu", self.menu),
            web.post("/control/press", self.press),
            web.post("/control/submit", self.submit),
            web.post("/control/messages", self.write),
            web.delete("/control/messages/{id}", self.delete),
        ]

    async def run(self, request: web.Request) -> web.Response:
        """Run a slash command; files come as form fields named like their options."""
        body = await read(request)
        asked = body.payload
        interaction = self._acts.run(
            self._door.person(asked["person"]),
            self._door.channel(asked["channel"]),
            asked["command"],
            asked.get("options") or {},
            body.named,
        )
        return await self._outcome(interaction, asked)

    async def menu(self, request: web.Request) -> web.Response:
        """Run a command of a message's menu."""
        asked = (await read(request)).payload
        interaction = self._acts.menu(
            self._door.person(asked["person"]), self._door.message(asked["message"]), asked["command"]
        )
        return await self._outcome(interaction, asked)

    async def press(self, request: web.Request) -> web.Response:
        """Press a button, or choose in a select."""
        asked = (await read(request)).payload
        interaction = self._acts.press(
            self._door.person(asked["person"]),
            self._door.message(asked["message"]),
            asked["custom_id"],
            asked.get("values"),
        )
        return await self._outcome(interaction, asked)

    async def submit(self, request: web.Request) -> web.Response:
        """Submit an open modal; files come as form fields named like their custom ids."""
        body = await read(request)
        asked = body.payload
        opened = self._world.interactions[int(asked["interaction"])]
        interaction = self._acts.submit(
            self._door.person(asked["person"]), opened, asked.get("values") or {}, body.named
        )
        return await self._outcome(interaction, asked)

    async def write(self, request: web.Request) -> web.Response:
        """Post a message as a person."""
        body = await read(request)
        asked = body.payload
        message = self._acts.write(
            self._door.person(asked["person"]),
            self._door.channel(asked["channel"]),
            asked.get("content", ""),
            body.named,
        )
        return reply({"message": self._chat.seen(message)})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete any message, as its author or a moderator could."""
        self._chat.delete(self._door.message(request.match_info["id"]))
        return reply({})

    async def _outcome(self, interaction: Interaction, asked: Json) -> web.Response:
        """Answer once the bot has acknowledged, or its three seconds are over; at once with ``"wait": false``."""
        if asked.get("wait", True):
            await interaction.settled.wait()
        return reply({"interaction": self._chat.interaction(interaction)})
