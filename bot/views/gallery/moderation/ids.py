"""What names an entry as a moderator has seen it, and its place in a queue, in a custom_id; buttons that lead here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.entry import Entry, EntryState
from bot.gallery.moderation import Seen
from bot.language import Language
from bot.store.gallery.queues import Place, Queue, Way
from bot.views.gallery.visiting import custom_id

MODERATE, HOME, QUEUE, BARS, LOG = "moderate", "moderation", "queue", "bars", "log"
APPROVE, REMOVE, RESTORE, DISMISS, BAR = "approve", "remove", "restore", "dismiss", "bar"
UNBAR, CLEAR, REALLY_CLEAR = "unbar", "clear", "really-clear"

LETTERS = {
    EntryState.NOMINATED: "n",
    EntryState.PENDING: "p",
    EntryState.SHOWN: "s",
    EntryState.HIDDEN: "h",
    EntryState.REMOVED: "r",
}
STATES = {letter: state for state, letter in LETTERS.items()}
PERSON = r"[0-9]{1,18}|[1-8][0-9]{18}"  # an id of Discord's that the database takes
_SEEN = r"(?P<id>[0-9]{1,18})(?::(?P<was>[npshr]))?(?::(?P<queue>[wro])(?P<key>[0-9]{1,10}))?"


@dataclass(frozen=True)
class About:
    """An entry as a moderator has seen it, and where; ``place`` is None outside of the queues."""

    id: int
    was: EntryState
    place: Place | None = None

    @classmethod
    def of(cls, match: re.Match[str]) -> Self:
        """Read it from a custom_id. One that says no state is about a hidden entry."""
        id_ = int(match["id"])
        place = None if match["queue"] is None else Place(Queue(match["queue"]), int(match["key"]), id_)
        return cls(id_, STATES[match["was"] or "h"], place)

    @property
    def seen(self) -> Seen:
        """What the moderator has seen; by the key of the queue of reports, how many there were."""
        reported = self.place is not None and self.place.queue is Queue.REPORTED
        return Seen(self.id, self.was, self.place.key if reported and self.place is not None else None)

    def custom_id(self, act: str, prefix: str = "oneiros:gallery:") -> str:
        """Write it as the custom_id of a button or, with another prefix, a form."""
        where = "" if self.place is None else f":{self.place.queue}{self.place.key}"
        return f"{prefix}{act}:{self.id}:{LETTERS[self.was]}{where}"


def template(act: str, prefix: str = "oneiros:gallery:") -> str:
    """Return the pattern of an act on an entry."""
    return f"{prefix}{act}:{_SEEN}"


def turn_id(place: Place, way: Way) -> str:
    """Return the custom_id of a button that leads to an entry of a queue."""
    return f"oneiros:gallery:{QUEUE}:{place.queue}:{place.key}:{place.id}:{way}"


TURN = rf"oneiros:gallery:{QUEUE}:(?P<queue>[wro]):(?P<key>[0-9]{{1,10}}):(?P<id>[0-9]{{1,18}}):(?P<way>[hnb])"


def place_of(match: re.Match[str]) -> tuple[Place, Way]:
    """Read where a button leads."""
    return Place(Queue(match["queue"]), int(match["key"]), int(match["id"])), Way(match["way"])


def moderate_button(say: Language) -> discord.ui.Button[Any]:
    """Return the button that opens the moderators' panel. Whoever presses is asked for the right."""
    return discord.ui.Button(label=say("Moderate…"), emoji="🛡️", custom_id=custom_id(MODERATE, 0))


def remove_button(say: Language, entry: Entry) -> discord.ui.Button[Any]:
    """Return the button by which a moderator takes an entry out that they see anywhere."""
    style = discord.ButtonStyle.danger
    return discord.ui.Button(
        label=say("Remove…"), emoji="🚫", style=style, custom_id=About(entry.id, entry.state).custom_id(REMOVE)
    )


def restore_button(say: Language, entry_id: int) -> discord.ui.Button[Any]:
    """Return the button by which a moderator shows a hidden entry again, in the log channel."""
    return discord.ui.Button(label=say("Restore"), emoji="↩️", custom_id=custom_id(RESTORE, entry_id))
