"""Names that are nearly what somebody typed."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

from engine.vocabulary.spelling import key, singulars

LONGEST = 40  # letters of what was typed that are compared: no name is longer, and the time is bounded
CLOSE = 0.64  # a little above difflib's own 0.6: short words are alike by chance
BEHIND = 0.12  # a name this much less alike than the likest is no help
_WORD = 0.02  # a name's word is a little less than a whole name
_FIRST = 0.06  # people seldom mistype the first letter
_TRIED = 30  # names that share most letter pairs, compared in full


class Alike:
    """A list of names, prepared so that the nearest of 1000 are found within 3 ms."""

    def __init__(self, names: Sequence[str]) -> None:
        self._spelled = [_spellings(name) for name in names]
        self._places: dict[str, list[int]] = {}  # of each letter pair, the names that have it
        for place, spelled in enumerate(self._spelled):
            for pair in frozenset[str]().union(*map(_pairs, spelled)):
                self._places.setdefault(pair, []).append(place)

    def nearest(self, text: str, count: int) -> list[int]:
        """Return the places of at most ``count`` names that are like ``text``, the likest first."""
        typed = key(text)[:LONGEST]
        typed = (singulars(typed) or (typed,))[-1]
        shared = Counter(place for pair in _pairs(typed) for place in self._places.get(pair, ()))
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(typed)  # difflib prepares its second sequence once
        scored = sorted((-self._score(matcher, typed, place), place) for place, _ in shared.most_common(_TRIED))
        least = max(CLOSE, -scored[0][0] - BEHIND) if scored else CLOSE
        return [place for negative, place in scored[:count] if -negative >= least]

    def _score(self, matcher: difflib.SequenceMatcher[str], typed: str, place: int) -> float:
        best = 0.0
        for order, spelled in enumerate(self._spelled[place]):
            less = (_WORD if order else 0.0) + (_FIRST if spelled[0] != typed[0] else 0.0)
            matcher.set_seq1(spelled)
            if matcher.quick_ratio() - less > best:
                best = max(best, matcher.ratio() - less)
        return best


def _spellings(name: str) -> list[str]:
    """Return the whole name and, where it has several, its words: ``labrodor`` is like ``Labrador retriever``."""
    words = [key(word) for word in name.replace("-", " ").replace("(", " ").split()]
    return [key(name), *(word for word in words if len(words) > 1 and len(word) > 2)]


def _pairs(text: str) -> frozenset[str]:
    """Return a text's pairs of neighbouring letters; its two ends count as letters."""
    edged = f"^{text}$"
    return frozenset(edged[at : at + 2] for at in range(len(edged) - 1))
