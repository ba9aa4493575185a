"""Routes that carry an interaction's token: the first answer, then edits, follow-ups and deletions."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.bodies import Body, read_body
from bot.emulator.checks.form import Form
from bot.emulator.checks.messages import check_message
from bot.emulator.checks.modals import check_modal
from bot.emulator.errors import (
    ACKNOWLEDGED_ALREADY,
    INVALID_WEBHOOK_TOKEN,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refused,
)
from bot.emulator.model import EPHEMERAL, LOADING, Interaction, Json, Kind, Message, State
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.drafts import change, check_sizes, draft, names, new_message

TOKEN_LIFE_S = 15 * 60
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL = 4, 5, 6, 7, 9
SLASH_REPLY, MENU_REPLY, REPLY = 20, 23, 19  # message types


class Interactions:
    """The callback and the webhook routes of interactions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._chat = desk.chat

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        webhook = f"{BASE}/webhooks/{{webhook_id}}/{{webhook_token}}"
        found: list[web.RouteDef] = [
            web.post(f"{BASE}/interactions/{{interaction_id}}/{{interaction_token}}/callback", self.callback),
            web.post(webhook, self.follow_up),
        ]
        for last in ("@original", "{message_id}"):
            path = f"{webhook}/messages/{last}"
            found += [web.get(path, self.get), web.patch(path, self.edit), web.delete(path, self.delete)]
        return found

    async def callback(self, request: web.Request) -> web.Response:
        """Take the first answer to an interaction, within three seconds and once."""
        interaction = self._world.interactions.get(number(request, "interaction_id"))
        if interaction is None or interaction.token != request.match_info["interaction_token"]:
            raise Refused(UNKNOWN_INTERACTION)
        if interaction.acknowledged:
            raise Refused(ACKNOWLEDGED_ALREADY)
        if self._chat.is_late(interaction):
            raise Refused(UNKNOWN_INTERACTION)
        body = await read_body(request)
        payload = body.payload
        self._check_callback(request, interaction, payload, body)
        if interaction.acknowledged:  # two answers may have been read at the same time
            raise Refused(ACKNOWLEDGED_ALREADY)
        data = payload.get("data") or {}
        changed = self._act(interaction, payload["type"], data, body)
        if request.query.get("with_response") not in {"1", "true"}:
            return nothing()
        return self._desk.answer(request, self._callback_shape(interaction, payload["type"], changed))

    def _check_callback(self, request: web.Request, interaction: Interaction, payload: Any, body: Body) -> None:
        form = Form()
        kind = payload.get("type") if isinstance(payload, dict) else None
        allowed = {MESSAGE, DEFERRED}
        if interaction.kind is not Kind.MODAL:
            allowed.add(MODAL)
        if interaction.source is not None:
            allowed |= {DEFERRED_UPDATE, UPDATE}
        if kind not in allowed:
            choices = ", ".join(map(str, sorted(allowed)))
            form.add(("type",), "BASE_TYPE_CHOICES", f"Value must be one of ({choices}).")
        elif kind == MODAL:
            check_modal(form, payload.get("data"))
        elif payload.get("data") is not None:
            source = interaction.source if kind == UPDATE else None
            check_message(
                form,
                payload["data"],
                ("data",),
                files=names(payload["data"], body, source.uploads if source else ()),
                uploaded=len(body.files),
                was_v2=source is not None and source.v2,
            )
        self._desk.check(request, payload, form)
        check_sizes(body, interaction.channel)

    def _act(self, interaction: Interaction, kind: int, data: Json, body: Body) -> Message | None:
        """Do what the first answer says, and return the message that it made or changed."""
        source = interaction.source
        message = None
        if kind == MODAL:
            interaction.acknowledged = True
            interaction.modal = data
            self._chat.settle(interaction, State.MODAL)
            return None
        if kind == UPDATE and source is not None:
            change(self._chat, source, data, body, self._desk.files)
            interaction.original = message = source
        elif kind == DEFERRED_UPDATE:
            interaction.original = source
        else:
            message = self._first_message(interaction, kind, data, body)
            interaction.original = message
            self._chat.post(message)
        interaction.acknowledged = True
        self._chat.settle(interaction, State.THINKING if kind == DEFERRED else State.ANSWERED)
        return message

    def _first_message(self, interaction: Interaction, kind: int, data: Json, body: Body) -> Message:
        only_for = interaction.person.id if int(data.get("flags") or 0) & EPHEMERAL else None
        more: dict[str, Any] = {"only_for": only_for, "interaction": interaction}
        if interaction.kind is Kind.COMMAND:
            more["kind"] = SLASH_REPLY if interaction.data["type"] == 1 else MENU_REPLY
        elif interaction.source is not None:
            more |= {"kind": REPLY, "reply_to": interaction.source.id}
        if kind == DEFERRED:
            world = self._world
            return Message(world.ids.new(), interaction.channel, world.bot, world.clock.now(), flags=LOADING, **more)
        made = draft(data, body, interaction.channel, self._desk.files)
        return new_message(self._chat, interaction.channel, data, made, **more)

    def _callback_shape(self, interaction: Interaction, kind: int, changed: Message | None) -> Json:
        shape: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
        original = interaction.original
        if original is not None:
            shape |= {
                "response_message_id": str(original.id),
                "response_message_loading": original.loading,
                "response_message_ephemeral": original.only_for is not None,
                "channel_id": str(interaction.channel.id),
            }
            if interaction.channel.guild is not None:
                shape["guild_id"] = str(interaction.channel.guild.id)
        answer: Json = {"interaction": shape}
        if changed is not None and kind in {MESSAGE, DEFERRED, UPDATE}:
            # Discord names the resource of a deferred answer a message, type 4, too.
            resource = UPDATE if kind == UPDATE else MESSAGE
            answer["resource"] = {"type": resource, "message": self._chat.shape(changed)}
        return answer

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
        ephemeral = bool(int(payload.get("flags") or 0) & EPHEMERAL)
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
        check_message(
            form,
            body.payload,
            files=names(body.payload, body, edited.uploads if edited else ()),
            uploaded=len(body.files),
            was_v2=edited is not None and edited.v2,
        )
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
        if not interaction.acknowledged:
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
