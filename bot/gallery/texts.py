"""Titles, tags and reasons as people type them: what may be shown, and how."""

from __future__ import annotations

from bot.entry import LONGEST_TAG, LONGEST_TITLE, MOST_TAGS
from bot.errors import UserError
from bot.presets import names
from engine.sentences import mark

LONG_TITLE = mark("This title has {length} characters, and up to {most} fit: choose a shorter one.")
LONG_TAG = mark("“{tag}” is too long for a tag: up to {most} characters fit.")
MANY_TAGS = mark("A dream can have up to {most} tags: leave some out.")


def title(typed: str) -> str | None:
    """Return a title as it is kept, None for an empty one. Raises UserError."""
    text = " ".join(typed.split())
    if len(text) > LONGEST_TITLE:
        raise UserError(LONG_TITLE, length=len(text), most=LONGEST_TITLE)
    return text or None


def tags(typed: str) -> list[str]:
    """Return tags as they are kept: in lower case, without a # before them, each once. Raises UserError."""
    found = [one.lstrip("#").casefold() for one in typed.replace(",", " ").split()]
    kept = list(dict.fromkeys(one for one in found if one))
    for one in kept:
        if len(one) > LONGEST_TAG:
            raise UserError(LONG_TAG, tag=names.shown(one[:LONGEST_TAG]), most=LONGEST_TAG)
    if len(kept) > MOST_TAGS:
        raise UserError(MANY_TAGS, most=MOST_TAGS)
    return kept
