"""What a program or the page sees: who is there, messages, changes as they come, and every wrong body."""

from __future__ import annotations

import asyncio
import json

from aiohttp import WSMsgType, web

from bot.emulator.chat import Chat
from bot.emulator.clock import iso
from bot.emulator.control.door import Door
from bot.emulator.feed import Feed
from bot.emulator.gateway import Gateway
from bot.emulator.model import THREADS, Channel, ChannelKind, Guild, Json, Person
from bot.emulator.permissions import Permission, has, sees
from bot.emulator.rest.desk import reply

MAX_WAIT_S = 60.0
_KINDS = {ChannelKind.TEXT: "text", ChannelKind.DIRECT: "direct", ChannelKind.GROUP: "group"}


class Watching:
    """The routes that only look."""

    def __init__(self, door: Door, chat: Chat, gateway: Gateway, feed: Feed) -> None:
        self._door = door
        self._chat = chat
        self._world = chat.world
        self._gateway = gateway
        self._feed = feed
        self._live: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/control/state", self.state),
            web.get("/control/messages", self.messages),
            web.get("/control/changes", self.changes),
            web.get("/control/live", self.live),
            web.get("/control/interactions/{id}", self.interaction),
            web.get("/control/violations", self.violations),
        ]

    async def state(self, request: web.Request) -> web.Response:
        """Tell who and what is there; with ``person``, what that person sees of it."""
        world = self._world
        whose = request.query.get("person")
        viewer = self._door.person(whose) if whose else None
        guilds = [one for one in world.guilds.values() if viewer is None or viewer.id in one.members]
        channels = [
            one for one in world.channels.values() if viewer is None or has(one, viewer.id, Permission.VIEW_CHANNEL)
        ]
        return reply(
            {
                "seq": self._feed.seq,
                "now": iso(world.clock.now()),
                "application_id": str(world.application_id),
                "bot": {"id": str(world.bot.id), "display": world.bot.display},
                "connected": len(self._gateway.connected),
                "heartbeats": self._gateway.heartbeats(),
                "presences": [one.presence for one in self._gateway.connected],
                "guilds": [self._guild(one) for one in guilds],
                "people": [self._person(one) for one in world.people.values() if not one.bot],
                "channels": [channel_shape(one) for one in channels],
                "commands": list(world.commands.values())
                + [{**command, "guild_id": str(guild.id)} for guild in guilds for command in guild.commands.values()],
            }
        )

    def _guild(self, of: Guild) -> Json:
        return {
            "id": str(of.id),
            "name": of.name,
            "owner_id": str(of.owner_id),
            "tier": of.tier,
            "upload_limit": of.upload_limit,
            "bot": self._world.bot.id in of.members,
            "roles": [{"id": str(one.id), "name": one.name, "colour": one.colour} for one in of.roles.values()],
        }

    def _person(self, of: Person) -> Json:
        return {
            "id": str(of.id),
            "username": of.username,
            "display": of.display,
            "locale": of.locale,
            "installed": of.installed,
            "reachable": of.reachable,
            "guilds": [
                {
                    "id": str(guild.id),
                    "owner": guild.owner_id == of.id,
                    "roles": [guild.roles[role].name for role in guild.members[of.id].roles],
                }
                for guild in self._world.guilds.values()
                if of.id in guild.members
            ],
        }

    async def messages(self, request: web.Request) -> web.Response:
        """Tell the messages of a channel as a person sees them, oldest first."""
        person, channel = self._door.person(request.query["person"]), self._door.channel(request.query["channel"])
        limit = int(request.query.get("limit", "100"))
        found = [one for one in channel.messages.values() if sees(one, person.id)]
        return reply({"seq": self._feed.seq, "messages": [self._chat.seen(one) for one in found[-limit:]]})

    async def changes(self, request: web.Request) -> web.Response:
        """Tell what changed after ``since``; wait for the first change, up to ``timeout_s``."""
        whose = request.query.get("person")
        viewer = self._door.person(whose).id if whose else None
        since = int(request.query.get("since", "0"))
        timeout_s = min(float(request.query.get("timeout_s", "0")), MAX_WAIT_S)
        found = await self._feed.wait(since, viewer, timeout_s)
        return reply({"seq": found[-1].seq if found else since, "changes": [change.body for change in found]})

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        """Push changes as they come. The first frame says ``{"key", "person", "since"}``."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        hello = await socket.receive(timeout=10)
        first = json.loads(hello.data) if hello.type is WSMsgType.TEXT else {}
        if not isinstance(first, dict) or not self._door.is_key(str(first.get("key", ""))):
            await socket.close(code=4004)
            return socket
        viewer, since = self._door.person(first["person"]).id, int(first.get("since", 0))
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
                    await socket.send_str(change.text)
                    since = change.seq
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

    async def interaction(self, request: web.Request) -> web.Response:
        """Tell what became of an interaction."""
        return reply({"interaction": self._chat.interaction(self._world.interactions[int(request.match_info["id"])])})

    async def violations(self, _: web.Request) -> web.Response:
        """Tell every body that Discord would have refused, or passed over in part."""
        return reply({"violations": list(self._world.violations)})


def channel_shape(of: Channel) -> Json:
    """Return a channel as the control API shows it."""
    return {
        "id": str(of.id),
        "name": of.name,
        "topic": of.topic,
        "nsfw": of.nsfw,
        "kind": "thread" if of.kind in THREADS else _KINDS[of.kind],
        "guild_id": str(of.guild.id) if of.guild is not None else None,
        "parent_id": str(of.thread.parent.id) if of.thread is not None else None,
        "archived": of.thread is not None and of.thread.archived,
        "recipients": [str(one.id) for one in of.members if not one.bot],
    }
