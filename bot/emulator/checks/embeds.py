"""Checks of embeds: their texts, addresses and limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.emulator.checks.form import Form, quoted
from bot.emulator.components import Path
from bot.emulator.model import Json

MAX_EMBEDS = 10
MAX_TEXT = 6000  # in all embeds of a message together
MAX_COLOUR = 0xFFFFFF

_FIELDS = {
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


def check_embeds(form: Form, payload: Json, path: Path) -> None:
    """Check a message's embeds."""
    total = 0
    for index, embed in enumerate(form.items(payload, "embeds", path, most=MAX_EMBEDS)):
        where = (*path, "embeds", index)
        if embed is None or embed == {}:
            form.add(where, "LIST_ITEM_VALUE_REQUIRED", "List item values of ModelType are required")
        elif form.is_object(embed, where):
            total += _check_embed(form, embed, where)
    if total > MAX_TEXT:
        form.add((*path, "embeds"), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_TEXT}")


def _check_embed(form: Form, embed: Json, path: Path) -> int:
    """Check one embed and return how many characters it has."""
    form.known(embed, _FIELDS, path)
    texts = [form.text(embed, "title", path, most=256), form.text(embed, "description", path, most=4096)]
    form.address(embed, "url", path)
    form.number(embed, "color", path, most=MAX_COLOUR)
    _check_time(form, embed, path)
    for part in ("image", "thumbnail", "video"):
        inner = form.mapping(embed, part, path)
        if inner is not None:
            form.address(inner, "url", (*path, part), own_files=True)
    for part, key, most in (("author", "name", 256), ("footer", "text", 2048), ("provider", "name", 256)):
        inner = form.mapping(embed, part, path)
        if inner is not None:
            texts.append(form.text(inner, key, (*path, part), most=most))
            form.address(inner, "icon_url", (*path, part), own_files=True)
            form.address(inner, "url", (*path, part))
    for where, field in form.objects(embed, "fields", path, most=25):
        texts.append(_said(form, field, "name", where, 256))
        texts.append(_said(form, field, "value", where, 1024))
        form.truth(field, "inline", where)
    return sum(len(text) for text in texts if text is not None)


def _said(form: Form, field: Json, key: str, path: Path, most: int) -> str | None:
    """Check a text that must be there, and not of spaces only: Discord strips it first."""
    value = field.get(key)
    given: Any = value.strip() if isinstance(value, str) else value
    return form.text({key: given}, key, path, least=1, most=most, required=True)


def _check_time(form: Form, embed: Json, path: Path) -> None:
    value = embed.get("timestamp")
    if value is None:
        return
    try:
        datetime.fromisoformat(value)
    except (ValueError, TypeError):
        form.add((*path, "timestamp"), "DATE_TIME_TYPE_PARSE", f"Could not parse {quoted(value)}. Should be ISO8601.")
