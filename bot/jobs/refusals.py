"""What somebody is told whose dream there is no place for: what is full, and when to come back."""

from __future__ import annotations

import math

from bot.store.quotas import FullError

HOURS_FROM_MIN = 90


def sentence(full: FullError, free_in_s: float | None) -> str:
    """Put a refusal in words; ``free_in_s`` is when there is a place again, None where nobody can tell."""
    return f"{full} {_come_back(free_in_s)}".rstrip()


def _come_back(free_in_s: float | None) -> str:
    if free_in_s is None:
        return "Please try again in a minute or two."
    minutes = max(1, math.ceil(free_in_s / 60))
    if minutes == 1:
        return "Please try again in a minute."
    if minutes <= HOURS_FROM_MIN:
        return f"Please try again in about {minutes} minutes."
    return f"Please try again in about {math.ceil(minutes / 60)} hours."
