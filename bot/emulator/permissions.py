"""Permission bits, and who has which in a channel (Discord's documentation, "Permissions" and "Threads")."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag

from bot.emulator.model import Channel, ChannelKind, Guild, Member, Message, Overwrite, Role


class Permission(IntFlag):
    """All of Discord's permissions, by its names, which are those of the control API, too."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SET_VOICE_CHANNEL_STATUS = 1 << 48
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


EVERYTHING = (1 << 53) - 1  # all bits that Discord's description allows

PRIVATE = (  # what one may in direct messages and groups, where nobody gives or takes permissions
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.USE_EXTERNAL_APPS
    | Permission.PIN_MESSAGES
)
MEMBER = (  # what @everyone may in a new guild here, as far as it matters
    (PRIVATE & ~Permission.PIN_MESSAGES)
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CHANGE_NICKNAME
)
TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
_WITH_SENDING = (  # denied with SEND_MESSAGES, whatever roles and overwrites say
    Permission.SEND_TTS_MESSAGES | Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS
)


def permissions_in_guild(guild: Guild, person_id: int) -> int:
    """Return the bits of ``person_id`` by their roles, before overwrites; 0 for a stranger."""
    member = guild.members.get(person_id)
    if member is None:
        return 0
    bits = guild.roles[guild.id].permissions
    for role in member.roles:
        bits |= guild.roles[role].permissions
    if person_id == guild.owner_id or bits & Permission.ADMINISTRATOR:
        return EVERYTHING
    return bits & TIMED_OUT if is_timed_out(guild, member) else bits


def permissions_in(channel: Channel, person_id: int) -> int:
    """Return the bits of ``person_id`` in ``channel`` as Discord computes and sends them; 0 for a stranger to it.

    Overwrites are applied, implicit denials are not: :func:`has` heeds them. A thread has its channel's bits.
    """
    if channel.thread is not None:
        channel = channel.thread.parent
    guild = channel.guild
    if guild is None:
        return int(PRIVATE) if any(one.id == person_id for one in channel.members) else 0
    member = guild.members.get(person_id)
    bits = permissions_in_guild(guild, person_id)
    if member is None or bits == EVERYTHING:
        return bits
    everyone = channel.overwrites.get(guild.id)
    if everyone is not None:
        bits = _applied(bits, [everyone])
    bits = _applied(bits, [channel.overwrites[role] for role in member.roles if role in channel.overwrites])
    own = channel.overwrites.get(person_id)
    bits = _applied(bits, [own]) if own is not None else bits
    return bits & TIMED_OUT if is_timed_out(guild, member) else bits


def effective_in(channel: Channel, person_id: int) -> int:
    """Return what ``person_id`` can really do in ``channel``.

    Who does not see it can do nothing there; who may not send may not attach, embed or mention everyone. In a thread,
    SEND_MESSAGES stands for SEND_MESSAGES_IN_THREADS, and in a locked one only moderators have it; a private one is
    there for its members and moderators only.
    """
    bits = permissions_in(channel, person_id)
    thread = channel.thread
    if thread is not None:
        moderator = bits & Permission.MANAGE_THREADS
        may_send = bits & Permission.SEND_MESSAGES_IN_THREADS and (moderator or not thread.locked)
        bits = bits | Permission.SEND_MESSAGES if may_send else bits & ~Permission.SEND_MESSAGES
        if channel.kind is ChannelKind.PRIVATE_THREAD and not (moderator or person_id in thread.members):
            return 0
    if not bits & Permission.VIEW_CHANNEL:
        return 0
    return bits if bits & Permission.SEND_MESSAGES else bits & ~_WITH_SENDING


def has(channel: Channel, person_id: int, wanted: Permission) -> bool:
    """Tell whether ``person_id`` has all of ``wanted`` in ``channel``."""
    return effective_in(channel, person_id) & wanted == wanted


def sees(message: Message, person_id: int) -> bool:
    """Tell whether ``person_id`` sees ``message``: their own if it is ephemeral, else what is in their channels."""
    if message.only_for is not None and (message.only_for != person_id or message.dismissed):
        return False
    return has(message.channel, person_id, Permission.VIEW_CHANNEL)


def is_timed_out(guild: Guild, member: Member) -> bool:
    """Tell whether a member's time-out is not over yet."""
    return member.muted_until is not None and guild.clock.now() < member.muted_until


def outranks(guild: Guild, person_id: int, other: Member | Role) -> bool:
    """Tell whether ``person_id`` stands above a role, or above a member's highest; nobody stands above the owner."""
    if isinstance(other, Member):
        if other.person.id == guild.owner_id:
            return False
        theirs = _rank_of(guild, other)
    else:
        theirs = _rank(other)
    return person_id == guild.owner_id or _rank_of(guild, guild.members[person_id]) > theirs


def _rank_of(guild: Guild, member: Member) -> tuple[int, int]:
    return max(_rank(guild.roles[number]) for number in (guild.id, *member.roles))


def _rank(role: Role) -> tuple[int, int]:
    return role.position, -role.id  # of two in the same position, the older one is the higher


def _applied(bits: int, overwrites: Iterable[Overwrite]) -> int:
    allow = deny = 0
    for overwrite in overwrites:
        allow |= overwrite.allow
        deny |= overwrite.deny
    return bits & ~deny | allow
