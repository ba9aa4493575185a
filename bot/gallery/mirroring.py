"""What the rules of the gallery channels need of the chat, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.entry import Entry


class Answer(StrEnum):
    """What Discord makes of what it was asked for."""

    DONE = "done"
    GONE = "gone"  # there is no such message
    NO_CHANNEL = "no channel"  # it was deleted
    LATER = "later"  # for now it does not answer; what was asked for may have been done
    REFUSED = "refused"  # until somebody changes what the bot may do there
    NOT_TAKEN = "not taken"  # this entry, ever


@dataclass(frozen=True)
class Answered:
    """An answer about one message; where it is done, which one it is and what its picture is called."""

    answer: Answer
    message_id: int = 0
    file: str = ""


@dataclass(frozen=True)
class Seen:
    """The messages at the end of a channel: all that are there from ``since`` on, 0 being its beginning."""

    since: int
    ids: frozenset[int]


class Poster(Protocol):
    """The chat. A server that is not here, or not now, is nobody's business: ``restricted`` says None."""

    def restricted(self, guild_id: int, channel_id: int) -> bool | None:
        """Tell whether a channel is age-restricted; unknown counts as not: nothing restricted is posted there."""
        ...

    async def post(self, entry: Entry, channel_id: int, picture: bytes) -> Answered:
        """Post an entry, once: within minutes Discord gives the same entry the same message."""
        ...

    async def find(self, guild_id: int, channel_id: int, entry_id: int, since: datetime) -> Answered:
        """Look for the message of an entry whose post was begun at ``since``: done, or gone."""
        ...

    async def recount(self, entry: Entry, file: str) -> Answer:
        """Let an entry's message show the number of its votes; its picture stays."""
        ...

    async def delete(self, guild_id: int, channel_id: int, message_id: int) -> Answer:
        """Delete a message of ours; one that cannot be deleted says no more than that it was withdrawn."""
        ...

    async def look(self, guild_id: int, channel_id: int) -> Seen | Answer:
        """Look at the end of a channel."""
        ...

    async def is_there(self, guild_id: int, channel_id: int, message_id: int) -> Answer:
        """Tell whether a message is there: done, or gone."""
        ...

    async def tell_hidden(self, entry: Entry) -> None:
        """Tell a server's moderators that an entry was hidden, its message having been deleted."""
        ...

    async def tell_purged(self, guild_id: int, channel_id: int, entries: Sequence[Entry]) -> None:
        """Tell them that so many messages were deleted at once that nothing was made of it."""
        ...

    async def tell_no_channel(self, guild_id: int) -> None:
        """Tell them that the gallery channel is there no more."""
        ...
