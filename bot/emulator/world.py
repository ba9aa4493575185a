"""Everything there is: people, guilds, channels, messages, interactions, files. All of it in memory."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from bot.emulator.clock import Clock, Snowflakes

Json = dict[str, Any]

MIB = 1024 * 1024
UPLOAD_LIMIT = 20 * MIB  # a file, by default since September 2026
MAX_VIOLATIONS = 1000

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15


class Kind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    MODAL = 5


class State(StrEnum):
    """What became of an interaction, as the person sees it."""

    WAITING = "waiting"
    THINKING = "thinking"
    ANSWERED = "answered"
    MODAL = "modal"
    FAILED = "failed"


@dataclass(slots=True)
class Person:
    """A user: one of the people, or the bot."""

    id: int
    username: str
    display: str
    bot: bool = False


@dataclass(slots=True)
class Role:
    id: int
    name: str
    permissions: int
    position: int = 0
    colour: int = 0


@dataclass(slots=True)
class Overwrite:
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Member:
    person: Person
    roles: list[int]
    joined: float


@dataclass(slots=True)
class Guild:
    id: int
    name: str
    owner_id: int
    created: float
    upload_limit: int = UPLOAD_LIMIT
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)


@dataclass(slots=True)
class Channel:
    """A text channel of ``guild``, or the direct messages between the bot and ``recipient``."""

    id: int
    name: str
    guild: Guild | None = None
    recipient: Person | None = None
    topic: str = ""
    nsfw: bool = False
    position: int = 0
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
    only_for: int | None = None
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
    """One act of a person towards the bot, from the press to the last follow-up."""

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
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    acknowledged: bool = False
    expired: bool = False
    state: State = State.WAITING
    modal: Json | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class World:
    """The one place where the state is kept; it changes through :class:`bot.emulator.chat.Chat`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.application_id = self.ids.new()
        self.application_name = "Bot"
        self.privileged_intents = False
        self.bot_token = f"{self.application_id}.{secrets.token_hex(3)}.{secrets.token_urlsafe(24)}"
        self.bot = Person(self.application_id, "bot", self.application_name, bot=True)
        self.people: dict[int, Person] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.uploads: dict[int, Upload] = {}
        self.commands: dict[int, Json] = {}
        self.interactions: dict[int, Interaction] = {}
        self.tokens: dict[str, Interaction] = {}
        self.nonces: dict[tuple[int, str], Message] = {}
        self.violations: deque[Json] = deque(maxlen=MAX_VIOLATIONS)

    def message(self, message_id: int) -> Message | None:
        """Find a message in any channel."""
        for channel in self.channels.values():
            if message_id in channel.messages:
                return channel.messages[message_id]
        return None

    def direct_channel(self, person: Person) -> Channel:
        """Return the direct messages between the bot and ``person``, opened if need be."""
        for channel in self.channels.values():
            if channel.recipient is person:
                return channel
        channel = Channel(self.ids.new(), person.username, recipient=person)
        self.channels[channel.id] = channel
        return channel

    def new_interaction(
        self,
        kind: Kind,
        person: Person,
        channel: Channel,
        data: Json,
        *,
        name: str = "",
        source: Message | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        """Write down a new interaction under its id and token."""
        number = self.ids.new()
        token = f"{number}.{secrets.token_urlsafe(48)}"
        interaction = Interaction(
            number, token, kind, person, channel, self.clock.now(), data, name=name, source=source, parent=parent
        )
        self.interactions[number] = self.tokens[token] = interaction
        return interaction

    def visible(self, message: Message, viewer_id: int) -> bool:
        """Tell whether ``viewer_id`` sees ``message``: not somebody else's ephemeral one, nor others' direct ones."""
        if message.only_for is not None and message.only_for != viewer_id:
            return False
        recipient = message.channel.recipient
        return recipient is None or viewer_id in {recipient.id, self.bot.id}
