"""What a program or the page does as a person: commands, menus, presses, modals, messages."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.acts import Acts
from bot.emulator.chat import Chat
from bot.emulator.control.door import Door, read
from bot.emulator.errors import ActError
from bot.emulator.model import Interaction, Json, State
from bot.emulator.offers import offered
from bot.emulator.rest.desk import reply
from bot.emulator.shapes.commands import localised


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
            web.get("/control/commands", self.offer),
            web.post("/control/commands", self.run),
            web.post("/control/autocomplete", self.complete),
            web.post("/control/menu", self.menu),
            web.post("/control/press", self.press),
            web.post("/control/submit", self.submit),
            web.post("/control/messages", self.write),
        ]

    async def offer(self, request: web.Request) -> web.Response:
        """Tell the commands that a person may use in a channel, in their language."""
        person, channel = self._door.person(request.query["person"]), self._door.channel(request.query["channel"])
        commands = offered(person, channel, self._world)
        return reply({"commands": [localised(one, person.locale) for one in commands]})

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

    async def complete(self, request: web.Request) -> web.Response:
        """Ask the bot for suggestions; files that were chosen already are not sent, as in Discord."""
        asked = (await read(request)).payload
        person = self._door.person(asked["person"])
        channel = self._door.channel(asked["channel"])
        interaction = self._acts.complete(
            person, channel, asked["command"], asked.get("options") or {}, asked["focused"]
        )
        await interaction.settled.wait()
        if interaction.state is State.FAILED:
            raise ActError("The application did not suggest anything in time.")
        choices = [localised(one, person.locale) for one in interaction.choices]
        named = [{"name": one.get("name_localized", one["name"]), "value": one["value"]} for one in choices]
        return reply({"choices": named, "interaction": self._chat.interaction(interaction)})

    async def menu(self, request: web.Request) -> web.Response:
        """Run a command of the menu of a message, or of a user in a channel."""
        asked = (await read(request)).payload
        person, name = self._door.person(asked["person"]), asked["command"]
        if "message" in asked:
            interaction = self._acts.use_on_message(person, self._door.message(asked["message"]), name)
        else:
            user, channel = self._door.person(asked["user"]), self._door.channel(asked["channel"])
            interaction = self._acts.use_on_user(person, user, channel, name)
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
            self._door.message(asked["reply_to"]) if asked.get("reply_to") else None,
        )
        return reply({"message": self._chat.seen(message)})

    async def _outcome(self, interaction: Interaction, asked: Json) -> web.Response:
        """Answer once the bot has acknowledged, or its three seconds are over; at once with ``"wait": false``."""
        if asked.get("wait", True):
            await interaction.settled.wait()
        return reply({"interaction": self._chat.interaction(interaction)})
