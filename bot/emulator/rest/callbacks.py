"""The route of an interaction's first answer: a message, "thinking…", an update, a modal, or suggestions."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.bodies import Body, read_body
from bot.emulator.checks.form import Form
from bot.emulator.checks.messages import ANSWER_FLAGS, EDIT_FLAGS, check_message
from bot.emulator.checks.modals import check_modal
from bot.emulator.checks.options import Option, check_choices
from bot.emulator.components import numbered
from bot.emulator.errors import ACKNOWLEDGED_ALREADY, UNKNOWN_INTERACTION, Refused
from bot.emulator.model import EPHEMERAL, LOADING, Interaction, Json, Kind, Message, State
from bot.emulator.offers import must_be_private
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.drafts import change, check_sizes, draft, names, new_message
from bot.emulator.rest.lookup import check_there

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
SLASH_REPLY, MENU_REPLY, REPLY = 20, 23, 19  # message types


class Callbacks:
    """The callback of interactions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._chat = desk.chat

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.post(f"{BASE}/interactions/{{interaction_id}}/{{interaction_token}}/callback", self.callback)]

    async def callback(self, request: web.Request) -> web.Response:
        """Take the first answer to an interaction, within three seconds and once."""
        interaction = self._world.interactions.get(number(request, "interaction_id"))
        if interaction is None or interaction.token != request.match_info["interaction_token"]:
            raise Refused(UNKNOWN_INTERACTION)
        if interaction.acknowledged:
            raise Refused(ACKNOWLEDGED_ALREADY)
        if self._chat.is_late(interaction):
            raise Refused(UNKNOWN_INTERACTION)
        check_there(self._desk, interaction.channel)
        body = await read_body(request)
        self._check(request, interaction, body)
        if interaction.acknowledged:  # two answers may have been read at the same time
            raise Refused(ACKNOWLEDGED_ALREADY)
        kind, data = body.payload["type"], body.payload.get("data") or {}
        changed = self._act(interaction, kind, data, body)
        if request.query.get("with_response", "").lower() not in {"1", "true"}:
            return nothing()
        return self._desk.answer(request, self._shape(interaction, kind, changed))

    def _check(self, request: web.Request, interaction: Interaction, body: Body) -> None:
        payload = body.payload
        form = Form()
        if form.is_object(payload, ()):
            kind = payload.get("type")
            allowed = _allowed(interaction)
            if isinstance(kind, bool) or kind not in allowed:
                form.choices(("type",), allowed)
            elif kind == MODAL:
                check_modal(form, payload.get("data"))
            elif kind == CHOICES:
                _check_suggestions(form, payload, interaction)
            elif payload.get("data") is not None:
                self._check_message(form, payload["data"], kind, interaction.source if kind == UPDATE else None, body)
        self._desk.check(request, payload, form)
        check_sizes(body, interaction.channel)

    def _check_message(self, form: Form, data: Any, kind: int, source: Message | None, body: Body) -> None:
        check_message(
            form,
            data,
            ("data",),
            files=names(data, body, source.uploads if source else ()),
            uploaded=len(body.files),
            was_v2=source is not None and source.v2,
            flags={DEFERRED: EPHEMERAL, UPDATE: EDIT_FLAGS}.get(kind, ANSWER_FLAGS),
        )

    def _act(self, interaction: Interaction, kind: int, data: Json, body: Body) -> Message | None:
        """Do what the first answer says, and return the message that it made or changed."""
        source, message, state = interaction.source, None, State.ANSWERED
        if kind == MODAL:
            interaction.modal = {**data, "components": numbered(data["components"])}
            state = State.MODAL
        elif kind == CHOICES:
            interaction.choices = [one for one in data.get("choices") or [] if one is not None]
        elif kind == UPDATE and source is not None:
            change(self._chat, source, data, body, self._desk.files)
            interaction.original = message = source
        elif kind == DEFERRED_UPDATE:
            interaction.original = source
        else:
            message = self._first_message(interaction, kind, data, body)
            interaction.original = message
            self._chat.post(message)
            state = State.THINKING if kind == DEFERRED else State.ANSWERED
        interaction.acknowledged = True
        self._chat.settle(interaction, state)
        return message

    def _first_message(self, interaction: Interaction, kind: int, data: Json, body: Body) -> Message:
        private = bool(int(data.get("flags") or 0) & EPHEMERAL) or must_be_private(interaction)
        more: dict[str, Any] = {
            "only_for": interaction.person.id if private else None,
            "interaction": interaction,
        }
        if interaction.kind is Kind.COMMAND:
            more["kind"] = SLASH_REPLY if interaction.data["type"] == 1 else MENU_REPLY
        elif interaction.source is not None:
            more |= {"kind": REPLY, "reply_to": interaction.source.id}
        if kind == DEFERRED:
            world = self._world
            return Message(world.ids.new(), interaction.channel, world.bot, world.clock.now(), flags=LOADING, **more)
        made = draft(data, body, interaction.channel, self._desk.files)
        return new_message(self._chat, interaction.channel, data, made, **more)

    def _shape(self, interaction: Interaction, kind: int, changed: Message | None) -> Json:
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
        if changed is not None:
            # Discord names the resource of a deferred answer a message, type 4, too.
            resource = UPDATE if kind == UPDATE else MESSAGE
            answer["resource"] = {"type": resource, "message": self._chat.shape(changed)}
        return answer


def _allowed(interaction: Interaction) -> tuple[int, ...]:
    """Return the types of answer that an interaction takes.

    A modal that no message opened may be dismissed with a deferred update: libraries do so, and it works.
    Activities (12) and purchases (10, 13) are of applications that have them.
    """
    if interaction.kind is Kind.AUTOCOMPLETE:
        return (CHOICES,)
    allowed = {MESSAGE, DEFERRED}
    if interaction.source is not None:
        allowed |= {DEFERRED_UPDATE, UPDATE}
    allowed.add(DEFERRED_UPDATE if interaction.kind is Kind.MODAL else MODAL)
    return tuple(sorted(allowed))


def _check_suggestions(form: Form, payload: Json, interaction: Interaction) -> None:
    data = form.mapping(payload, "data", (), required=True)
    if data is None:
        return
    form.known(data, {"choices"}, ("data",))
    if isinstance(data.get("choices"), list):
        data = {**data, "choices": [one for one in data["choices"] if one is not None]}
    check_choices(form, data, ("data",), _focused_type(interaction.data["options"]))


def _focused_type(options: list[Json]) -> int:
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if "options" in option:
            return _focused_type(option["options"])
    return Option.STRING
