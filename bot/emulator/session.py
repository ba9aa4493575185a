"""The gateway's words, and a session: one bot's place in the stream of events, which outlives its socket."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from itertools import islice
from typing import TYPE_CHECKING, Any

from bot.emulator.model import Json

if TYPE_CHECKING:
    from bot.emulator.connection import Connection

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
    SOUNDS = 31
    CHANNEL_INFO = 43


class Close(IntEnum):
    GOING_AWAY = 1001
    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
ALL_INTENTS = (1 << 26) - 1

_MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK")
_REACTIONS = tuple(f"MESSAGE_REACTION_{end}" for end in ("ADD", "REMOVE", "REMOVE_ALL", "REMOVE_EMOJI"))
_PLACES = (
    *(
        f"{what}_{end}"
        for what in ("GUILD", "GUILD_ROLE", "CHANNEL", "THREAD")
        for end in ("CREATE", "UPDATE", "DELETE")
    ),
    *("CHANNEL_PINS_UPDATE", "THREAD_LIST_SYNC", "THREAD_MEMBER_UPDATE"),
)
_MEMBERS = ("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE")

# Which intent an event asks for (Discord: "List of Intents"); where two are named, either will do.
_IN_GUILDS: dict[str, Intent] = {
    **dict.fromkeys(_PLACES, Intent.GUILDS),
    **dict.fromkeys(_MEMBERS, Intent.GUILD_MEMBERS),
    "THREAD_MEMBERS_UPDATE": Intent.GUILDS | Intent.GUILD_MEMBERS,
    "PRESENCE_UPDATE": Intent.GUILD_PRESENCES,
    **dict.fromkeys(_MESSAGES, Intent.GUILD_MESSAGES),
    **dict.fromkeys(_REACTIONS, Intent.GUILD_MESSAGE_REACTIONS),
    "TYPING_START": Intent.GUILD_MESSAGE_TYPING,
}
_IN_PRIVATE: dict[str, Intent] = {
    **dict.fromkeys(_MESSAGES, Intent.DIRECT_MESSAGES),
    "CHANNEL_PINS_UPDATE": Intent.DIRECT_MESSAGES,
    **dict.fromkeys(_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "TYPING_START": Intent.DIRECT_MESSAGE_TYPING,
}
_ABOUT_A_GUILD = {"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"}  # their own id is the guild's


def dispatch(name: str, data: Any, sequence: int) -> str:
    """Put an event as it goes over the wire."""
    return json.dumps({"op": Op.DISPATCH, "d": data, "s": sequence, "t": name})


@dataclass(eq=False)
class Session:
    """One bot's place in the stream of events; it outlives its socket, so that it can be resumed.

    ``left``: when its socket went, in the emulator's seconds.
    """

    id: str
    bot_id: int
    intents: int
    shard: tuple[int, int]
    sequence: int = 0
    events: deque[str] = field(default_factory=lambda: deque(maxlen=REPLAYED_EVENTS))
    connection: Connection | None = None
    left: float = 0.0
    presence: Any = None  # what the bot last said of itself

    def push(self, name: str, data: Any) -> None:
        """Put an event into the stream; it is sent at once, or after a resume."""
        self.sequence += 1
        event = dispatch(name, data, self.sequence)
        self.events.append(event)
        if self.connection is not None:
            self.connection.put(event)

    def since(self, sequence: int) -> list[str] | None:
        """Return the events after ``sequence``, or None where some of them are no longer kept.

        Raises ValueError for a sequence that this session never reached.
        """
        missed = self.sequence - sequence
        if missed < 0 or sequence < 0:
            raise ValueError(f"Sequence {sequence} was never reached; the last one is {self.sequence}.")
        if missed > len(self.events):
            return None
        return list(islice(self.events, len(self.events) - missed, None))

    def has_shard_of(self, guild_id: int | None) -> bool:
        """Tell whether events of a guild are this session's by shard; what has no guild is shard 0's."""
        number, of = self.shard
        return number == (0 if guild_id is None else (guild_id >> 22) % of)

    def hears(self, name: str, data: Json) -> bool:
        """Tell whether an event is for this session, by shard and intents."""
        guild_id = data.get("guild_id") or (data["id"] if name in _ABOUT_A_GUILD else None)
        if not self.has_shard_of(int(guild_id) if guild_id is not None else None):
            return False
        if name == "GUILD_MEMBER_UPDATE" and data["user"]["id"] == str(self.bot_id):
            return True  # about oneself one always hears
        asked = (_IN_PRIVATE if guild_id is None else _IN_GUILDS).get(name)
        return asked is None or bool(self.intents & asked)
