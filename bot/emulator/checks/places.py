"""Checks of the bodies that change channels, threads, overwrites, roles and members.

Each returns what the body changes, by the names of :mod:`bot.emulator.model`; what it does not name is not there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.emulator.checks.form import Form, quoted
from bot.emulator.components import Path
from bot.emulator.model import ChannelKind, Guild, Json, Overwrite
from bot.emulator.permissions import EVERYTHING

MAX_SLOWMODE_S = 21_600
AUTO_ARCHIVE_MIN = (60, 1440, 4320, 10080)
LONGEST_TIMEOUT_S = 28 * 24 * 3600
ROLE, MEMBER = 0, 1  # what an overwrite is for

_CHANNEL = {"name", "topic", "nsfw", "position", "rate_limit_per_user", "permission_overwrites"}
_HEEDED_NOT = {  # fields of kinds of channels that are not here, and of clients' looks
    "type",
    "bitrate",
    "user_limit",
    "parent_id",
    "rtc_region",
    "video_quality_mode",
    "default_auto_archive_duration",
    "default_reaction_emoji",
    "default_thread_rate_limit_per_user",
    "default_sort_order",
    "default_forum_layout",
    "default_tag_setting",
    "available_tags",
    "applied_tags",
    "flags",
}
_THREAD = {"name", "auto_archive_duration", "rate_limit_per_user", "type", "invitable", "archived", "locked"}
_ROLE = {"name", "permissions", "color", "colors", "hoist", "mentionable", "icon", "unicode_emoji"}
_MEMBER = {"nick", "roles", "communication_disabled_until", "mute", "deaf", "channel_id", "flags"}


def check_channel(form: Form, payload: Json, guild: Guild, *, new: bool) -> dict[str, Any]:
    """Check a text channel's body; a ``new`` one needs a name, and is a text channel: there is no other kind here."""
    form.known(payload, _CHANNEL | _HEEDED_NOT, ())
    changes: dict[str, Any] = {}
    name = form.text(payload, "name", (), least=1, most=100, required=new)
    if name is not None:
        changes["name"] = channel_name(name)
    if "topic" in payload:
        changes["topic"] = form.text(payload, "topic", (), most=1024) or ""
    form.truth(payload, "nsfw", ())
    if "nsfw" in payload:
        changes["nsfw"] = payload["nsfw"] is True
    position = form.number(payload, "position", ())
    if position is not None:
        changes["position"] = position
    _slowmode(form, payload, changes)
    if payload.get("permission_overwrites") is not None:
        changes["overwrites"] = _overwrites(form, payload, guild)
    if payload.get("type") not in (None, ChannelKind.TEXT):
        form.choices(("type",), (ChannelKind.TEXT,))
    return changes


def check_overwrite(form: Form, payload: Json, whose: int, guild: Guild) -> Overwrite:
    """Check what one person or role is given and denied."""
    form.known(payload, {"id", "type", "allow", "deny"}, ())
    return _overwrite(form, payload, (), whose, guild)


def check_thread(form: Form, payload: Json, *, new: bool, from_message: bool = False) -> dict[str, Any]:
    """Check a thread's body; a ``new`` one needs a name. ``kind``, where given, is how public it is."""
    form.known(payload, _THREAD | _HEEDED_NOT, ())
    changes: dict[str, Any] = {}
    name = form.text(payload, "name", (), least=1, most=100, required=new)
    if name is not None:
        changes["name"] = name
    _slowmode(form, payload, changes)
    minutes = form.number(payload, "auto_archive_duration", ())
    if minutes is not None:
        changes["auto_archive_min"] = minutes
        if minutes not in AUTO_ARCHIVE_MIN:
            form.choices(("auto_archive_duration",), AUTO_ARCHIVE_MIN)
    for key in ("invitable",) if new else ("archived", "locked", "invitable"):
        form.truth(payload, key, ())
        if isinstance(payload.get(key), bool):
            changes[key] = payload[key]
    kind = payload.get("type")
    if new and not from_message and kind is not None:
        kinds = (ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD)
        if kind in kinds:
            changes["kind"] = ChannelKind(kind)
        else:
            form.choices(("type",), kinds)
    return changes


