"""What there is: people, guilds, channels, messages, interactions, files, as plain data."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from bot.emulator.clock import Clock

Json = dict[str, Any]

MIB = 1024 * 1024
UPLOAD_LIMIT = 20 * MIB  # a file, by default since September 2026
UPLOAD_LIMITS = (UPLOAD_LIMIT, UPLOAD_LIMIT, 50 * MIB, 100 * MIB)  # by a guild's boost tier

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15


class Kind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class ChannelKind(IntEnum):
    """Discord's channel types."""

    TEXT = 0
    DIRECT = 1
    GROUP = 3
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


THREADS = {ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD}


class State(StrEnum):
    """What became of an interaction, as the person sees it."""

    WAITING = "waiting"
    THINKING = "thinking"
    ANSWERED = "answered"
    MODAL = "modal"
    FAILED = "failed"


@dataclass(slots=True)
class Person:
    """A user: one of the people, or the bot.

    ``installed``: has added the application for themselves; ``reachable``: takes direct messages from the bot.
    """

    id: int
    username: str
    display: str
    bot: bool = False
    locale: str = "en-US"
    installed: bool = False
    reachable: bool = True


@dataclass(slots=True)
class Role:
    """A role of a guild. ``bot_id``: the bot that it came with, and goes with."""

    id: int
    name: str
    permissions: int
    position: int = 0
    colour: int = 0
    hoist: bool = False
    mentionable: bool = False
    bot_id: int | None = None


@dataclass(slots=True)
class Overwrite:
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Member:
    """A person in a guild. ``muted_until``: when a time-out ends, in seconds since 1970."""

    person: Person
    roles: list[int]
    joined: float
    nick: str | None = None
    muted_until: float | None = None


@dataclass(slots=True, eq=False)
class Guild:
    """A server. ``clock``: the world's, for what ends by itself, such as a time-out."""

    id: int
    name: str
    owner_id: int
    clock: Clock
    tier: int = 0
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    commands: dict[int, Json] = field(default_factory=dict)

    @property
    def upload_limit(self) -> int:
        """The largest file that may be uploaded here, in bytes; boosts raise it."""
        return UPLOAD_LIMITS[self.tier]


@dataclass(slots=True)
class Thread:
    """What a channel has that is a thread.

    ``turned``: when it was last archived, unarchived or given another ``auto_archive_min``; ``sent``: how many
    messages it ever had; ``invitable``: whether others than moderators may add people to a private one;
    ``members``: when each joined.
    """

    parent: Channel
    owner_id: int
    created: float
    turned: float
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_min: int = 1440
    sent: int = 0
    members: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Channel:
    """A text channel or a thread of ``guild``; or private, between its ``members``."""

    id: int
    name: str
    kind: ChannelKind = ChannelKind.TEXT
    guild: Guild | None = None
    members: list[Person] = field(default_factory=list)
    topic: str = ""
    nsfw: bool = False
    position: int = 0
    slowmode_s: int = 0
    thread: Thread | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def upload_limit(self) -> int:
        """The largest file that the bot may upload here, in bytes."""
        return self.guild.upload_limit if self.guild is not None else UPLOAD_LIMIT


@dataclass(slots=True, eq=False)
class Upload:
    """A file on the CDN. ``ephemeral``: it came with an interaction, and vanishes after a time."""

    id: int
    channel_id: int
    filename: str
    content_type: str | None
    data: bytes
    created: float
    ephemeral: bool = False
    description: str | None = None
    size: tuple[int, int] | None = None
    let_go: float | None = None


@dataclass(slots=True, eq=False)
class Message:
    """A message. ``reactions``: who reacted with which emoji; ``pinned``: since when; ``dismissed``: whether the one
    person who saw it sent it away.
    """

    id: int
    channel: Channel
    author: Person
    created: float
    content: str = ""
    kind: int = 0
    flags: int = 0
    edited: float | None = None
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    mentions: list[Person] = field(default_factory=list)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    pinned: float | None = None
    only_for: int | None = None
    dismissed: bool = False
    nonce: str | int | None = None
    reply_to: int | None = None
    interaction: Interaction | None = None

    @property
    def v2(self) -> bool:
        """Whether the message is made of Components V2; it never goes back."""
        return bool(self.flags & COMPONENTS_V2)

    @property
    def loading(self) -> bool:
        """Whether the message is still a "thinking…"."""
        return bool(self.flags & LOADING)


@dataclass(slots=True, eq=False)
class Interaction:
    """One act of a person towards the bot, from the press to the last follow-up.

    ``owners``: who installed the application, by integration type (``authorizing_integration_owners``).
    ``followups``: every one that was made, also those that were deleted.
    ``choices``: what an autocomplete was answered with.
    """

    id: int
    token: str
    kind: Kind
    person: Person
    channel: Channel
    created: float
    data: Json
    name: str = ""
    source: Message | None = None
    parent: Interaction | None = None
    owners: dict[str, str] = field(default_factory=dict)
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    acknowledged: bool = False
    expired: bool = False
    state: State = State.WAITING
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
