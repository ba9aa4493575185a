"""Checks of a message's body: text, flags, mentions, attachments and nonce; its embeds and components."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.emulator.checks.components import check_components
from bot.emulator.checks.embeds import check_embeds
from bot.emulator.checks.form import Form
from bot.emulator.components import Path
from bot.emulator.model import COMPONENTS_V2, EPHEMERAL, Channel, Json

MAX_CONTENT = 2000
MAX_FILES = 10
MAX_NONCE = 25
MAX_STICKERS = 3
MAX_MENTIONED = 100
INT64 = 2**63

SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS, VOICE_MESSAGE = 1 << 2, 1 << 12, 1 << 13
# The flags that each kind of body may set (Discord's documentation, "Message" and "Interactions").
EDIT_FLAGS = SUPPRESS_EMBEDS | COMPONENTS_V2
SEND_FLAGS = EDIT_FLAGS | SUPPRESS_NOTIFICATIONS | VOICE_MESSAGE
ANSWER_FLAGS = SEND_FLAGS | EPHEMERAL

_FIELDS = {
    "content",
    "embeds",
    "allowed_mentions",
    "components",
    "attachments",
    "flags",
    "poll",
    "tts",
    "nonce",
    "enforce_nonce",
    "message_reference",
    "sticker_ids",
    "username",
    "avatar_url",
    "thread_name",
    "applied_tags",
    "payload_json",
    "shared_client_theme",
}
_ATTACHMENT_FIELDS = {
    "id",
    "filename",
    "description",
    "duration_secs",
    "waveform",
    "title",
    "is_spoiler",
    "is_remix",
    "uploaded_filename",
}
_LEGACY = ("content", "embeds", "poll", "sticker_ids")
_PARSED = ("roles", "users", "everyone")


def check_message(
    form: Form,
    payload: Any,
    path: Path = (),
    *,
    files: Collection[str] = (),
    uploaded: int = 0,
    was_v2: bool = False,
    flags: int = ANSWER_FLAGS,
) -> None:
    """Check the body of a message or of an edit.

    ``files``: the names that ``attachment://`` may name; ``uploaded``: how many files came with the request;
    ``was_v2``: whether the message to be edited is made of Components V2; ``flags``: those that may be set.
    """
    if not form.is_object(payload, path):
        return
    form.known(payload, _FIELDS, path)
    form.text(payload, "content", path, most=MAX_CONTENT)
    form.truth(payload, "tts", path)
    given = form.number(payload, "flags", path, most=INT64 - 1) or 0
    if given & ~flags:
        form.pass_over((*path, "flags"), f"The flags {given & ~flags} cannot be set here")
    # Components are judged by the flag of this very body; what was V2 stays it all the same.
    v2 = bool(given & COMPONENTS_V2)
    if v2 or was_v2:
        _check_no_legacy(form, payload, path)
    check_embeds(form, payload, path)
    components = form.items(payload, "components", path, most=40)
    check_components(form, components, (*path, "components"), v2=v2, files=files)
    _check_attachments(form, payload, path, uploaded)
    _check_mentions(form, payload, path)
    _check_nonce(form, payload, path)
    form.mapping(payload, "poll", path)
    for index, number in enumerate(form.items(payload, "sticker_ids", path, most=MAX_STICKERS)):
        form.is_snowflake(number, (*path, "sticker_ids", index))


def check_reference(form: Form, payload: Any, channel: Channel) -> int | None:
    """Check what a message replies to, and return its id if it is there."""
    reference = form.mapping(payload, "message_reference", ()) if isinstance(payload, dict) else None
    if reference is None:
        return None
    path: Path = ("message_reference",)
    number = form.snowflake(reference, "message_id", path, required=True)
    place = form.snowflake(reference, "channel_id", path)
    form.truth(reference, "fail_if_not_exists", path)
    if place is not None and place != channel.id:
        form.add(path, "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Cannot reply to a message in a different channel")
        return None
    if number is None:
        return None
    message = channel.messages.get(number)
    if message is not None and message.only_for is None:
        return number
    if reference.get("fail_if_not_exists") is not False:
        form.add(path, "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return None


def _check_no_legacy(form: Form, payload: Json, path: Path) -> None:
    for key in _LEGACY:
        if payload.get(key):
            form.add(
                (*path, key),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def _check_attachments(form: Form, payload: Json, path: Path, uploaded: int) -> None:
    if uploaded > MAX_FILES:
        form.add((*path, "attachments"), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")
    for where, one in form.objects(payload, "attachments", path, most=MAX_FILES):
        form.known(one, _ATTACHMENT_FIELDS, where)
        form.snowflake(one, "id", where, required=True)
        form.text(one, "filename", where, most=1024)
        form.text(one, "description", where, most=1024)


def _check_mentions(form: Form, payload: Json, path: Path) -> None:
    allowed = form.mapping(payload, "allowed_mentions", path)
    if allowed is None:
        return
    where = (*path, "allowed_mentions")
    parsed = form.items(allowed, "parse", where, most=len(_PARSED))
    for index, kind in enumerate(parsed):
        if kind not in _PARSED:
            form.choices((*where, "parse", index), _PARSED)
    form.truth(allowed, "replied_user", where)
    for key in ("roles", "users"):
        numbers = form.items(allowed, key, where, most=MAX_MENTIONED)
        for index, number in enumerate(numbers):
            form.is_snowflake(number, (*where, key, index))
            if number in numbers[:index]:
                words = "The set already contains this value"
                form.add((*where, key, index), "SET_TYPE_ALREADY_CONTAINS_VALUE", words)
        if numbers and key in parsed:
            words = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            form.add(where, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)


def _check_nonce(form: Form, payload: Json, path: Path) -> None:
    form.truth(payload, "enforce_nonce", path)
    nonce, where = payload.get("nonce"), (*path, "nonce")
    if isinstance(nonce, str):
        if len(nonce) > MAX_NONCE:
            form.add(where, "NONCE_TYPE_TOO_LONG", f"Must be {MAX_NONCE} or fewer characters long.")
    elif isinstance(nonce, bool) or (nonce is not None and not isinstance(nonce, int)):
        form.add(where, "NONCE_TYPE_INVALID_TYPE", "This field must be a string or integer.")
    elif nonce is not None and not -INT64 <= nonce < INT64:
        form.add(where, "NONCE_TYPE_OUT_OF_BOUNDS", f"Must be between {-INT64} and {INT64 - 1}.")