def check_role(form: Form, payload: Json) -> dict[str, Any]:
    """Check a role's body."""
    form.known(payload, _ROLE, ())
    changes: dict[str, Any] = {}
    name = form.text(payload, "name", (), least=1, most=100)
    if name is not None:
        changes["name"] = name
    if payload.get("permissions") is not None:
        changes["permissions"] = _bits(form, payload, "permissions", ())
    colours = form.mapping(payload, "colors", ()) or {}
    for at, key, path in ((payload, "color", ()), (colours, "primary_color", ("colors",))):
        colour = form.number(at, key, path, most=0xFFFFFF)
        if colour is not None:
            changes["colour"] = colour
    for key in ("hoist", "mentionable"):
        form.truth(payload, key, ())
        if isinstance(payload.get(key), bool):
            changes[key] = payload[key]
    return changes


def check_member(form: Form, payload: Json, now: float) -> dict[str, Any]:
    """Check a member's body. ``roles`` are ids, which need not be there."""
    form.known(payload, _MEMBER, ())
    changes: dict[str, Any] = {}
    if "nick" in payload:
        changes["nick"] = form.text(payload, "nick", (), most=32) or None
    if payload.get("roles") is not None:
        listed = form.items(payload, "roles", (), most=350)
        good = [one for index, one in enumerate(listed) if form.is_snowflake(one, ("roles", index))]
        changes["roles"] = list(dict.fromkeys(int(one) for one in good))
    if "communication_disabled_until" in payload:
        changes["muted_until"] = _timeout(form, payload, now)
    return changes


def check_positions(form: Form, payload: Any) -> dict[int, int]:
    """Check where roles go and return their new positions by their ids."""
    if not isinstance(payload, list):
        form.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        return {}
    found: dict[int, int] = {}
    for index, one in enumerate(payload):
        if form.is_object(one, (index,)):
            number = form.snowflake(one, "id", (index,), required=True)
            position = form.number(one, "position", (index,))
            if number is not None:
                one["id"] = str(number)
                if position is not None:
                    found[number] = position
    return found


def channel_name(text: str) -> str:
    """Return a text channel's name as Discord keeps it: in lower case, without spaces."""
    return "-".join(text.lower().split()) or "-"


def _slowmode(form: Form, payload: Json, changes: dict[str, Any]) -> None:
    seconds = form.number(payload, "rate_limit_per_user", (), most=MAX_SLOWMODE_S)
    if "rate_limit_per_user" in payload:
        changes["slowmode_s"] = seconds or 0


def _timeout(form: Form, payload: Json, now: float) -> float | None:
    text = payload["communication_disabled_until"]
    if text is None:
        return None
    where = ("communication_disabled_until",)
    try:
        until = datetime.fromisoformat(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        form.add(where, "DATE_TIME_TYPE_PARSE", f"Could not parse {quoted(text)}. Should be ISO8601.")
        return None
    if until > now + LONGEST_TIMEOUT_S:
        form.add(where, "INVALID_COMMUNICATION_DISABLED_TIMESTAMP", "Invalid communication disabled timestamp")
    return until


def _overwrites(form: Form, payload: Json, guild: Guild) -> dict[int, Overwrite]:
    found: dict[int, Overwrite] = {}
    for where, one in form.objects(payload, "permission_overwrites", (), most=100):
        whose = form.snowflake(one, "id", where, required=True)
        if whose is not None:
            one["id"] = str(whose)
            found[whose] = _overwrite(form, one, where, whose, guild)
    return found


def _overwrite(form: Form, at: Json, path: Path, whose: int, guild: Guild) -> Overwrite:
    kind = at.get("type", ROLE if whose in guild.roles else MEMBER)
    if kind not in (ROLE, MEMBER) or isinstance(kind, bool):
        form.choices((*path, "type"), (ROLE, MEMBER))
    return Overwrite(_bits(form, at, "allow", path), _bits(form, at, "deny", path))


def _bits(form: Form, at: Json, key: str, path: Path) -> int:
    """Return a permission set, which is text or a number. It is put back as a number, which the description wants."""
    value = at.get(key)
    if value is None:
        return 0
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:
        value = at[key] = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        form.add((*path, key), "NUMBER_TYPE_COERCE", f'Value "{quoted(at[key])}" is not int.')
        return 0
    return value & EVERYTHING
