"""The moods in a person's language: found by what they type, and put back into the words that the engine knows."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.language import ENGLISH, MOOD, Language
from engine import vocabulary
from engine.vocabulary.shelf import fold
from engine.vocabulary.spelling import tidy
from engine.vocabulary.sums import operators, unfinished

NAMED = 2.0  # the score from which on what was typed is in a name
ALIKE = 0.66  # of a word's letters that are right: as the engine forgives in English


def named(say: Language, mood: str) -> str:
    """Return a mood's name in a language."""
    return say.within(MOOD, mood)


def found(say: Language, words: str) -> list[tuple[float, str]]:
    """Return the moods that ``words``, typed so far, may mean in a language, each with its score, best first."""
    typed = _plain(words)
    scored = [(_score(typed, name, about), mood) for mood, name, about in _moods_in(say)]
    return [one for one in sorted(scored, key=lambda of: -of[0]) if one[0] >= ALIKE]


def in_english(say: Language, of: str) -> str:
    """Put the moods in what somebody typed into the engine's words: ``0.7 Hunde + peacock`` is 0.7 dogs + peacock."""
    if say.code == ENGLISH:
        return of
    names = {name: mood for mood, name, _ in _moods_in(say)}
    text, parts, start = tidy(of), [], 0
    signs = operators(text)
    for end, sign in [*((one.start(), one[0]) for one in signs), (len(text), "")]:
        before, thing = unfinished(text[start:end].strip())
        parts.append(f"{before}{names.get(_plain(thing), thing)} {sign} ")
        start = end + len(sign)
    put = tidy("".join(parts))
    return of if put == text else put


def _score(words: str, name: str, about: str) -> float:
    """Return how well plain words, typed so far, fit a plain name and what it is about."""
    if not words:
        return 0.0
    if name.startswith(words):
        return 4.0 if name == words else 3.0
    if words in name:
        return 2.5 if f" {words}" in name else NAMED
    if f" {words}" in f" {about}":
        return 1.5
    begun = name[: len(words) + 1]
    return max(OSA.normalized_similarity(words, name), OSA.normalized_similarity(words, begun) - 0.1)


@lru_cache(maxsize=16)
def _moods_in(say: Language) -> list[tuple[str, str, str]]:
    return [(mood.name, _plain(named(say, mood.name)), _plain(say(mood.about))) for mood in vocabulary.moods().values()]


def _plain(words: str) -> str:
    """Fold ``words``, accents too: many people type without them (bovedas for bóvedas)."""
    apart = unicodedata.normalize("NFD", fold(words))
    return unicodedata.normalize("NFC", "".join(one for one in apart if not _is_accent(one)))


def _is_accent(sign: str) -> bool:
    return "\u0300" <= sign <= "\u036f"  # not the marks of Japanese, which make another sound
