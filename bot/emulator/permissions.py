"""Permission bits, and who has which in a channel (Discord's documentation, "Permissions")."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag

from bot.emulator.model import Channel, Guild, Message, Overwrite


class Permission(IntFlag):
    """The permissions that the emulator asks for; their names are those of the control API."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    USE_EXTERNAL_APPS = 1 << 50


EVERYTHING = (1 << 53) - 1  # all bits that Discord's description allows

MEMBER = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.USE_EXTERNAL_APPS
)


def permissions_in(channel: Channel, person_id: int) -> int:
    """Return the bits of ``person_id`` in ``channel``, overwrites applied; 0 for a stranger to it.

    A thread has its channel's.
    """
    if channel.thread is not None:
        channel = channel.thread.parent
    guild = channel.guild
    if guild is None:
        return int(MEMBER) if any(one.id == person_id for one in channel.members) else 0
    member = guild.members.get(person_id)
    if member is None:
        return 0
    bits = _of_roles(guild, member.roles)
    if person_id == guild.owner_id or bits & Permission.ADMINISTRATOR:
        return EVERYTHING
    everyone = channel.overwrites.get(guild.id)
    if everyone is not None:
        bits = _applied(bits, [everyone])
    bits = _applied(bits, [channel.overwrites[role] for role in member.roles if role in channel.overwrites])
    own = channel.overwrites.get(person_id)
    return _applied(bits, [own]) if own is not None else bits


def has(channel: Channel, person_id: int, wanted: Permission) -> bool:
    """Tell whether ``person_id`` has all of ``wanted`` in ``channel``."""
    return permissions_in(channel, person_id) & wanted == wanted


def sees(message: Message, person_id: int) -> bool:
    """Tell whether ``person_id`` sees ``message``: their own if it is ephemeral, else what is in their channels."""
    if message.only_for is not None and message.only_for != person_id:
        return False
    return has(message.channel, person_id, Permission.VIEW_CHANNEL)


def _of_roles(guild: Guild, roles: Iterable[int]) -> int:
    bits = guild.roles[guild.id].permissions
    for role in roles:
        bits |= guild.roles[role].permissions
    return bits


def _applied(bits: int, overwrites: Iterable[Overwrite]) -> int:
    allow = deny = 0
    for overwrite in overwrites:
        allow |= overwrite.allow
        deny |= overwrite.deny
    return bits & ~deny | allow
