"""The control API: what a program, or the chat page, does as a person; what it sees; faults (docs/emulator.md)."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from aiohttp import WSMsgType, web

from bot.emulator.acts import ActError, Acts
from bot.emulator.bodies import Body, read_body
from bot.emulator.chat import Chat
from bot.emulator.clock import iso
from bot.emulator.errors import Refused
from bot.emulator.faults import Faults, RestFault
from bot.emulator.feed import Feed
from bot.emulator.gateway import Gateway
from bot.emulator.permissions import Permission
from bot.emulator.rest.desk import reply
from bot.emulator.world import MIB, Channel, Interaction, Json, Message, Overwrite, Person

KEY_HEADER = "X-Emulator-Key"
MAX_PERSON_REQUEST = 128 * MIB  # people here upload more than a bot may, as with a paid account
MAX_WAIT_S = 60.0

Named = TypeVar("Named", Person, Channel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """The routes under ``/control``."""

    def __init__(self, chat: Chat, gateway: Gateway, feed: Feed, faults: Faults, acts: Acts) -> None:
        self._chat = chat
        self._world = chat.world
        self._gateway = gateway
        self._feed = feed
        self._faults = faults
        self._acts = acts
        self._live: set[web.WebSocketResponse] = set()
        self.key = secrets.token_urlsafe(24)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/control/state", self.state),
            web.get("/control/messages", self.messages),
            web.get("/control/changes", self.changes),
            web.get("/control/live", self.live),
            web.get("/control/interactions/{id}", self.interaction),
            web.get("/control/violations", self.violations),
            web.post("/control/commands", self.run),
            web.post("/control/menu", self.menu),
            web.post("/control/press", self.press),
            web.post("/control/submit", self.submit),
            web.post("/control/messages", self.write),
            web.delete("/control/messages/{id}", self.delete),
            web.post("/control/clock", self.move_clock),
            web.post("/control/permissions", self.permit),
            web.post("/control/faults/gateway", self.disturb),
            web.post("/control/faults/rest", self.break_rest),
            web.post("/control/faults/token", self.expire),
        ]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Ask for the key (the live socket sends it first thing), and answer what went wrong in one sentence."""
        if not request.path.startswith("/control/"):
            return await handler(request)
        given = request.headers.get(KEY_HEADER, "")
        if request.path != "/control/live" and not self._is_key(given):
            return _sorry(f"The header {KEY_HEADER} does not hold this run's key.", 401)
        try:
            return await handler(request)
        except ActError as error:
            return _sorry(str(error), 409)
        except Refused as refused:
            return _sorry(refused.answer.message, refused.answer.status)
        except (KeyError, ValueError, TypeError) as error:
            return _sorry(f"The request is not understood: {error!r}", 400)

    async def state(self, _: web.Request) -> web.Response:
        """Tell who and what is there."""
        world = self._world
        return reply(
            {
                "seq": self._feed.seq,
                "now": iso(world.clock.now()),
                "application_id": str(world.application_id),
                "bot": {"id": str(world.bot.id), "display": world.bot.display},
                "connected": len(self._gateway.connected),
                "guilds": [{"id": str(guild.id), "name": guild.name} for guild in world.guilds.values()],
                "people": [
                    {"id": str(one.id), "username": one.username, "display": one.display, **self._standing(one)}
                    for one in world.people.values()
                    if not one.bot
                ],
                "channels": [
                    {
                        "id": str(one.id),
                        "name": one.name,
                        "topic": one.topic,
                        "nsfw": one.nsfw,
                        "guild_id": str(one.guild.id) if one.guild is not None else None,
                        "recipient_id": str(one.recipient.id) if one.recipient is not None else None,
                    }
                    for one in world.channels.values()
                ],
                "commands": list(world.commands.values()),
            }
        )

    async def messages(self, request: web.Request) -> web.Response:
        """Tell the messages of a channel as a person sees them, oldest first."""
        person, channel = self._person(request.query["person"]), self._channel(request.query["channel"])
        limit = int(request.query.get("limit", "100"))
        found = [one for one in channel.messages.values() if self._world.visible(one, person.id)]
        return reply({"seq": self._feed.seq, "messages": [self._chat.seen(one) for one in found[-limit:]]})

    async def changes(self, request: web.Request) -> web.Response:
        """Tell what changed after ``since``; wait for the first change, up to ``timeout_s``."""
        whose = request.query.get("person")
        viewer = self._person(whose).id if whose else None
        since = int(request.query.get("since", "0"))
        timeout_s = min(float(request.query.get("timeout_s", "0")), MAX_WAIT_S)
        found = await self._feed.wait(since, viewer, timeout_s)
        return reply({"seq": found[-1]["seq"] if found else since, "changes": found})

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        """Push changes as they come. The first frame says ``{"key", "person", "since"}``."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        hello = await socket.receive(timeout=10)
        first = json.loads(hello.data) if hello.type is WSMsgType.TEXT else {}
        if not isinstance(first, dict) or not self._is_key(str(first.get("key", ""))):
            await socket.close(code=4004)
            return socket
        viewer, since = self._person(first["person"]).id, int(first.get("since", 0))
        ended = asyncio.create_task(socket.receive())  # nothing more is asked on this socket
        self._live.add(socket)
        try:
            while not ended.done():
                news = asyncio.create_task(self._feed.wait(since, viewer, MAX_WAIT_S))
                await asyncio.wait({ended, news}, return_when=asyncio.FIRST_COMPLETED)
                if not news.done():
                    news.cancel()
                    break
                for change in news.result():
                    await socket.send_json(change)
                    since = change["seq"]
        except ConnectionError:
            pass
        finally:
            self._live.discard(socket)
            ended.cancel()
        return socket

    async def close(self) -> None:
        """End the live sockets."""
        for socket in list(self._live):
            await socket.close(code=1001)

    async def run(self, request: web.Request) -> web.Response:
        """Run a slash command; files come as form fields named like their options."""
        body = await _read(request)
        asked = body.payload
        interaction = self._acts.run(
            self._person(asked["person"]),
            self._channel(asked["channel"]),
            asked["command"],
            asked.get("options") or {},
            body.named,
        )
        return await self._outcome(interaction, asked)

    async def menu(self, request: web.Request) -> web.Response:
        """Run a command of a message's menu."""
        asked = (await _read(request)).payload
        interaction = self._acts.menu(self._person(asked["person"]), self._message(asked["message"]), asked["command"])
        return await self._outcome(interaction, asked)

    async def press(self, request: web.Request) -> web.Response:
        """Press a button, or choose in a select."""
        asked = (await _read(request)).payload
        interaction = self._acts.press(
            self._person(asked["person"]), self._message(asked["message"]), asked["custom_id"], asked.get("values")
        )
        return await self._outcome(interaction, asked)

    async def submit(self, request: web.Request) -> web.Response:
        """Submit an open modal; files come as form fields named like their custom ids."""
        body = await _read(request)
        asked = body.payload
        opened = self._world.interactions[int(asked["interaction"])]
        interaction = self._acts.submit(self._person(asked["person"]), opened, asked.get("values") or {}, body.named)
        return await self._outcome(interaction, asked)

    async def write(self, request: web.Request) -> web.Response:
        """Post a message as a person."""
        body = await _read(request)
        asked = body.payload
        message = self._acts.write(
            self._person(asked["person"]), self._channel(asked["channel"]), asked.get("content", ""), body.named
        )
        return reply({"message": self._chat.seen(message)})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete any message, as its author or a moderator could."""
        self._chat.delete(self._message(request.match_info["id"]))
        return reply({})

    async def interaction(self, request: web.Request) -> web.Response:
        """Tell what became of an interaction."""
        return reply({"interaction": self._chat.interaction(self._world.interactions[int(request.match_info["id"])])})

    async def violations(self, _: web.Request) -> web.Response:
        """Tell every body that Discord would have refused, or passed over in part."""
        return reply({"violations": list(self._world.violations)})

    async def move_clock(self, request: web.Request) -> web.Response:
        """Move the time forward by ``forward_s``."""
        self._world.clock.forward(float((await _read(request)).payload["forward_s"]))
        self._chat.look_at_the_clock()
        return reply({"now": iso(self._world.clock.now())})

    async def permit(self, request: web.Request) -> web.Response:
        """Give or take a permission of a person, or by default of the bot, in a channel."""
        asked = (await _read(request)).payload
        channel = self._channel(asked["channel"])
        whose = self._person(asked["person"]).id if "person" in asked else self._world.bot.id
        bit = int(Permission[asked["permission"].upper()])
        overwrite = channel.overwrites.setdefault(whose, Overwrite())
        overwrite.allow, overwrite.deny = overwrite.allow & ~bit, overwrite.deny & ~bit
        if asked["granted"]:
            overwrite.allow |= bit
        else:
            overwrite.deny |= bit
        return reply({})

    async def disturb(self, request: web.Request) -> web.Response:
        """Drop the gateway's sockets, ask them to reconnect, or invalidate their sessions."""
        return reply({"disturbed": await self._gateway.disturb((await _read(request)).payload["how"])})

    async def break_rest(self, request: web.Request) -> web.Response:
        """Answer the next REST calls that match with an error."""
        asked = (await _read(request)).payload
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
        asked = (await _read(request)).payload
        self._world.interactions[int(asked["interaction"])].expired = True
        return reply({})

    def _is_key(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.key.encode())

    async def _outcome(self, interaction: Interaction, asked: Json) -> web.Response:
        """Answer once the bot has acknowledged, or its three seconds are over; at once with ``"wait": false``."""
        if asked.get("wait", True):
            await interaction.settled.wait()
        return reply({"interaction": self._chat.interaction(interaction)})

    def _standing(self, person: Person) -> Json:
        guild = next(iter(self._world.guilds.values()))
        roles = [guild.roles[role].name for role in guild.members[person.id].roles]
        return {"owner": guild.owner_id == person.id, "roles": roles}

    def _person(self, text: str) -> Person:
        return _pick(text, self._world.people.values(), lambda one: one.username, "person")

    def _channel(self, text: str) -> Channel:
        return _pick(text, self._world.channels.values(), lambda one: one.name, "channel")

    def _message(self, text: str) -> Message:
        message = self._world.message(int(text))
        if message is None:
            raise ActError(f"There is no message {text}.")
        return message


def _pick(text: str, among: Iterable[Named], name: Callable[[Named], str], what: str) -> Named:
    for one in among:
        if str(one.id) == str(text) or name(one) == text:
            return one
    raise ActError(f"There is no {what} {text!r}.")


async def _read(request: web.Request) -> Body:
    """Read a JSON object, or a form whose ``payload_json`` holds it."""
    body = await read_body(request, limit=MAX_PERSON_REQUEST)
    if not isinstance(body.payload, dict):
        raise ValueError("a JSON object is expected")  # noqa: TRY004 - it is the sender's value, not our type
    return body


def _sorry(sentence: str, status: int) -> web.Response:
    return reply({"error": sentence}, status=status)
