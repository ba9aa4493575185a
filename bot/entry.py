"""An entry of a server's gallery as the rest of the bot sees it: frozen plain data, never a row.

The **gallery** is one server's; an **entry** is one dream in it. A **nomination** is an entry that members vote for on
the dream's own message, and that is in no list yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from bot.job import Job

LONGEST_TITLE = 80  # characters
LONGEST_TAG = 24
MOST_TAGS = 5
LONGEST_REASON = 300
LONGEST_WORDS = 40  # of a search
LONGEST_PRESET_KEY = 40
MOST_KEY = 250_000_000_000_000_000  # of a cursor: microseconds, up to the year 9892
MOST_ID = 2**63 - 1  # that a database takes


_LISTING = re.compile(
    r"(?P<order>[ntr])(?P<period>[dwme])(?P<start>[0-9]{3})"
    rf"(?:(?P<filter>p(?=[0-9]{{1,19}}$)|[tsw])(?P<text>.{{1,{LONGEST_WORDS}}}))?"
)
_CURSOR = re.compile(r"(?P<way>[bf])(?P<key>[0-9a-z]{1,12})\.(?P<id>[0-9a-z]{1,13})")


class EntryState(StrEnum):
    """The states of an entry. Withdrawn ones are gone, with their rows."""

    NOMINATED = "nominated"  # members vote for it on the dream's message; in no list yet
    PENDING = "pending"  # waits for a moderator's approval
    SHOWN = "shown"
    HIDDEN = "hidden"  # taken out until a moderator decides: see ``Hidden``
    REMOVED = "removed"  # taken out by a moderator


class Hidden(StrEnum):
    """Why an entry is hidden."""

    REPORTS = "reports"  # as many people reported it as the server settled
    MIRROR = "mirror"  # its message in the gallery channel was deleted


class Order(StrEnum):
    """How a listing is ordered. The value is its letter in a custom_id."""

    NEWEST = "n"
    TOP = "t"
    RANDOM = "r"


class Period(StrEnum):
    """Of which entries the top is: those that were first shown in the last day, week or month."""

    DAY = "d"
    WEEK = "w"
    MONTH = "m"
    EVER = "e"


@dataclass(frozen=True)
class Visitor:
    """Who looks at a gallery, and where.

    ``moderates``: whether they may manage messages there, as Discord says now. ``restricted``: whether entries from
    age-restricted channels may be shown where they are. ``web``: they look at the web page, where only what its dreamer
    agreed to is shown, and nothing restricted.
    """

    guild_id: int
    person_id: int | None = None  # None: nobody knows, on the web
    moderates: bool = False
    restricted: bool = False
    web: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry. Its pictures live as long as it does."""

    id: int
    guild_id: int
    slug: str  # what it is called on the web: 128 random bits
    state: EntryState
    person_id: int  # the dreamer
    credit: str | None  # the dreamer's name as it was when they added it; None: they are not named on the web
    title: str | None
    tags: tuple[str, ...]
    recipe: str  # JSON
    preset: str | None  # what the preset it was dreamed with is called: a built-in one's or the server's
    picture_hash: str
    thumbnail_hash: str | None  # WebP; None until it is made
    original_hash: str | None  # the photo, where the dreamer lets it be shown
    guide_hash: str | None
    mask_hash: str | None
    width: int  # of the picture, in pixels
    height: int
    restricted: bool  # from an age-restricted place: it stays in such
    spoiler: bool
    on_web: bool  # whether the dreamer agreed to the web page
    nominated: bool  # it came in by members' votes, not by its dreamer
    votes: int
    reports: int
    place: int  # in a random walk
    created_at: datetime
    shown_at: datetime | None  # when it was first shown
    hidden: Hidden | None
    reason: str | None  # of its removal, as the moderator wrote it
    job_id: int | None  # while that is kept
    channel_id: int | None  # where it was dreamed
    mirror_channel_id: int | None
    mirror_message_id: int | None


@dataclass(frozen=True)
class Wish:
    """How a dreamer wants a dream of theirs to stand in the gallery. Texts as typed."""

    title: str = ""
    tags: str = ""  # with commas or white space between them
    on_web: bool = False
    with_original: bool = False
    credit: str | None = None  # their name, to be shown on the web


@dataclass(frozen=True)
class Listing:
    """Which entries of a gallery, in which order. At most one of the filters is given."""

    order: Order = Order.NEWEST
    period: Period = Period.EVER  # of ``Order.TOP``
    person_id: int | None = None
    tag: str | None = None
    preset: str | None = None
    words: str | None = None
    start: int = 0  # of ``Order.RANDOM``: 0 to 999, where its walk begins

    def to_text(self) -> str:
        """Write it in at most 46 characters, as a custom_id holds it."""
        person = None if self.person_id is None else str(self.person_id)
        filters = {"p": person, "t": self.tag, "s": self.preset, "w": self.words}
        filtered = next((letter + text for letter, text in filters.items() if text is not None), "")
        return f"{self.order}{self.period}{self.start:03d}{filtered}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``to_text`` wrote. Raises ValueError."""
        found = _LISTING.fullmatch(text)
        if found is None:
            raise ValueError("no listing")
        order, period, start = Order(found["order"]), Period(found["period"]), int(found["start"])
        match found["filter"]:
            case "p":
                if int(found["text"]) > MOST_ID:
                    raise ValueError("nobody of ours")
                return cls(order, period, person_id=int(found["text"]), start=start)
            case "t":
                return cls(order, period, tag=found["text"], start=start)
            case "s":
                return cls(order, period, preset=found["text"], start=start)
            case "w":
                return cls(order, period, words=found["text"], start=start)
        return cls(order, period, start=start)


@dataclass(frozen=True)
class Cursor:
    """A place between two entries of a listing: that of the entry it names. A removed entry keeps its place."""

    key: int  # what the listing is ordered by, of that entry
    id: int
    back: bool = False  # the page before it, not after it

    def to_text(self) -> str:
        """Write it in at most 27 characters, as a custom_id holds it."""
        return f"{'b' if self.back else 'f'}{_in_36(self.key)}.{_in_36(self.id)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``to_text`` wrote. Raises ValueError."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError("no cursor")
        key, id_ = int(found["key"], 36), int(found["id"], 36)
        if key > MOST_KEY or id_ > MOST_ID:
            raise ValueError("no cursor of ours")
        return cls(key, id_, back=found["way"] == "b")


@dataclass(frozen=True)
class Page:
    """A part of a listing. ``previous`` and ``next`` are None at its ends."""

    entries: tuple[Entry, ...]
    previous: Cursor | None
    next: Cursor | None


@dataclass(frozen=True)
class Nominee:
    """A dream whose message members vote on, with what its entry will hold."""

    job: Job
    width: int
    height: int


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _in_36(number: int) -> str:
    """Write a whole number, 0 or more, in base 36."""
    digits = ""
    while number >= 36:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return _DIGITS[number] + digits
