"""From a request's body to the parts of a message: its files kept, its components settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.bodies import Body, FilePart
from bot.emulator.chat import Chat, fill
from bot.emulator.checks.form import Form
from bot.emulator.checks.messages import SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS, check_message
from bot.emulator.components import settle
from bot.emulator.embeds import settle_embeds
from bot.emulator.errors import EMPTY_MESSAGE, INVALID_FORM_BODY, TOO_LARGE, Finding, Refused
from bot.emulator.files import Files, clean_name
from bot.emulator.model import COMPONENTS_V2, Channel, Json, Message, Upload

KEPT_FLAGS = COMPONENTS_V2 | SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS


@dataclass(slots=True)
class Draft:
    """The parts of a message that a body names; None or empty where it does not."""

    parts: dict[str, Any] = field(default_factory=dict)
    uploads: list[Upload] | None = None


def names(payload: Any, body: Body, kept: Sequence[Upload] = ()) -> list[str]:
    """Return the file names that ``attachment://`` may name once ``payload`` is applied."""
    listed = payload.get("attachments") if isinstance(payload, dict) else None
    entries = _by_id(listed) if isinstance(listed, list) else None
    names = [upload.filename for upload in kept if entries is None or str(upload.id) in entries]
    return names + [clean_name(_filename(index, file, entries or {})) for index, file in body.files.items()]


def check_body(form: Form, body: Body, edited: Message | None, flags: int) -> None:
    """Check the body of a new message, or of the edit of one; ``flags`` are those that it may set."""
    check_message(
        form,
        body.payload,
        files=names(body.payload, body, edited.uploads if edited else ()),
        uploaded=len(body.files),
        was_v2=edited is not None and edited.v2,
        flags=flags,
    )


def check_sizes(body: Body, channel: Channel) -> None:
    """Refuse files over the channel's limit."""
    if any(len(file.data) > channel.upload_limit for file in body.files.values()):
        raise Refused(TOO_LARGE)


def draft(payload: Json, body: Body, channel: Channel, files: Files, kept: Sequence[Upload] = ()) -> Draft:
    """Turn a checked body into message parts. ``kept``: the uploads of the message that is edited.

    ``attachments``, where given, says which of those stay; files are added in any case.
    """
    result = Draft()
    if "content" in payload:
        result.parts["content"] = payload["content"] or ""
    uploads = list(kept)
    if payload.get("attachments") is not None or body.files:
        uploads = _uploads(payload, body, channel, files, kept)
        result.uploads = uploads
    if "embeds" in payload:
        result.parts["embeds"] = settle_embeds(payload["embeds"] or [], uploads)
    if "components" in payload:
        result.parts["components"] = settle(payload["components"] or [], uploads)
    return result


def apply_flags(message: Message, payload: Json) -> None:
    """Take over the flags that a body may set; what is made of Components V2 stays so."""
    if isinstance(payload.get("flags"), int):
        message.flags = message.flags & (COMPONENTS_V2 | ~KEPT_FLAGS) | payload["flags"] & KEPT_FLAGS


def change(chat: Chat, message: Message, payload: Json, body: Body, files: Files) -> None:
    """Apply a checked edit to a message and tell it. Raises Refused if nothing would be left in it."""
    made = draft(payload, body, message.channel, files, message.uploads)
    left = {name: made.parts.get(name, getattr(message, name)) for name in ("content", "embeds", "components")}
    if not any(left.values()) and not (message.uploads if made.uploads is None else made.uploads):
        raise Refused(EMPTY_MESSAGE)
    apply_flags(message, payload)
    dropped = fill(message, now=chat.world.clock.now(), uploads=made.uploads, **made.parts)
    message.mentions = chat.mentioned(message, payload.get("allowed_mentions"))
    chat.edited(message, dropped)


def new_message(chat: Chat, channel: Channel, payload: Json, made: Draft, **more: Any) -> Message:
    """Make the bot's message from a draft. Raises Refused if nothing is in it."""
    world = chat.world
    message = Message(world.ids.new(), channel, world.bot, world.clock.now(), uploads=made.uploads or [], **more)
    for name, value in made.parts.items():
        setattr(message, name, value)
    if not (message.content or message.embeds or message.components or message.uploads):
        raise Refused(EMPTY_MESSAGE)
    apply_flags(message, payload)
    message.mentions = chat.mentioned(message, payload.get("allowed_mentions"))
    return message


def _uploads(payload: Json, body: Body, channel: Channel, files: Files, kept: Sequence[Upload]) -> list[Upload]:
    listed = payload.get("attachments")
    by_id = {str(upload.id): upload for upload in kept}
    entries = _by_id(listed or [])
    for index, number in enumerate(entries):
        if number not in by_id and not (number.isdecimal() and int(number) in body.files):
            finding = Finding(("attachments", index), "ATTACHMENT_NOT_FOUND", "Attachment data not found")
            raise Refused(INVALID_FORM_BODY, [finding])
    uploads = list(kept) if listed is None else [by_id[number] for number in entries if number in by_id]
    for index, file in sorted(body.files.items()):
        description = entries.get(str(index), {}).get("description")
        uploads.append(files.add(channel, _filename(index, file, entries), file.data, description=description))
    return uploads


def _by_id(listed: list[Any]) -> dict[str, Json]:
    return {str(one.get("id")): one for one in listed if isinstance(one, dict)}


def _filename(index: int, file: FilePart, entries: Mapping[str, Json]) -> str:
    return str(entries.get(str(index), {}).get("filename") or file.filename)
