"""Routes of channels: reading, creating, changing, deleting, who may what there, and typing."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.bodies import read_object
from bot.emulator.checks.form import Form
from bot.emulator.checks.places import check_channel, check_overwrite
from bot.emulator.errors import MISSING_PERMISSIONS, NOT_ON_THIS_KIND, UNKNOWN_OVERWRITE, Refused
from bot.emulator.model import Channel, Overwrite
from bot.emulator.permissions import EVERYTHING, Permission, has, permissions_in, permissions_in_guild
from bot.emulator.places import Places
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.lookup import guild_of, home_of
from bot.emulator.rest.threads import ThreadRoutes
from bot.emulator.shapes import guilds


class ChannelRoutes:
    """The routes of ``/channels/{id}`` itself, and a guild's list of channels."""

    def __init__(self, desk: Desk, places: Places, threads: ThreadRoutes) -> None:
        self._desk = desk
        self._bot = desk.world.bot
        self._places = places
        self._threads = threads

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        channel = f"{BASE}/channels/{{channel_id}}"
        overwrite = f"{channel}/permissions/{{overwrite_id}}"
        inside = f"{BASE}/guilds/{{guild_id}}/channels"
        return [
            web.get(channel, self.get),
            web.patch(channel, self.change),
            web.delete(channel, self.delete),
            web.put(overwrite, self.set_overwrite),
            web.delete(overwrite, self.delete_overwrite),
            web.post(f"{channel}/typing", self.type),
            web.get(inside, self.get_all),
            web.post(inside, self.create),
        ]

    async def get(self, request: web.Request) -> web.Response:
        """Answer with a channel."""
        return self._desk.answer(request, guilds.channel(self._desk.channel(request), self._bot.id))

    async def get_all(self, request: web.Request) -> web.Response:
        """Answer with a guild's channels, without threads, and without those that the bot does not see."""
        channels = guild_of(self._desk, request).channels.values()
        seen = [one for one in channels if one.thread is None and has(one, self._bot.id, Permission.VIEW_CHANNEL)]
        return self._desk.answer(request, [guilds.channel(one) for one in seen])

    async def create(self, request: web.Request) -> web.Response:
        """Create a text channel in a guild."""
        guild = guild_of(self._desk, request, Permission.MANAGE_CHANNELS)
        payload = await read_object(request)
        form = Form()
        fields = check_channel(form, payload, guild, new=True)
        self._desk.check(request, payload, form)
        self._check_overwrites(fields.get("overwrites", {}), permissions_in_guild(guild, self._bot.id))
        channel = self._places.add_channel(guild, fields.pop("name"), more=fields)
        return self._desk.answer(request, guilds.channel(channel), status=201)

    async def change(self, request: web.Request) -> web.Response:
        """Change a channel of a guild, or a thread."""
        channel = self._desk.channel(request)
        if channel.thread is not None:
            return await self._threads.change(request, channel, channel.thread)
        guild = home_of(channel)
        if not has(channel, self._bot.id, Permission.MANAGE_CHANNELS):
            raise Refused(MISSING_PERMISSIONS)
        payload = await read_object(request)
        form = Form()
        changes = check_channel(form, payload, guild, new=False)
        self._desk.check(request, payload, form)
        self._check_change(channel, changes)
        self._places.change_channel(channel, changes)
        return self._desk.answer(request, guilds.channel(channel))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a channel, or a thread, with all that is in it."""
        channel = self._desk.channel(request)
        if channel.guild is None:
            raise Refused(NOT_ON_THIS_KIND)
        needed = Permission.MANAGE_CHANNELS if channel.thread is None else Permission.MANAGE_THREADS
        if not has(channel, self._bot.id, needed):
            raise Refused(MISSING_PERMISSIONS)
        shape = guilds.channel(channel, self._bot.id)
        self._places.remove(channel)
        return self._desk.answer(request, shape)

    async def set_overwrite(self, request: web.Request) -> web.Response:
        """Give and deny permissions to a person or role: none that the bot itself has not."""
        channel = self._desk.channel(request)
        guild = home_of(channel)
        payload = await read_object(request)
        form = Form()
        whose = number(request, "overwrite_id")
        overwrite = check_overwrite(form, payload, whose, guild)
        self._desk.check(request, payload, form)
        if whose not in guild.roles and whose not in self._desk.world.people:
            raise Refused(UNKNOWN_OVERWRITE)
        self._check_change(channel, {"overwrites": channel.overwrites | {whose: overwrite}})
        self._places.set_overwrite(channel, whose, overwrite)
        return nothing()

    async def delete_overwrite(self, request: web.Request) -> web.Response:
        """Take an overwrite away."""
        channel = self._desk.channel(request)
        home_of(channel)
        whose = number(request, "overwrite_id")
        if whose not in channel.overwrites:
            raise Refused(UNKNOWN_OVERWRITE)
        left = {key: one for key, one in channel.overwrites.items() if key != whose}
        self._check_change(channel, {"overwrites": left})
        self._places.set_overwrite(channel, whose, None)
        return nothing()

    async def type(self, request: web.Request) -> web.Response:
        """Show that the bot is typing."""
        channel = self._desk.channel(request, Permission.SEND_MESSAGES)
        self._desk.chat.typing(channel, self._bot)
        return nothing()

    def _check_change(self, channel: Channel, changes: dict[str, Any]) -> None:
        overwrites = changes.get("overwrites")
        if overwrites is None:
            return
        if not has(channel, self._bot.id, Permission.MANAGE_ROLES):
            raise Refused(MISSING_PERMISSIONS)
        new = {key: one for key, one in overwrites.items() if channel.overwrites.get(key) != one}
        own = channel.overwrites.get(self._bot.id, Overwrite())
        may_all = own.allow & Permission.MANAGE_ROLES
        self._check_overwrites(new, EVERYTHING if may_all else permissions_in(channel, self._bot.id))

    def _check_overwrites(self, overwrites: dict[int, Overwrite], own: int) -> None:
        """Refuse to give or deny what the bot itself has not got."""
        if any((one.allow | one.deny) & ~own for one in overwrites.values()):
            raise Refused(MISSING_PERMISSIONS)
