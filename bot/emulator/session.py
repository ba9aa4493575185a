"""The gateway's words, and a session: one bot's place in the stream of events, which outlives its socket."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

from aiohttp import web

from bot.emulator.model import Channel, Json

REPLAYED_EVENTS = 2_000


class Op(IntEnum):
    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE = 4
    RESUME = 6
    RECONNECT = 7
    MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SHARD = 4010
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
ALL_INTENTS = (1 << 26) - 1


@dataclass(eq=False)
class Session:
    """One bot's place in the stream of events; it outlives its socket, so that it can be resumed."""

    id: str
    intents: int
    shard: tuple[int, int]
    sequence: int = 0
    events: deque[Json] = field(default_factory=lambda: deque(maxlen=REPLAYED_EVENTS))
    socket: web.WebSocketResponse | None = None
    transport: asyncio.Transport | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, name: str, data: Any) -> None:
        """Put an event into the stream; it is sent at once, or after a resume."""
        self.sequence += 1
        self.events.append({"op": Op.DISPATCH, "s": self.sequence, "t": name, "d": data})
        self.wake.set()

    def since(self, sequence: int) -> list[Json] | None:
        """Return the events after ``sequence``, or None where some of them are no longer kept."""
        first = self.events[0]["s"] if self.events else self.sequence + 1
        if not first - 1 <= sequence <= self.sequence:
            return None
        return [event for event in self.events if event["s"] > sequence]

    def wants(self, channel: Channel) -> bool:
        """Tell whether messages of ``channel`` are for this session, by intent and shard."""
        if channel.guild is None:
            return bool(self.intents & Intent.DIRECT_MESSAGES) and self.shard[0] == 0
        return bool(self.intents & Intent.GUILD_MESSAGES) and self.has_shard_of(channel)

    def has_shard_of(self, channel: Channel) -> bool:
        """Tell whether ``channel`` is this session's by shard: direct messages are shard 0's."""
        number, of = self.shard
        return (channel.guild.id >> 22) % of == number if channel.guild is not None else number == 0
