"""What somebody is told whose dream there is no place for: what is full, and when to come back."""

from __future__ import annotations

import math

from bot.errors import UserError
from bot.store.quotas import FullError
from engine.sentences import Sentence, mark

HOURS_FROM_MIN = 90

_FULL = mark("{full} {again}")  # two whole sentences
_SOON = mark("Please try again in a minute or two.")
_IN_A_MINUTE = mark("Please try again in a minute.")
_IN_MINUTES = mark("Please try again in about {minutes} minutes.")  # 2–90
_IN_HOURS = mark("Please try again in about {hours} hours.")  # from 2 on


def refusal(full: FullError, free_in_s: float | None) -> UserError:
    """Return the refusal in words; ``free_in_s`` is when there is a place again, None where nobody can tell."""
    return UserError(_FULL, full=full.sentence, again=_again(free_in_s))


def _again(free_in_s: float | None) -> Sentence:
    if free_in_s is None:
        return Sentence(_SOON)
    minutes = max(1, math.ceil(free_in_s / 60))
    if minutes == 1:
        return Sentence(_IN_A_MINUTE)
    if minutes <= HOURS_FROM_MIN:
        return Sentence(_IN_MINUTES, {"minutes": minutes})
    return Sentence(_IN_HOURS, {"hours": math.ceil(minutes / 60)})
