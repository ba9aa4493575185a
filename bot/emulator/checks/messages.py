"""Checks of a message's body: text, embeds, attachments, flags, and its components."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.emulator.checks.components import check_components
from bot.emulator.checks.form import Form
from bot.emulator.components import Path
from bot.emulator.model import COMPONENTS_V2, Json

MAX_CONTENT = 2000
MAX_EMBEDS = 10
MAX_EMBED_TEXT = 6000
MAX_FILES = 10
MAX_NONCE = 25

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
_EMBED_FIELDS = {
    "type",
    "url",
    "title",
    "color",
    "timestamp",
    "description",
    "author",
    "image",
    "thumbnail",
    "footer",
    "fields",
    "provider",
    "video",
    "flags",
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


def check_message(
    form: Form, payload: Any, path: Path = (), *, files: Collection[str] = (), uploaded: int = 0, was_v2: bool = False
) -> None:
    """Check the body of a message or of an edit.

    ``files``: the names that ``attachment://`` may name; ``uploaded``: how many files came with the request;
    ``was_v2``: whether the message to be edited is made of Components V2.
    """
    if not isinstance(payload, dict):
        form.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    form.known(payload, _FIELDS, path)
    form.text(payload, "content", path, most=MAX_CONTENT)
    flags = payload.get("flags")
    if flags is not None and not isinstance(flags, int):
        form.add((*path, "flags"), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.')
        flags = 0
    v2 = was_v2 or bool((flags or 0) & COMPONENTS_V2)
    if v2:
        _check_no_legacy(form, payload, path)
    _check_embeds(form, form.items(payload, "embeds", path, most=MAX_EMBEDS), (*path, "embeds"))
    components = form.items(payload, "components", path, most=40)
    check_components(form, components, (*path, "components"), v2=v2, files=files)
    _check_attachments(form, payload, path, uploaded)
    nonce = payload.get("nonce")
    if isinstance(nonce, str) and len(nonce) > MAX_NONCE:
        form.add((*path, "nonce"), "NONCE_TYPE_TOO_LONG", f"Must be {MAX_NONCE} or fewer characters long.")


def _check_no_legacy(form: Form, payload: Json, path: Path) -> None:
    for key in _LEGACY:
        if payload.get(key):
            form.add(
                (*path, key),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def _check_attachments(form: Form, payload: Json, path: Path, uploaded: int) -> None:
    attachments = form.items(payload, "attachments", path, most=MAX_FILES)
    if uploaded > MAX_FILES:
        form.add((*path, "attachments"), "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {MAX_FILES} in length.")
    for index, one in enumerate(attachments):
        where = (*path, "attachments", index)
        if not isinstance(one, dict) or one.get("id") is None:
            form.required((*where, "id"))
            continue
        form.known(one, _ATTACHMENT_FIELDS, where)
        form.text(one, "description", where, most=1024)


def _check_embeds(form: Form, embeds: list[Any], path: Path) -> None:
    total = 0
    for index, embed in enumerate(embeds):
        where = (*path, index)
        if not isinstance(embed, dict):
            form.add(where, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        form.known(embed, _EMBED_FIELDS, where)
        total += _check_embed(form, embed, where)
    if total > MAX_EMBED_TEXT:
        form.add(path, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}")


def _check_embed(form: Form, embed: Json, path: Path) -> int:
    texts = [
        form.text(embed, "title", path, most=256),
        form.text(embed, "description", path, most=4096),
        _inner(form, embed, "author", "name", path, 256),
        _inner(form, embed, "footer", "text", path, 2048),
    ]
    for index, field in enumerate(form.items(embed, "fields", path, most=25)):
        where = (*path, "fields", index)
        if not isinstance(field, dict):
            form.required(where)
            continue
        texts.append(form.text(field, "name", where, least=1, most=256, required=True))
        texts.append(form.text(field, "value", where, least=1, most=1024, required=True))
    return sum(len(text) for text in texts if text is not None)


def _inner(form: Form, embed: Json, part: str, key: str, path: Path, most: int) -> str | None:
    inner = embed.get(part)
    return form.text(inner, key, (*path, part), most=most) if isinstance(inner, dict) else None
