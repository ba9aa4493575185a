"""Routes of reactions (Discord's documentation, "Messages")."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.emoji import is_emoji
from bot.emulator.errors import MISSING_PERMISSIONS, TOO_MANY_REACTIONS, UNKNOWN_EMOJI, Refused
from bot.emulator.model import Channel, Message
from bot.emulator.permissions import Permission, has
from bot.emulator.reactions import MAX_DIFFERENT, Reactions
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.lookup import check_active, message_of, query_id, query_limit
from bot.emulator.shapes import people


class ReactionRoutes:
    """Adding, removing, listing."""

    def __init__(self, desk: Desk, reactions: Reactions) -> None:
        self._desk = desk
        self._bot = desk.world.bot
        self._reactions = reactions

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        every = f"{BASE}/channels/{{channel_id}}/messages/{{message_id}}/reactions"
        emoji = f"{every}/{{emoji_name}}"
        return [
            web.delete(every, self.clear),
            web.get(emoji, self.get_people),
            web.delete(emoji, self.clear_one),
            web.put(f"{emoji}/@me", self.add),
            web.delete(f"{emoji}/@me", self.remove_own),
            web.delete(f"{emoji}/{{user_id}}", self.remove),
        ]

    async def add(self, request: web.Request) -> web.Response:
        """React. Who is not the first with this emoji needs no permission to add reactions."""
        channel, message = self._place(request, Permission.READ_MESSAGE_HISTORY)
        emoji = _emoji(request)
        if emoji not in message.reactions:
            if not has(channel, self._bot.id, Permission.ADD_REACTIONS):
                raise Refused(MISSING_PERMISSIONS)
            if len(message.reactions) >= MAX_DIFFERENT:
                raise Refused(TOO_MANY_REACTIONS)
        self._reactions.add(message, emoji, self._bot)
        return nothing()

    async def remove_own(self, request: web.Request) -> web.Response:
        """Take the bot's reaction back."""
        _, message = self._place(request)
        self._reactions.remove(message, _emoji(request), self._bot.id)
        return nothing()

    async def remove(self, request: web.Request) -> web.Response:
        """Remove somebody's reaction."""
        whose = number(request, "user_id")
        needed = () if whose == self._bot.id else (Permission.MANAGE_MESSAGES,)
        _, message = self._place(request, *needed)
        self._reactions.remove(message, _emoji(request), whose)
        return nothing()

    async def clear(self, request: web.Request) -> web.Response:
        """Remove all reactions."""
        _, message = self._place(request, Permission.MANAGE_MESSAGES)
        self._reactions.clear(message)
        return nothing()

    async def clear_one(self, request: web.Request) -> web.Response:
        """Remove all reactions with one emoji."""
        _, message = self._place(request, Permission.MANAGE_MESSAGES)
        self._reactions.clear(message, _emoji(request))
        return nothing()

    async def get_people(self, request: web.Request) -> web.Response:
        """Answer with who reacted with an emoji, by their ids: ``after``, ``limit``."""
        channel = self._desk.channel(request, Permission.READ_MESSAGE_HISTORY)
        message = message_of(request, channel)
        after = query_id(request, "after") or 0
        limit = query_limit(request, most=100, default=25)
        burst = request.query.get("type") == "1"  # super reactions, which there are none of here
        found = [] if burst else sorted(one for one in message.reactions.get(_emoji(request), []) if one > after)
        return self._desk.answer(request, [people.person(self._desk.world.people[one]) for one in found[:limit]])

    def _place(self, request: web.Request, *needed: Permission) -> tuple[Channel, Message]:
        channel = self._desk.channel(request, *needed)
        message = message_of(request, channel)
        check_active(channel)
        return channel, message


def _emoji(request: web.Request) -> str:
    """Return the emoji of the path. Raises Refused for what is none, and for custom ones: guilds here have none."""
    name = request.match_info["emoji_name"]
    if not is_emoji(name):
        raise Refused(UNKNOWN_EMOJI)
    return name
