"""Routes of a channel's pinned messages."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.clock import iso
from bot.emulator.errors import TOO_MANY_PINS, Refused
from bot.emulator.permissions import Permission, has
from bot.emulator.rest.desk import BASE, Desk, nothing
from bot.emulator.rest.lookup import check_active, message_of, query_limit, query_time

MAX_PINS = 250


class Pins:
    """Pinning, unpinning, listing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; they must come before those of single messages."""
        pins = f"{BASE}/channels/{{channel_id}}/messages/pins"
        return [
            web.get(pins, self.get_pins),
            web.put(f"{pins}/{{message_id}}", self.pin),
            web.delete(f"{pins}/{{message_id}}", self.unpin),
        ]

    async def get_pins(self, request: web.Request) -> web.Response:
        """Answer with pinned messages, the last pinned first: ``limit``, ``before``."""
        channel = self._desk.channel(request)
        limit = query_limit(request, most=50, default=50)
        before = query_time(request, "before")
        found = [
            (one.pinned, one)
            for one in channel.messages.values()
            if one.pinned is not None and (before is None or one.pinned < before)
        ]
        if not has(channel, self._desk.world.bot.id, Permission.READ_MESSAGE_HISTORY):
            found = []
        found.sort(key=lambda pair: (-pair[0], -pair[1].id))
        reads_all = self._desk.world.privileged_intents
        items = [
            {"pinned_at": iso(since), "message": self._desk.chat.shape_for_bot(one, with_content=reads_all)}
            for since, one in found[:limit]
        ]
        return self._desk.answer(request, {"items": items, "has_more": len(found) > limit})

    async def pin(self, request: web.Request) -> web.Response:
        """Pin a message, at most 250 in a channel."""
        channel = self._desk.channel(request, Permission.PIN_MESSAGES)
        message = message_of(request, channel)
        check_active(channel)
        if message.pinned is None:
            if sum(one.pinned is not None for one in channel.messages.values()) >= MAX_PINS:
                raise Refused(TOO_MANY_PINS)
            self._desk.chat.pin(message, pinned=True)
        return nothing()

    async def unpin(self, request: web.Request) -> web.Response:
        """Take a message off the pins."""
        channel = self._desk.channel(request, Permission.PIN_MESSAGES)
        message = message_of(request, channel)
        check_active(channel)
        if message.pinned is not None:
            self._desk.chat.pin(message, pinned=False)
        return nothing()
