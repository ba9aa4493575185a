"""An entry of a server's gallery as the rest of the bot sees it: frozen plain data, never a row.

The **gallery** is one server's; an **entry** is one dream in it. A **nomination** is an entry that members vote for on
the dream's own message, and that is in no list yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.job import Job

LONGEST_TITLE = 80  # characters
LONGEST_TAG = 24
MOST_TAGS = 5
LONGEST_REASON = 300
LONGEST_WORDS = 40  # of a search
LONGEST_PRESET_KEY = 40


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
    credit: str | None = None  # with ``person_id``, on the web: only entries that name their dreamer so
    tag: str | None = None
    preset: str | None = None
    words: str | None = None
    start: int = 0  # of ``Order.RANDOM``: 0 to 999, where its walk begins


@dataclass(frozen=True)
class Cursor:
    """A place between two entries of a listing: that of the entry it names. A removed entry keeps its place."""

    key: int  # what the listing is ordered by, of that entry
    id: int
    back: bool = False  # the page before it, not after it


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
