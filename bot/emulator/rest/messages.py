"""Routes of a channel's messages, by the bot's own right (Discord's documentation, "Messages")."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.bodies import Body, read_body, read_object
from bot.emulator.checks.form import Form
from bot.emulator.checks.messages import EDIT_FLAGS, SEND_FLAGS, check_reference
from bot.emulator.clock import DISCORD_EPOCH_MS
from bot.emulator.errors import (
    CANNOT_MESSAGE,
    MISSING_PERMISSIONS,
    NO_REPLY_WITHOUT_HISTORY,
    NOT_IN_DIRECT,
    NOT_THE_AUTHOR,
    THREAD_LOCKED,
    TOO_OLD_FOR_BULK,
    Refused,
)
from bot.emulator.model import Channel, ChannelKind, Json, Message
from bot.emulator.permissions import Permission, has
from bot.emulator.rest.desk import BASE, Desk, nothing
from bot.emulator.rest.drafts import apply_flags, change, check_body, check_sizes, draft, new_message
from bot.emulator.rest.lookup import check_active, message_of, query_id, query_limit
from bot.emulator.rest.old_edits import OldEdits

NONCE_LIFE_S = 300  # Discord says "a few minutes"
BULK_LEAST, BULK_MOST, BULK_AGE_S = 2, 100, 14 * 24 * 3600
REPLY = 19
_OF_AUTHORS = {"content", "embeds", "components", "attachments"}


class Messages:
    """Reading, posting, editing and deleting."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._chat = desk.chat
        self._old_edits = OldEdits(desk.world.clock)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        messages = f"{BASE}/channels/{{channel_id}}/messages"
        message = f"{messages}/{{message_id}}"
        return [
            web.get(messages, self.get_messages),
            web.post(messages, self.post_message),
            web.post(f"{messages}/bulk-delete", self.delete_messages),
            web.get(message, self.get_message),
            web.patch(message, self.edit_message),
            web.delete(message, self.delete_message),
        ]

    async def get_messages(self, request: web.Request) -> web.Response:
        """Answer with messages, newest first: ``limit``, and ``around``, ``before`` or ``after``."""
        channel = self._desk.channel(request)
        if not self._may(channel, Permission.READ_MESSAGE_HISTORY):
            return self._desk.answer(request, [])
        limit = query_limit(request, most=100, default=50)
        around, before, after = (query_id(request, key) for key in ("around", "before", "after"))
        found = [one for one in channel.messages.values() if one.only_for is None]
        if around is not None:
            older = [one for one in found if one.id < around][-(limit // 2) :] if limit > 1 else []
            page = (older + [one for one in found if one.id >= around])[:limit]
        elif after is not None:
            page = [one for one in found if one.id > after][:limit]
        else:
            page = [one for one in found if before is None or one.id < before][-limit:]
        return self._desk.answer(request, [self._seen(one) for one in reversed(page)])

    async def get_message(self, request: web.Request) -> web.Response:
        """Answer with one message."""
        channel = self._desk.channel(request, Permission.READ_MESSAGE_HISTORY)
        return self._desk.answer(request, self._seen(message_of(request, channel)))

    async def post_message(self, request: web.Request) -> web.Response:
        """Post a message. With ``enforce_nonce``, one with a nonce that was just used returns that message."""
        channel = self._desk.channel(request)
        self._check_open(channel)
        if not self._may(channel, Permission.SEND_MESSAGES):
            raise Refused(MISSING_PERMISSIONS)
        body = await read_body(request)
        payload: Json = body.payload
        reply_to = self._check(request, body, channel)
        check_sizes(body, channel)
        self._check_parts(channel, payload, body)
        used = self._used_nonce(channel, payload)
        if used is not None:
            return self._desk.answer(request, self._seen(used))
        made = draft(payload, body, channel, self._desk.files)
        kind = REPLY if reply_to is not None else 0
        message = new_message(
            self._chat, channel, payload, made, kind=kind, reply_to=reply_to, nonce=payload.get("nonce")
        )
        if payload.get("nonce") is not None:
            self._world.nonces[channel.id, str(payload["nonce"])] = message
        self._chat.post(message)
        return self._desk.answer(request, self._seen(message))

    async def edit_message(self, request: web.Request) -> web.Response:
        """Edit a message of the bot's own; of another's, hide or show the embeds."""
        channel = self._desk.channel(request)
        message = message_of(request, channel)
        body = await read_body(request)
        own = message.author is self._world.bot
        if not own and (body.files or not isinstance(body.payload, dict) or _OF_AUTHORS & body.payload.keys()):
            raise Refused(NOT_THE_AUTHOR)
        if not own and not self._may(channel, Permission.MANAGE_MESSAGES):
            raise Refused(MISSING_PERMISSIONS)
        check_active(channel)
        self._check_open(channel)
        self._check(request, body, channel, message)
        check_sizes(body, channel)
        self._old_edits.take(message)
        if own:
            change(self._chat, message, body.payload, body, self._desk.files)
        else:
            apply_flags(message, body.payload)
            self._chat.edited(message)
        return self._desk.answer(request, self._seen(message))

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete a message: the bot's own, or another's with Manage Messages."""
        channel = self._desk.channel(request)
        message = message_of(request, channel)
        if message.author is not self._world.bot and not self._may(channel, Permission.MANAGE_MESSAGES):
            raise Refused(MISSING_PERMISSIONS)
        if channel.thread is not None and channel.thread.locked:
            check_active(channel)
        self._chat.delete(message)
        return nothing()

    async def delete_messages(self, request: web.Request) -> web.Response:
        """Delete 2 to 100 messages that are younger than 14 days; those that are not there count, and are passed over.

        Their age is read from their ids.
        """
        channel = self._desk.channel(request)
        if channel.guild is None:
            raise Refused(NOT_IN_DIRECT)
        if not self._may(channel, Permission.MANAGE_MESSAGES):
            raise Refused(MISSING_PERMISSIONS)
        payload = await read_object(request)
        form = Form()
        numbers = _bulk(form, payload)
        self._desk.check(request, payload, form)
        oldest = int((self._world.clock.now() - BULK_AGE_S) * 1000) - DISCORD_EPOCH_MS
        if any(one >> 22 < oldest for one in numbers):
            raise Refused(TOO_OLD_FOR_BULK)
        found = [channel.messages[one] for one in numbers if one in channel.messages]
        found = [one for one in found if one.only_for is None]
        if found:
            self._chat.delete(*found)
        return nothing()

    def _may(self, channel: Channel, permission: Permission) -> bool:
        return has(channel, self._world.bot.id, permission)

    def _seen(self, message: Message) -> Json:
        return self._chat.shape_for_bot(message, with_content=self._world.privileged_intents)

    def _check_open(self, channel: Channel) -> None:
        """Refuse to write where nobody listens: in a locked thread, or to a person who takes no messages."""
        thread = channel.thread
        if thread is not None and thread.locked and not self._may(channel, Permission.MANAGE_THREADS):
            raise Refused(THREAD_LOCKED)
        if channel.kind is ChannelKind.DIRECT and not all(
            self._world.meets_bot(one) for one in channel.members if not one.bot
        ):
            raise Refused(CANNOT_MESSAGE)

    def _check_parts(self, channel: Channel, payload: Json, body: Body) -> None:
        if body.files and not self._may(channel, Permission.ATTACH_FILES):
            raise Refused(MISSING_PERMISSIONS)
        if payload.get("embeds") and not self._may(channel, Permission.EMBED_LINKS):
            raise Refused(MISSING_PERMISSIONS)
        if payload.get("message_reference") and not self._may(channel, Permission.READ_MESSAGE_HISTORY):
            raise Refused(NO_REPLY_WITHOUT_HISTORY)

    def _check(self, request: web.Request, body: Body, channel: Channel, edited: Message | None = None) -> int | None:
        """Check a body, and return the id of the message that it replies to."""
        form = Form()
        check_body(form, body, edited, SEND_FLAGS if edited is None else EDIT_FLAGS)
        reply_to = check_reference(form, body.payload, channel) if edited is None else None
        reference = body.payload.get("message_reference") if isinstance(body.payload, dict) else None
        if isinstance(reference, dict) and reference.get("type") not in (None, 0):
            form.choices(("message_reference", "type"), (0,))  # forwarding is not there
        self._desk.check(request, body.payload, form)
        return reply_to

    def _used_nonce(self, channel: Channel, payload: Json) -> Message | None:
        if payload.get("nonce") is None or not payload.get("enforce_nonce"):
            return None
        used = self._world.nonces.get((channel.id, str(payload["nonce"])))
        return used if used is not None and self._world.clock.now() - used.created < NONCE_LIFE_S else None


def _bulk(form: Form, payload: Json) -> list[int]:
    """Check the ids of a bulk deletion and return them; as text, they are put back into ``payload``."""
    listed = form.items(payload, "messages", (), most=BULK_MOST, least=BULK_LEAST)
    good = [one for index, one in enumerate(listed) if form.is_snowflake(one, ("messages", index))]
    if len({str(one) for one in listed}) < len(listed):
        form.add(("messages",), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    if isinstance(payload.get("messages"), list):
        payload["messages"] = [str(one) for one in listed]  # libraries send numbers too, and Discord takes both
    return [int(one) for one in good]
