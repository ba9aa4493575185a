"""Which language a page speaks: of those that the visitor's browser asks for, the first that the bot speaks."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from bot.language import LANGUAGES, Language, language_of

LONGEST_WISH = 200  # characters of Accept-Language that are read
# Characters that turn the direction of writing for whatever stands after them.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@lru_cache(maxsize=512)
def language_for(wished: str) -> Language:
    """Return the language for an ``Accept-Language``."""
    wishes = []
    for place, one in enumerate(wished[:LONGEST_WISH].split(",")):
        code, _, quality = one.strip().partition(";")
        weight = _weight(quality)
        if code and weight > 0:
            wishes.append((-weight, place, code.strip().lower()))
    for _, _, code in sorted(wishes):
        found = _spoken(code)
        if found is not None:
            return language_of(found)
    return language_of(None)


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _spoken(wished: str) -> str | None:
    """Return the bot's code for a wish: the very language, else one that shares its first part (de-AT: de)."""
    codes = {code.lower(): code for code in LANGUAGES}
    if wished in codes:
        return codes[wished]
    return next((code for low, code in codes.items() if low.partition("-")[0] == wished.partition("-")[0]), None)


@lru_cache(maxsize=64)
def direction_of(code: str) -> str:
    """Return which way a language is written: ltr or rtl."""
    try:
        return "rtl" if Locale.parse(code, sep="-").character_order == "right-to-left" else "ltr"
    except (UnknownLocaleError, ValueError):
        return "ltr"


def clean(text: str) -> str:
    """Return somebody's text as a page may hold it: without what no XML may hold, and what turns other text around."""
    return "".join(one for one in text if one not in _TURNS and unicodedata.category(one) not in {"Cc", "Cs", "Cn"})
