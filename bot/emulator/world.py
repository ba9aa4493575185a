"""Everything there is, in memory, found by id."""

from __future__ import annotations

import secrets
from collections import deque

from bot.emulator.clock import Clock, Snowflakes
from bot.emulator.model import (
    Channel,
    ChannelKind,
    Guild,
    Interaction,
    Json,
    Kind,
    Message,
    Person,
    Upload,
)

MAX_VIOLATIONS = 1000


class World:
    """The one place where the state is kept; it changes through ``Chat``, ``Places``, ``Members`` and ``Threads``."""

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
        self.messages: dict[int, Message] = {}
        self._direct: dict[int, Channel] = {}
        self.uploads: dict[int, Upload] = {}
        self.commands: dict[int, Json] = {}
        self.interactions: dict[int, Interaction] = {}
        self.tokens: dict[str, Interaction] = {}
        self.nonces: dict[tuple[int, str], Message] = {}
        self.violations: deque[Json] = deque(maxlen=MAX_VIOLATIONS)

    def message(self, message_id: int) -> Message | None:
        """Find a message in any channel."""
        return self.messages.get(message_id)

    def direct_channel(self, person: Person) -> Channel:
        """Return the direct messages between the bot and ``person``, opened if need be."""
        channel = self._direct.get(person.id)
        if channel is None:
            channel = Channel(self.ids.new(), person.username, ChannelKind.DIRECT, members=[person, self.bot])
            self._direct[person.id] = self.channels[channel.id] = channel
        return channel

    def forget(self, channel: Channel) -> None:
        """Take a channel out of the world."""
        del self.channels[channel.id]
        if channel.guild is not None:
            del channel.guild.channels[channel.id]
        for person in channel.members:
            if self._direct.get(person.id) is channel:
                del self._direct[person.id]

    def meets_bot(self, person: Person) -> bool:
        """Tell whether the bot may write to a person: they share a guild, or the person has installed it."""
        shared = any({person.id, self.bot.id} <= guild.members.keys() for guild in self.guilds.values())
        return person.reachable and (shared or person.installed)

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
        owners: dict[str, str] | None = None,
    ) -> Interaction:
        """Write down a new interaction under its id and token."""
        number = self.ids.new()
        token = f"{number}.{secrets.token_urlsafe(48)}"
        interaction = Interaction(
            number,
            token,
            kind,
            person,
            channel,
            self.clock.now(),
            data,
            name=name,
            source=source,
            parent=parent,
            owners=owners or {},
        )
        self.interactions[number] = self.tokens[token] = interaction
        return interaction
