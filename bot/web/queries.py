"""What the address of a gallery's page asks for, and the addresses of its other pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from bot.entry import LONGEST_PRESET_KEY, LONGEST_TAG, LONGEST_WORDS, Cursor, Listing, Order, Period
from bot.web.words import clean

SORTS: dict[str, tuple[Order, Period]] = {
    "newest": (Order.NEWEST, Period.EVER),
    "top-day": (Order.TOP, Period.DAY),
    "top-week": (Order.TOP, Period.WEEK),
    "top-month": (Order.TOP, Period.MONTH),
    "top": (Order.TOP, Period.EVER),
    "random": (Order.RANDOM, Period.EVER),
}
SLUG = r"[A-Za-z0-9_-]{22}"
STARTS = 1000  # of a random walk
MOST_NAMES = 20  # in a query; more are passed over
_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")


@dataclass(frozen=True)
class Wanted:
    """A part of a gallery's entries, as somebody asks for it. At most one of ``by``, ``tag``, ``preset`` and ``q``."""

    sort: str = "newest"
    start: int | None = None  # of a random walk; None: not drawn yet
    by: str | None = None  # the slug of an entry: others of its dreamer
    tag: str | None = None
    preset: str | None = None
    q: str | None = None
    at: Cursor | None = None

    @property
    def listing(self) -> Listing:
        """The listing that is asked for; whose entries are meant by ``by`` is for the caller to say."""
        order, period = SORTS[self.sort]
        return Listing(order, period, tag=self.tag, preset=self.preset, words=self.q, start=self.start or 0)

    @property
    def is_filtered(self) -> bool:
        """Whether only some of the gallery's entries are meant."""
        return any((self.by, self.tag, self.preset, self.q))

    def address(self, **changes: object) -> str:
        """Return the query of this with ``changes``, from its beginning; empty, or with its question mark."""
        other = replace(self, **{"at": None, **changes})  # type: ignore[arg-type] # names are the fields' own
        said: dict[str, object] = {} if other.sort == "newest" else {"sort": other.sort}
        if other.sort == "random" and other.start is not None:
            said["start"] = other.start
        said |= {name: value for name in ("by", "tag", "preset", "q") if (value := getattr(other, name)) is not None}
        if other.at is not None:
            said["before" if other.at.back else "after"] = f"{other.at.key}.{other.at.id}"
        return f"?{urlencode(said)}" if said else ""


@lru_cache(maxsize=1024)
def read(text: str) -> Wanted:
    """Read an address's query. What it does not know, or cannot be, is passed over: addresses outlive versions."""
    query = dict(reversed(parse_qsl(text, errors="replace")[:MOST_NAMES]))
    sort = query.get("sort", "")
    start = query.get("start", "")
    by = query.get("by", "")
    filters: dict[str, str | None] = {
        "by": by if re.fullmatch(SLUG, by) else None,
        "tag": _text(query.get("tag", "").lstrip("#"), LONGEST_TAG),
        "preset": _text(query.get("preset", ""), LONGEST_PRESET_KEY),
        "q": _text(query.get("q", ""), LONGEST_WORDS),
    }
    only = next((name for name, value in filters.items() if value is not None), None)
    return Wanted(
        sort=sort if sort in SORTS else "newest",
        start=int(start) if re.fullmatch("[0-9]{1,3}", start) else None,
        at=_cursor(query.get("after", ""), back=False) or _cursor(query.get("before", ""), back=True),
        **({only: filters[only]} if only else {}),
    )


def _text(typed: str, most: int) -> str | None:
    return " ".join(clean(typed[: 4 * most]).split())[:most].strip() or None


def _cursor(text: str, *, back: bool) -> Cursor | None:
    match = _CURSOR.fullmatch(text)
    if match is None or int(match[1]) > 250_000_000_000_000_000:  # microseconds: a moment that is in no calendar
        return None
    return Cursor(int(match[1]), int(match[2]), back)
