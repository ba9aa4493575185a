"""Names that are nearly what somebody typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.vocabulary.layers import short
from engine.vocabulary.spelling import key, singulars

LONGEST = 40  # letters of what was typed that are compared: no name is longer, and the time is bounded
CLOSE = 0.66  # two letters of six may be wrong, one of three: short words are alike by chance
BEHIND = 0.06  # a name this much less alike than the likest is no help
_MOOD = 0.05  # people know the moods better than ImageNet's classes
_WORD = -0.02  # a name's word is a little less than a whole name
_FIRST = -0.06  # people seldom mistype the first letter
_BEGUN = -0.1  # a name that is only begun (egyt, Egyptian cat) is more of a guess


class Alike:
    """A list of names, the moods first, prepared so that the nearest of 1000 are found within 2 ms."""

    def __init__(self, names: Sequence[str], moods: int = 0) -> None:
        self._spelled = [
            (text, place, extra + (_MOOD if place < moods else 0.0))
            for place, name in enumerate(names)
            for text, extra in _spellings(name)
        ]

    def nearest(self, text: str, count: int) -> list[int]:
        """Return the places of at most ``count`` names that are like ``text``, the likest first."""
        typed = key(text)[:LONGEST]
        scores: dict[int, float] = {}
        for word in (typed, *singulars(typed)):
            for cut, guess in ((LONGEST, 0.0), (len(word) + 1, _BEGUN)):
                # Optimal string alignment: two neighbours that changed places are one mistake.
                texts = (spelled[:cut] for spelled, _, _ in self._spelled)
                near = process.extract(word, texts, scorer=OSA.normalized_similarity, limit=None, score_cutoff=0.6)
                for spelled, score, at in near:
                    _, place, extra = self._spelled[at]
                    score += extra + guess + (_FIRST if spelled[0] != word[0] else 0.0)
                    scores[place] = max(score, scores.get(place, 0.0))
        least = max(CLOSE, max(scores.values(), default=0.0) - BEHIND)
        ranked = sorted(scores, key=lambda place: (-scores[place], place))
        return [place for place in ranked[:count] if scores[place] >= least]


def _spellings(name: str) -> Iterator[tuple[str, float]]:
    """Yield how a name may be written, its words too: ``labrodor`` is like ``Labrador retriever``."""
    name = name.removeprefix("class: ").split(" (")[0]
    whole = [name, f"layer {short(name[6:])}"] if name.startswith("layer ") else [name]
    words = [word for word in name.replace("-", " ").split() if len(word) > 2 and word != name]
    for written, extra in [*((text, 0.0) for text in whole), *((word, _WORD) for word in words)]:
        yield from ((spelled, extra) for spelled in (key(written), *singulars(key(written))))
