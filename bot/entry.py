"""An entry of a server's gallery as the rest of the bot sees it: frozen plain data, never a row.

The **gallery** is one server's; an **entry** is one dream in it. A **nomination** is an entry that members vote for on
the dream's own message, and that is in no list yet.
"""

from __future__ import annotations

import re
import string
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
PLACES = 1000  # of a random walk

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LARGEST_ID = 2**63 - 1
_LARGEST_KEY = 253_402_300_799_999_999  # microseconds since 1970: the end of the year 9999


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

    @property
    def somebody(self) -> int:
        """Who it is. Raises ValueError where nobody knows: only who is known votes, reports and decides."""
        if self.person_id is None:
            raise ValueError("a visitor whom nobody knows cannot do this")
        return self.person_id


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
    picture_hash: str | None  # None: a removed one's, let go
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
    removed_at: datetime | None
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
    credit: str | None = None  # with ``person_id``, on the web: only entries that name their dreamer so
    tag: str | None = None
    preset: str | None = None
    words: str | None = None
    start: int = 0  # of ``Order.RANDOM``: 0 to 999, where its walk begins

    def to_text(self) -> str:
        """Return a short text for buttons and addresses: 46 characters, with a ``Cursor``'s at most 69.

        Raises ValueError where a filter is too long, or there are several: ``parse`` would not give this listing back.
        """
        given = [(letter, value) for letter, name in _FILTERS.items() if (value := getattr(self, name)) is not None]
        text = f"{self.order}{self.period}{self.start:03d}"
        for letter, value in given:
            text += letter + (_short(value) if isinstance(value, int) else value)
        if len(given) > 1 or not _LISTING.fullmatch(text) or Listing.parse(text) != self:
            raise ValueError("this listing has no short text: it has one filter at most, a short one")
        return text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the listing that a text was made of. Raises ValueError for any other text."""
        found = _LISTING.fullmatch(text)
        if found is None:
            raise ValueError("this is no listing's text")
        order, period, start, letter, value = found.groups()
        filters: dict[str, int | str] = {}
        if letter == "u":
            filters["person_id"] = _long(value, _LARGEST_ID)
        elif letter is not None:
            if len(value) > _LONGEST[letter] or not value.isprintable() or value != value.strip():
                raise ValueError("this is no listing's text: what it looks for is too long, or no plain text")
            filters[_FILTERS[letter]] = value
        return cls(Order(order), Period(period), start=int(start), **filters)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Cursor:
    """A place between two entries of a listing: that of the entry it names. A removed entry keeps its place."""

    key: int  # what the listing is ordered by, of that entry
    id: int
    back: bool = False  # the page before it, not after it

    def to_text(self) -> str:
        """Return a short text of letters, digits and one dot: 23 characters at most. Raises ValueError."""
        if not (0 <= self.key <= _LARGEST_KEY and 0 <= self.id <= _LARGEST_ID):
            raise ValueError("no entry has this place")
        return f"{'b' if self.back else 'a'}{_short(self.key)}.{_short(self.id)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the cursor that a text was made of. Raises ValueError for any other text."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError("this is no cursor's text")
        side, key, entry_id = found.groups()
        return cls(_long(key, _LARGEST_KEY), _long(entry_id, _LARGEST_ID), side == "b")


_FILTERS = {"u": "person_id", "t": "tag", "p": "preset", "w": "words"}  # by their letters in a listing's text
_LONGEST = {"t": LONGEST_TAG, "p": LONGEST_PRESET_KEY, "w": LONGEST_WORDS}
_LISTING = re.compile(r"([ntr])([dwme])([0-9]{3})(?:([utpw])(.+))?")
_NUMBER = re.compile(r"[0-9A-Za-z]{1,11}")
_CURSOR = re.compile(r"([ab])([0-9A-Za-z]{1,10})\.([0-9A-Za-z]{1,11})")


def _short(number: int) -> str:
    """Write a number that is not negative with all digits and letters."""
    text = ""
    while number or not text:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text


def _long(text: str, largest: int) -> int:
    """Read what ``_short`` wrote. Raises ValueError."""
    number = 0
    for digit in text if _NUMBER.fullmatch(text) else "":
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    if number > largest or _short(number) != text:
        raise ValueError("this is no number of a listing's or a cursor's text")
    return number


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
    likeness: int | None = None  # by what its picture is known again; None: it is looked at later
