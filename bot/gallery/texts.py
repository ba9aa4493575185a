"""Titles, tags and reasons as people type them: what may be shown, and how."""

from __future__ import annotations

from bot.entry import LONGEST_REASON, LONGEST_TAG, LONGEST_TITLE, MOST_TAGS
from bot.errors import UserError
from bot.presets import names
from engine.sentences import mark

LONGEST_CREDIT = 64  # characters

TITLE = names.Kind(
    LONGEST_TITLE,
    mark("A title needs something that can be seen: letters, numbers, signs or emoji. Or leave it out."),
    mark("This title has {length} characters, and up to {most} fit: choose a shorter one."),
    mark("This title holds a character that cannot be seen and changes how others are shown ({code}): type it anew."),
)
TAG = names.Kind(
    LONGEST_TAG,
    mark("A tag needs something that can be seen: letters, numbers, signs or emoji."),
    mark("One of these tags has {length} characters, and up to {most} fit: choose a shorter one."),
    mark("A tag holds a character that cannot be seen and changes how others are shown ({code}): type it anew."),
)
REASON = names.Kind(
    LONGEST_REASON,
    mark("Say in a few words what is wrong, so that the moderators can decide."),
    mark("This reason has {length} characters, and up to {most} fit: say it in fewer words."),
    mark("This reason holds a character that cannot be seen and changes how others are shown ({code}): type it anew."),
)
MANY_TAGS = mark("A dream can have up to {most} tags: leave some out.")


def title(typed: str) -> str | None:
    """Return a title as it is kept, None for an empty one. Raises UserError."""
    return names.checked(typed, TITLE) if typed.strip() else None


def tags(typed: str) -> list[str]:
    """Return tags as they are kept: in lower case, without a # before them, each once. Raises UserError."""
    found = [one.lstrip("#").casefold() for one in typed.replace(",", " ").split()]
    kept = list(dict.fromkeys(names.checked(one, TAG) for one in found if one))
    if len(kept) > MOST_TAGS:
        raise UserError(MANY_TAGS, most=MOST_TAGS)
    return kept


def reason(typed: str) -> str:
    """Return the reason of a report as it is kept. Raises UserError."""
    return names.checked(typed, REASON)


def credit(name: str) -> str | None:
    """Return the name that a dreamer has in the chat as the web page shows it; None where nothing of it can be."""
    return names.without_hidden(name)[:LONGEST_CREDIT].strip() or None
