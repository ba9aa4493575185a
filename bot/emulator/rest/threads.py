"""Routes of threads (Discord's documentation, "Threads" and "Channels")."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.bodies import read_object
from bot.emulator.checks.form import Form
from bot.emulator.checks.places import check_thread
from bot.emulator.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NOT_ON_THIS_KIND,
    THREAD_ARCHIVED,
    THREAD_THERE_ALREADY,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
    Refused,
)
from bot.emulator.model import Channel, ChannelKind, Json, Thread
from bot.emulator.permissions import Permission, has
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.lookup import (
    guild_of,
    home_of,
    message_of,
    query_id,
    query_limit,
    query_time,
    query_truth,
    thread_of,
)
from bot.emulator.shapes import guilds, people
from bot.emulator.threads import NewThread, Threads

_BY_MODERATORS = {"locked", "slowmode_s"}  # the rest may be changed by who started the thread, too


class ThreadRoutes:
    """Starting, changing, joining, leaving, listing."""

    def __init__(self, desk: Desk, threads: Threads) -> None:
        self._desk = desk
        self._world = desk.world
        self._bot = desk.world.bot
        self._threads = threads

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        channel = f"{BASE}/channels/{{channel_id}}"
        members = f"{channel}/thread-members"
        return [
            web.post(f"{channel}/messages/{{message_id}}/threads", self.start_from_message),
            web.post(f"{channel}/threads", self.start),
            web.get(members, self.get_members),
            web.put(f"{members}/@me", self.join),
            web.delete(f"{members}/@me", self.leave),
            web.get(f"{members}/{{user_id}}", self.get_member),
            web.put(f"{members}/{{user_id}}", self.add),
            web.delete(f"{members}/{{user_id}}", self.remove),
            web.get(f"{channel}/threads/archived/public", self.get_public),
            web.get(f"{channel}/threads/archived/private", self.get_private),
            web.get(f"{channel}/users/@me/threads/archived/private", self.get_joined),
            web.get(f"{BASE}/guilds/{{guild_id}}/threads/active", self.get_active),
        ]

    async def start_from_message(self, request: web.Request) -> web.Response:
        """Start a public thread from a message, whose id it gets: one at most."""
        channel = self._desk.channel(request, Permission.READ_MESSAGE_HISTORY)
        message = message_of(request, channel)
        home_of(channel)
        if not has(channel, self._bot.id, Permission.CREATE_PUBLIC_THREADS):
            raise Refused(MISSING_PERMISSIONS)
        payload = await read_object(request)
        form = Form()
        made = check_thread(form, payload, new=True, from_message=True)
        self._desk.check(request, payload, form)
        if message.id in self._world.channels:
            raise Refused(THREAD_THERE_ALREADY)
        thread = self._threads.start(channel, self._bot, NewThread(message=message, **made))
        self._desk.chat.edited(message)
        return self._desk.answer(request, guilds.channel(thread, self._bot.id), status=201)

    async def start(self, request: web.Request) -> web.Response:
        """Start a thread without a message: a private one, unless the body says otherwise."""
        channel = self._desk.channel(request)
        home_of(channel)
        payload = await read_object(request)
        form = Form()
        made = {"kind": ChannelKind.PRIVATE_THREAD} | check_thread(form, payload, new=True)
        self._desk.check(request, payload, form)
        public = made["kind"] is ChannelKind.PUBLIC_THREAD
        needed = Permission.CREATE_PUBLIC_THREADS if public else Permission.CREATE_PRIVATE_THREADS
        if not has(channel, self._bot.id, needed):
            raise Refused(MISSING_PERMISSIONS)
        thread = self._threads.start(channel, self._bot, NewThread(**made))
        return self._desk.answer(request, guilds.channel(thread, self._bot.id), status=201)

    async def change(self, request: web.Request, channel: Channel, thread: Thread) -> web.Response:
        """Change a thread: who started it may, but for what moderators decide. An archived one is opened first."""
        payload = await read_object(request)
        form = Form()
        changes = check_thread(form, payload, new=False)
        self._desk.check(request, payload, form)
        moderator = has(channel, self._bot.id, Permission.MANAGE_THREADS)
        if thread.archived and changes.get("archived") is not False:
            raise Refused(THREAD_ARCHIVED)
        only_opens = changes == {"archived": False} and not thread.locked
        if only_opens:
            allowed = has(channel, self._bot.id, Permission.SEND_MESSAGES)
        else:
            allowed = thread.owner_id == self._bot.id and not _BY_MODERATORS & changes.keys() and not thread.locked
        if not (moderator or allowed):
            raise Refused(MISSING_PERMISSIONS)
        self._threads.change(channel, thread, changes)
        return self._desk.answer(request, guilds.channel(channel, self._bot.id))

    async def join(self, request: web.Request) -> web.Response:
        """Let the bot join."""
        channel = self._desk.channel(request)
        self._threads.join(channel, thread_of(channel, active=True), self._bot)
        return nothing()

    async def leave(self, request: web.Request) -> web.Response:
        """Let the bot leave."""
        channel = self._desk.channel(request)
        self._threads.leave(channel, thread_of(channel, active=True), self._bot.id)
        return nothing()

    async def add(self, request: web.Request) -> web.Response:
        """Add a member of the guild: whoever may send there may, to a private thread unless moderators keep it."""
        channel = self._desk.channel(request, Permission.SEND_MESSAGES)
        thread = thread_of(channel, active=True)
        moderator = has(channel, self._bot.id, Permission.MANAGE_THREADS) or thread.owner_id == self._bot.id
        if not thread.invitable and not moderator:
            raise Refused(MISSING_PERMISSIONS)
        person = self._world.people.get(number(request, "user_id"))
        if person is None:
            raise Refused(UNKNOWN_USER)
        if not has(thread.parent, person.id, Permission.VIEW_CHANNEL):
            raise Refused(MISSING_ACCESS)
        self._threads.join(channel, thread, person)
        return nothing()

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a member: moderators may, and from a private thread who started it."""
        channel = self._desk.channel(request)
        thread = thread_of(channel, active=True)
        own = channel.kind is ChannelKind.PRIVATE_THREAD and thread.owner_id == self._bot.id
        if not own and not has(channel, self._bot.id, Permission.MANAGE_THREADS):
            raise Refused(MISSING_PERMISSIONS)
        self._threads.leave(channel, thread, number(request, "user_id"))
        return nothing()

    async def get_member(self, request: web.Request) -> web.Response:
        """Answer with somebody's membership."""
        channel = self._desk.channel(request)
        whose = number(request, "user_id")
        if whose not in thread_of(channel).members:
            raise Refused(UNKNOWN_MEMBER)
        return self._desk.answer(request, self._member(request, channel, whose))

    async def get_members(self, request: web.Request) -> web.Response:
        """Answer with all members, for who may have the members' intent; in pages with ``with_member``."""
        channel = self._desk.channel(request)
        numbers = sorted(thread_of(channel).members)
        if not self._world.privileged_intents:
            raise Refused(MISSING_ACCESS)
        if query_truth(request, "with_member"):
            after = query_id(request, "after") or 0
            numbers = [one for one in numbers if one > after][: query_limit(request, most=100, default=100)]
        return self._desk.answer(request, [self._member(request, channel, one) for one in numbers])

    async def get_public(self, request: web.Request) -> web.Response:
        """Answer with archived public threads, the last archived first."""
        channel = self._desk.channel(request, Permission.READ_MESSAGE_HISTORY)
        return self._archived(request, channel, ChannelKind.PUBLIC_THREAD)

    async def get_private(self, request: web.Request) -> web.Response:
        """Answer with archived private threads, the last archived first."""
        channel = self._desk.channel(request, Permission.READ_MESSAGE_HISTORY, Permission.MANAGE_THREADS)
        return self._archived(request, channel, ChannelKind.PRIVATE_THREAD)

    async def get_joined(self, request: web.Request) -> web.Response:
        """Answer with archived private threads that the bot is in, the newest first."""
        channel = self._desk.channel(request, Permission.READ_MESSAGE_HISTORY)
        before = query_id(request, "before")
        limit = query_limit(request, most=100, default=50, least=2)
        found = [
            one
            for one, thread in self._threads_of(channel)
            if thread.archived and one.kind is ChannelKind.PRIVATE_THREAD and self._bot.id in thread.members
        ]
        found = sorted((one for one in found if before is None or one.id < before), key=lambda one: -one.id)
        return self._answer_page(request, found, limit)

    async def get_active(self, request: web.Request) -> web.Response:
        """Answer with all active threads of a guild that the bot sees."""
        guild = guild_of(self._desk, request)
        found = [
            one
            for one in guild.channels.values()
            if one.thread is not None and not one.thread.archived and has(one, self._bot.id, Permission.VIEW_CHANNEL)
        ]
        return self._answer_page(request, sorted(found, key=lambda one: -one.id), len(found))

    def _archived(self, request: web.Request, channel: Channel, kind: ChannelKind) -> web.Response:
        before = query_time(request, "before")
        limit = query_limit(request, most=100, default=50, least=2)
        found = [
            (thread.turned, one)
            for one, thread in self._threads_of(channel)
            if thread.archived and one.kind is kind and (before is None or thread.turned < before)
        ]
        found.sort(key=lambda pair: (-pair[0], -pair[1].id))
        return self._answer_page(request, [one for _, one in found], limit)

    def _answer_page(self, request: web.Request, found: list[Channel], limit: int) -> web.Response:
        shapes = [guilds.channel(one, self._bot.id) for one in found[:limit]]
        members = [shape["member"] for shape in shapes if "member" in shape]
        body = {"threads": shapes, "members": members, "has_more": len(found) > limit}
        return self._desk.answer(request, body)

    def _threads_of(self, channel: Channel) -> list[tuple[Channel, Thread]]:
        if channel.guild is None:
            raise Refused(NOT_ON_THIS_KIND)
        inside = [(one, one.thread) for one in channel.guild.channels.values() if one.thread is not None]
        return [(one, thread) for one, thread in inside if thread.parent is channel]

    def _member(self, request: web.Request, channel: Channel, person_id: int) -> Json:
        shape: dict[str, Any] = guilds.thread_member(channel, thread_of(channel), person_id)
        if query_truth(request, "with_member") and channel.guild is not None:
            shape["member"] = people.member(channel.guild.members[person_id])
        return shape
