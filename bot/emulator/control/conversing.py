"""What a program or the page does as a person with messages that are there: react, edit, delete, dismiss; and type."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.chat import Chat
from bot.emulator.control.door import Door, read
from bot.emulator.rest.desk import reply
from bot.emulator.talk import Talk


class Conversing:
    """The routes around messages."""

    def __init__(self, door: Door, chat: Chat, talk: Talk) -> None:
        self._door = door
        self._chat = chat
        self._talk = talk

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/control/reactions", self.react),
            web.post("/control/typing", self.type),
            web.post("/control/dismiss", self.dismiss),
            web.patch("/control/messages/{id}", self.edit),
            web.delete("/control/messages/{id}", self.delete),
        ]

    async def react(self, request: web.Request) -> web.Response:
        """React as a person, or take a reaction back."""
        asked = (await read(request)).payload
        person, message = self._door.person(asked["person"]), self._door.message(asked["message"])
        self._talk.react(person, message, str(asked["emoji"]), remove=bool(asked.get("remove")))
        return reply({"message": self._chat.seen(message)})

    async def type(self, request: web.Request) -> web.Response:
        """Be seen typing."""
        asked = (await read(request)).payload
        self._talk.type(self._door.person(asked["person"]), self._door.channel(asked["channel"]))
        return reply({})

    async def dismiss(self, request: web.Request) -> web.Response:
        """Send an ephemeral message away."""
        asked = (await read(request)).payload
        self._talk.dismiss(self._door.person(asked["person"]), self._door.message(asked["message"]))
        return reply({})

    async def edit(self, request: web.Request) -> web.Response:
        """Edit a person's own message."""
        asked = (await read(request)).payload
        message = self._door.message(request.match_info["id"])
        self._talk.edit(self._door.person(asked["person"]), message, str(asked["content"]))
        return reply({"message": self._chat.seen(message)})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete any message, as its author or a moderator could."""
        self._chat.delete(self._door.message(request.match_info["id"]))
        return reply({})
