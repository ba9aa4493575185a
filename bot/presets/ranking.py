"""Which presets somebody means who has typed so much of a name, perhaps with a slip."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from bot.preset import Preset
from bot.presets.names import key

ALIKE = 0.6  # of a name's letters that are right: as many slips are forgiven
_EXACT, _BEGUN, _WORD, _WITHIN = 4.0, 3.0, 2.0, 1.5


def ranked(typed: str, presets: Sequence[Preset]) -> list[Preset]:
    """Return the presets that ``typed`` may mean, the likest first, all of them where nothing is typed."""
    wanted = key(typed)
    if not wanted:
        return list(presets)
    scored = [(_score(wanted, one.key), place, one) for place, one in enumerate(presets)]
    return [one for score, _, one in sorted(scored, key=lambda of: (-of[0], of[1])) if score >= ALIKE]


def _score(wanted: str, name: str) -> float:
    if name == wanted:
        return _EXACT
    if name.startswith(wanted):
        return _BEGUN
    if any(word.startswith(wanted) for word in name.split()):
        return _WORD
    if wanted in name:
        return _WITHIN
    # Of a name that is typed in part only what could have been typed so far is compared.
    parts = (name, name[: len(wanted)], name[: len(wanted) + 1], *name.split())
    return max(OSA.normalized_similarity(wanted, part) for part in parts)
