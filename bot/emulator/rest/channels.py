"""Routes of channels and their messages, by the bot's own right; guilds, members and users."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.bodies import Body, read_body, read_object
from bot.emulator.checks.form import Form
from bot.emulator.checks.messages import check_message
from bot.emulator.errors import (
    INVALID_FORM_BODY,
    MISSING_PERMISSIONS,
    NOT_THE_AUTHOR,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_MESSAGE,
    UNKNOWN_USER,
    Finding,
    Refused,
)
from bot.emulator.model import Channel, Guild, Json, Message
from bot.emulator.permissions import Permission, has
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.drafts import change, check_sizes, draft, names, new_message
from bot.emulator.shapes import guilds, people

NONCE_LIFE_S = 300  # Discord says "a few minutes"
REPLY = 19


class Channels:
    """The routes that ask for the bot token."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._chat = desk.chat

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        channel = f"{BASE}/channels/{{channel_id}}"
        message = f"{channel}/messages/{{message_id}}"
        guild = f"{BASE}/guilds/{{guild_id}}"
        return [
            web.get(channel, self.get_channel),
            web.post(f"{channel}/typing", self.type),
            web.get(f"{channel}/messages", self.get_messages),
            web.post(f"{channel}/messages", self.post_message),
            web.get(message, self.get_message),
            web.patch(message, self.edit_message),
            web.delete(message, self.delete_message),
            web.get(guild, self.get_guild),
            web.get(f"{guild}/channels", self.get_guild_channels),
            web.get(f"{guild}/members/{{user_id}}", self.get_member),
            web.get(f"{BASE}/users/{{user_id}}", self.get_user),
            web.post(f"{BASE}/users/@me/channels", self.open_direct),
        ]

    async def get_channel(self, request: web.Request) -> web.Response:
        """Answer with a channel."""
        return self._desk.answer(request, guilds.channel(self._desk.channel(request)))

    async def type(self, request: web.Request) -> web.Response:
        """Take "is typing", which nobody is shown."""
        self._desk.channel(request, Permission.SEND_MESSAGES)
        return nothing()

    async def get_messages(self, request: web.Request) -> web.Response:
        """Answer with messages, newest first: ``limit``, ``before``, ``after``."""
        channel = self._desk.channel(request)
        if not has(channel, self._world.bot.id, Permission.READ_MESSAGE_HISTORY):
            return self._desk.answer(request, [])
        limit = _query(request, "limit") or 50
        if not 1 <= limit <= 100:
            finding = Finding(("limit",), "NUMBER_TYPE_MAX", "int value should be less than or equal to 100.")
            raise Refused(INVALID_FORM_BODY, [finding])
        before, after = _query(request, "before"), _query(request, "after")
        found = [
            message
            for message in channel.messages.values()
            if message.only_for is None
            and (before is None or message.id < before)
            and (after is None or message.id > after)
        ]
        page = found[:limit] if after is not None else found[-limit:]
        return self._desk.answer(request, [self._seen(one) for one in reversed(page)])

    async def get_message(self, request: web.Request) -> web.Response:
        """Answer with one message."""
        channel = self._desk.channel(request, Permission.READ_MESSAGE_HISTORY)
        return self._desk.answer(request, self._seen(self._message(request, channel)))

    async def post_message(self, request: web.Request) -> web.Response:
        """Post a message. With ``enforce_nonce``, one with a nonce that was just used returns that message."""
        channel = self._desk.channel(request, Permission.SEND_MESSAGES)
        body = await read_body(request)
        payload: Json = body.payload
        self._check(request, body)
        check_sizes(body, channel)
        if body.files and not has(channel, self._world.bot.id, Permission.ATTACH_FILES):
            raise Refused(MISSING_PERMISSIONS)
        used = self._used_nonce(channel, payload)
        if used is not None:
            return self._desk.answer(request, self._chat.shape(used))
        reference = payload.get("message_reference") or {}
        made = draft(payload, body, channel, self._desk.files)
        message = new_message(
            self._chat,
            channel,
            payload,
            made,
            kind=REPLY if reference else 0,
            reply_to=int(reference.get("message_id") or 0) or None,
            nonce=payload.get("nonce"),
        )
        if payload.get("nonce") is not None:
            self._world.nonces[channel.id, str(payload["nonce"])] = message
        self._chat.post(message)
        return self._desk.answer(request, self._chat.shape(message))

    async def edit_message(self, request: web.Request) -> web.Response:
        """Edit a message of the bot's own."""
        channel = self._desk.channel(request)
        message = self._message(request, channel)
        if message.author is not self._world.bot:
            raise Refused(NOT_THE_AUTHOR)
        body = await read_body(request)
        self._check(request, body, message)
        check_sizes(body, channel)
        change(self._chat, message, body.payload, body, self._desk.files)
        return self._desk.answer(request, self._chat.shape(message))

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete a message: the bot's own, or another's with Manage Messages."""
        channel = self._desk.channel(request)
        message = self._message(request, channel)
        own = message.author is self._world.bot
        if not own and not has(channel, self._world.bot.id, Permission.MANAGE_MESSAGES):
            raise Refused(MISSING_PERMISSIONS)
        self._chat.delete(message)
        return nothing()

    async def get_guild(self, request: web.Request) -> web.Response:
        """Answer with a guild."""
        return self._desk.answer(request, guilds.guild(self._guild(request)))

    async def get_guild_channels(self, request: web.Request) -> web.Response:
        """Answer with a guild's channels."""
        channels = self._guild(request).channels.values()
        return self._desk.answer(request, [guilds.channel(one) for one in channels])

    async def get_member(self, request: web.Request) -> web.Response:
        """Answer with a member of a guild."""
        member = self._guild(request).members.get(number(request, "user_id"))
        if member is None:
            raise Refused(UNKNOWN_MEMBER)
        return self._desk.answer(request, people.member(member))

    async def get_user(self, request: web.Request) -> web.Response:
        """Answer with a user."""
        person = self._world.people.get(number(request, "user_id"))
        if person is None:
            raise Refused(UNKNOWN_USER)
        return self._desk.answer(request, people.person(person))

    async def open_direct(self, request: web.Request) -> web.Response:
        """Open direct messages with a person."""
        payload = await read_object(request)
        form = Form()
        number = form.snowflake(payload, "recipient_id", (), required=True)
        self._desk.check(request, payload, form)
        person = self._world.people.get(number or 0)
        if person is None or person.bot:
            raise Refused(UNKNOWN_USER)
        return self._desk.answer(request, guilds.channel(self._world.direct_channel(person)))

    def _seen(self, message: Message) -> Json:
        return self._chat.shape_for_bot(message, with_content=self._world.privileged_intents)

    def _check(self, request: web.Request, body: Body, edited: Message | None = None) -> None:
        form = Form()
        check_message(
            form,
            body.payload,
            files=names(body.payload, body, edited.uploads if edited else ()),
            uploaded=len(body.files),
            was_v2=edited is not None and edited.v2,
        )
        self._desk.check(request, body.payload, form)

    def _used_nonce(self, channel: Channel, payload: Json) -> Message | None:
        if payload.get("nonce") is None or not payload.get("enforce_nonce"):
            return None
        used = self._world.nonces.get((channel.id, str(payload["nonce"])))
        return used if used is not None and self._world.clock.now() - used.created < NONCE_LIFE_S else None

    def _message(self, request: web.Request, channel: Channel) -> Message:
        message = channel.messages.get(number(request, "message_id"))
        if message is None or message.only_for is not None:
            raise Refused(UNKNOWN_MESSAGE)
        return message

    def _guild(self, request: web.Request) -> Guild:
        guild = self._world.guilds.get(number(request, "guild_id"))
        if guild is None or self._world.bot.id not in guild.members:
            raise Refused(UNKNOWN_GUILD)
        return guild


def _query(request: web.Request, key: str) -> int | None:
    text = request.query.get(key)
    if text is None:
        return None
    if not text.isdecimal():
        finding = Finding((key,), "NUMBER_TYPE_COERCE", f'Value "{text[:40]}" is not snowflake.')
        raise Refused(INVALID_FORM_BODY, [finding])
    return int(text)
