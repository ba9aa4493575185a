"""What a program sets up: who and what is there, who may do what, and what time it is."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.chat import Chat
from bot.emulator.checks.places import channel_name
from bot.emulator.clock import iso
from bot.emulator.control.door import Door, read
from bot.emulator.control.watching import channel_shape
from bot.emulator.errors import ActError
from bot.emulator.members import Members
from bot.emulator.model import UPLOAD_LIMITS, Channel, ChannelKind, Json, Person, Thread
from bot.emulator.permissions import Permission
from bot.emulator.places import Places
from bot.emulator.rest.desk import reply
from bot.emulator.threads import NewThread


class Staging:
    """The routes that set the stage."""

    def __init__(self, door: Door, chat: Chat, places: Places, members: Members) -> None:
        self._door = door
        self._chat = chat
        self._world = chat.world
        self._places = places
        self._members = members

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/control/clock", self.move_clock),
            web.post("/control/people", self.add_person),
            web.patch("/control/people/{id}", self.change_person),
            web.post("/control/installs", self.install),
            web.post("/control/guilds", self.add_guild),
            web.post("/control/guilds/{id}", self.change_guild),
            web.post("/control/channels", self.add_channel),
            web.patch("/control/channels/{id}", self.change_channel),
            web.delete("/control/channels/{id}", self.remove_channel),
            web.post("/control/roles", self.add_role),
            web.post("/control/members", self.change_member),
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
        if any(one.username == username for one in self._world.people.values()):
            raise ActError(f"There is somebody called {username!r} already.")
        display, locale = str(asked.get("display") or username), str(asked.get("locale") or "en-US")
        return _person(self._members.add_person(username, display, guilds, locale=locale))

    async def change_person(self, request: web.Request) -> web.Response:
        """Change how a person is called, their locale, or whether they take direct messages (``reachable``)."""
        asked = (await read(request)).payload
        person = self._door.person(request.match_info["id"])
        changes: dict[str, Any] = {key: str(asked[key]) for key in ("display", "locale") if key in asked}
        if "reachable" in asked:
            changes["reachable"] = bool(asked["reachable"])
        self._members.change_person(person, changes)
        return _person(person)

    async def install(self, request: web.Request) -> web.Response:
        """Add the application to a person's own, or take it away."""
        asked = (await read(request)).payload
        person = self._door.person(asked["person"])
        self._members.change_person(person, {"installed": bool(asked.get("installed", True))})
        return _person(person)

    async def add_guild(self, request: web.Request) -> web.Response:
        """Found a guild."""
        asked = (await read(request)).payload
        owner = self._door.person(asked["owner"])
        tier, bot = _tier(asked.get("tier", 0)), bool(asked.get("bot", True))
        guild = self._places.add_guild(str(asked["name"]), owner, tier=tier, bot=bot)
        return reply({"guild": {"id": str(guild.id), "name": guild.name}})

    async def change_guild(self, request: web.Request) -> web.Response:
        """Boost a guild, invite the bot or kick it; let it have an outage (``outage``), or be back."""
        asked = (await read(request)).payload
        guild = self._door.guild(request.match_info["id"])
        if "tier" in asked:
            self._places.set_tier(guild, _tier(asked["tier"]))
        if "bot" in asked:
            (self._places.invite_bot if asked["bot"] else self._places.kick_bot)(guild)
        if "outage" in asked:
            self._places.fail(guild, begins=bool(asked["outage"]))
        return reply({"guild": {"id": str(guild.id), "name": guild.name}})

    async def add_channel(self, request: web.Request) -> web.Response:
        """Create a channel of ``guild``; or a thread, in ``parent`` or from ``message``; or a group of people."""
        asked = (await read(request)).payload
        if "recipients" in asked:
            people = [self._door.person(one) for one in asked["recipients"]]
            channel = self._places.add_group(str(asked["name"]), people)
        elif "parent" in asked or "message" in asked:
            channel = self._start_thread(asked)
        else:
            guild = self._door.guild(asked["guild"])
            topic, nsfw = str(asked.get("topic") or ""), bool(asked.get("nsfw"))
            channel = self._places.add_channel(guild, channel_name(str(asked["name"])), topic=topic, nsfw=nsfw)
        return reply({"channel": channel_shape(channel)})

    def _start_thread(self, asked: Json) -> Channel:
        message = self._door.message(asked["message"]) if "message" in asked else None
        parent = message.channel if message is not None else self._door.channel(asked["parent"])
        if parent.guild is None or parent.thread is not None:
            raise ActError(f"{parent.name} is no channel that threads can be in.")
        if message is not None and message.id in self._world.channels:
            raise ActError("A thread has already been created for this message.")
        owner = self._door.person(asked.get("person") or str(parent.guild.owner_id))
        kind = ChannelKind.PRIVATE_THREAD if asked.get("private") else ChannelKind.PUBLIC_THREAD
        channel = self._chat.threads.start(parent, owner, NewThread(str(asked["name"]), kind, message))
        if message is not None:
            self._chat.edited(message)
        return channel

    async def change_channel(self, request: web.Request) -> web.Response:
        """Change a channel's name, topic or age restriction; a thread's name, or whether it is archived or locked."""
        asked = (await read(request)).payload
        channel = self._door.channel(request.match_info["id"])
        thread: Thread | None = channel.thread
        if thread is not None:
            changes = {key: bool(asked[key]) for key in ("archived", "locked") if key in asked}
            named = {"name": str(asked["name"])} if "name" in asked else {}
            self._chat.threads.change(channel, thread, changes | named)
        else:
            self._places.change_channel(channel, _channel_changes(asked))
        return reply({"channel": channel_shape(channel)})

    async def remove_channel(self, request: web.Request) -> web.Response:
        """Remove a channel or thread, and all that is in it."""
        self._places.remove(self._door.channel(request.match_info["id"]))
        return reply({})

    async def add_role(self, request: web.Request) -> web.Response:
        """Create a role; its ``permissions`` are added to nothing."""
        asked = (await read(request)).payload
        guild = self._door.guild(asked["guild"])
        bits = 0
        for name in asked.get("permissions") or []:
            bits |= _permission(name)
        fields = {"name": str(asked["name"]), "permissions": bits, "colour": int(asked.get("colour") or 0)}
        role = self._members.add_role(guild, fields | {"position": len(guild.roles)})
        return reply({"role": {"id": str(role.id), "name": role.name}})

    async def change_member(self, request: web.Request) -> web.Response:
        """Let a person into a guild or out of it (``here``), give or take a role, or time them out for ``muted_s``."""
        asked = (await read(request)).payload
        guild, person = self._door.guild(asked["guild"]), self._door.person(asked["person"])
        if asked.get("here") is True:
            self._members.add(guild, person)
        member = guild.members.get(person.id)
        if member is None:
            raise ActError(f"{person.display} is no member of {guild.name}.")
        if "role" in asked:
            role = self._door.role(guild, asked["role"])
            self._members.give_role(guild, member, role, granted=bool(asked.get("granted", True)))
        if "muted_s" in asked:
            until = self._world.clock.now() + float(asked["muted_s"])
            self._members.change(guild, member, {"muted_until": until})
        if asked.get("here") is False:
            self._members.remove(guild, person.id)
        return reply({})

    async def permit(self, request: web.Request) -> web.Response:
        """Give or take a permission of a person, a role, or by default the bot, in a channel."""
        asked = (await read(request)).payload
        channel = self._door.channel(asked["channel"])
        if channel.guild is None or channel.thread is not None:
            raise ActError(f"{channel.name} has no permissions of its own.")
        whose = self._door.person(asked["person"]).id if "person" in asked else self._world.bot.id
        if "role" in asked:
            whose = self._door.role(channel.guild, asked["role"]).id
        self._places.permit(channel, whose, _permission(asked["permission"]), granted=bool(asked["granted"]))
        return reply({})


def _permission(name: str) -> Permission:
    try:
        return Permission[str(name).upper()]
    except KeyError:
        raise ActError(f"There is no permission {name!r}.") from None


def _tier(value: object) -> int:
    if value not in range(len(UPLOAD_LIMITS)):
        raise ActError("A boost tier is 0, 1, 2 or 3.")
    return int(str(value))


def _channel_changes(asked: Json) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "name" in asked:
        changes["name"] = channel_name(str(asked["name"]))
    if "topic" in asked:
        changes["topic"] = str(asked["topic"] or "")
    if "nsfw" in asked:
        changes["nsfw"] = bool(asked["nsfw"])
    return changes


def _person(of: Person) -> web.Response:
    shape = {"id": str(of.id), "username": of.username, "display": of.display}
    return reply({"person": shape | {"locale": of.locale, "installed": of.installed, "reachable": of.reachable}})
