"""Events of the gateway, held against the schemas of Discord's description for what they carry.

The description has no events of its own; but a message in an event is a message, and a member is a member.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.emulator.checks.openapi import Description
from bot.emulator.errors import Finding
from bot.emulator.model import Json

_USER, _MEMBER, _ROLE = "UserResponse", "GuildMemberResponse", "GuildRoleResponse"
_MESSAGE, _FILE = "MessageResponse", "MessageAttachmentResponse"
_CHANNELS = {
    1: "PrivateChannelResponse",
    3: "PrivateGroupChannelResponse",
    **dict.fromkeys((10, 11, 12), "ThreadResponse"),
}

# What is where in an event: each step is a key, or * for every item of a list or object.
_PARTS: dict[str, dict[str, str]] = {
    "READY": {"user": _USER},
    "MESSAGE_CREATE": {"": _MESSAGE},
    "MESSAGE_UPDATE": {"": _MESSAGE},
    "INTERACTION_CREATE": {
        "user": _USER,
        "member": _MEMBER,
        "message": _MESSAGE,
        "data.resolved.users.*": _USER,
        "data.resolved.roles.*": _ROLE,
        "data.resolved.messages.*": _MESSAGE,
        "data.resolved.attachments.*": _FILE,
    },
    "GUILD_CREATE": {"": "GuildResponse", "roles.*": _ROLE, "members.*": _MEMBER, "channels.*": "", "threads.*": ""},
    "GUILD_UPDATE": {"": "GuildResponse"},
    "GUILD_MEMBER_ADD": {"": _MEMBER},
    "GUILD_MEMBERS_CHUNK": {"members.*": _MEMBER},
    "GUILD_ROLE_CREATE": {"role": _ROLE},
    "GUILD_ROLE_UPDATE": {"role": _ROLE},
    "MESSAGE_REACTION_ADD": {"member": _MEMBER},
    **{name: {"": ""} for name in ("CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE")},
}


def check_event(description: Description, name: str, event: Json) -> list[Finding]:
    """Return what the description finds wrong with an event of that name."""
    return [
        Finding((*path, *one.path), one.code, one.message)
        for where, schema in _PARTS.get(name, {}).items()
        for path, part in _find(event, where.split(".") if where else [])
        for one in description.schema(schema or _channel_schema(part), part)
    ]


def _find(
    value: Any, steps: list[str], path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if not steps:
        yield path, value
        return
    step, *rest = steps
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for key, one in items:
        if step in ("*", key):
            yield from _find(one, rest, (*path, key))


def _channel_schema(channel: Json) -> str:
    return _CHANNELS.get(channel["type"], "GuildChannelResponse")
