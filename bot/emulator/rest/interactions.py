"""Routes that carry an interaction's token after its first answer: edits, follow-ups and deletions."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.bodies import Body, read_body
from bot.emulator.checks.form import Form
from bot.emulator.checks.messages import ANSWER_FLAGS, EDIT_FLAGS
from bot.emulator.errors import (
    INVALID_WEBHOOK_TOKEN,
    TOO_MANY_FOLLOW_UPS,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refused,
)
from bot.emulator.model import EPHEMERAL, Interaction, Kind, Message, State
from bot.emulator.offers import is_external, must_be_private
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.drafts import change, check_body, check_sizes, draft, new_message
from bot.emulator.rest.lookup import check_there

TOKEN_LIFE_S = 15 * 60
MAX_EXTERNAL_FOLLOW_UPS = 5
REPLY = 19  # the message type


class Interactions:
    """The webhook routes of interactions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._chat = desk.chat

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        webhook = f"{BASE}/webhooks/{{webhook_id}}/{{webhook_token}}"
        found: list[web.RouteDef] = [web.post(webhook, self.follow_up)]
        for last in ("@original", "{message_id}"):
            path = f"{webhook}/messages/{last}"
            found += [web.get(path, self.get), web.patch(path, self.edit), web.delete(path, self.delete)]
        return found

    async def follow_up(self, request: web.Request) -> web.Response:
        """Take a further message. While the first is still a "thinking…", it becomes that message."""
        interaction = self._of_token(request)
        body = await read_body(request)
        self._check_message(request, body)
        check_sizes(body, interaction.channel)
        payload = body.payload
        original = interaction.original
        if original is not None and original.loading and original.id in interaction.channel.messages:
            change(self._chat, original, payload, body, self._desk.files)
            self._chat.settle(interaction, State.ANSWERED)
            return self._desk.answer(request, self._chat.shape(original))
        check_there(self._desk, interaction.channel)
        if is_external(interaction) and len(interaction.followups) >= MAX_EXTERNAL_FOLLOW_UPS:
            raise Refused(TOO_MANY_FOLLOW_UPS)
        ephemeral = bool(int(payload.get("flags") or 0) & EPHEMERAL) or must_be_private(interaction)
        made = draft(payload, body, interaction.channel, self._desk.files)
        message = new_message(
            self._chat,
            interaction.channel,
            payload,
            made,
            only_for=interaction.person.id if ephemeral else None,
            interaction=interaction,
            kind=REPLY,
            reply_to=original.id if original is not None else None,
        )
        interaction.followups.append(message)
        self._chat.post(message)
        return self._desk.answer(request, self._chat.shape(message))

    async def get(self, request: web.Request) -> web.Response:
        """Answer with a message of the interaction."""
        interaction = self._of_token(request)
        return self._desk.answer(request, self._chat.shape(self._message(request, interaction)))

    async def edit(self, request: web.Request) -> web.Response:
        """Edit a message of the interaction."""
        interaction = self._of_token(request)
        message = self._message(request, interaction)
        body = await read_body(request)
        self._check_message(request, body, message)
        check_sizes(body, interaction.channel)
        change(self._chat, message, body.payload, body, self._desk.files)
        if interaction.state is State.THINKING:
            self._chat.settle(interaction, State.ANSWERED)
        return self._desk.answer(request, self._chat.shape(message))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message of the interaction."""
        interaction = self._of_token(request)
        self._chat.delete(self._message(request, interaction))
        return nothing()

    def _check_message(self, request: web.Request, body: Body, edited: Message | None = None) -> None:
        form = Form()
        check_body(form, body, edited, ANSWER_FLAGS if edited is None else EDIT_FLAGS)
        self._desk.check(request, body.payload, form)

    def _of_token(self, request: web.Request) -> Interaction:
        """Return the acknowledged, living interaction of the path's token. Raises Refused."""
        if number(request, "webhook_id") != self._world.application_id:
            raise Refused(UNKNOWN_WEBHOOK)
        interaction = self._world.tokens.get(request.match_info["webhook_token"])
        if interaction is None:
            raise Refused(INVALID_WEBHOOK_TOKEN)
        if interaction.expired or self._world.clock.now() - interaction.created > TOKEN_LIFE_S:
            raise Refused(INVALID_WEBHOOK_TOKEN)
        if not interaction.acknowledged or interaction.kind is Kind.AUTOCOMPLETE:
            raise Refused(UNKNOWN_WEBHOOK)
        return interaction

    def _message(self, request: web.Request, interaction: Interaction) -> Message:
        """Return the message that the path names: the first answer, a follow-up, or what was pressed."""
        if "message_id" not in request.match_info:
            message = interaction.original
        else:
            wanted = number(request, "message_id")
            own = [interaction.original, interaction.source, *interaction.followups]
            message = next((one for one in own if one is not None and one.id == wanted), None)
        if message is None or message.id not in message.channel.messages:
            raise Refused(UNKNOWN_MESSAGE)
        return message
