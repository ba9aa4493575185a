"""Reads what somebody wants to dream of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from engine.errors import RecipeError
from engine.sentences import Sentence, mark
from engine.vocabulary.spelling import shown
from engine.vocabulary.sums import split
from engine.vocabulary.terms import Term, What
from engine.vocabulary.things import Thing, known, recognise

# Weights that are apart by less cancel each other: 0.1 + 0.2 - 0.3 is not quite 0 in binary.
_NOTHING = 1e-9

# What is dreamed of, in plain words: “dog faces with wide animal eyes, away from spotted fur and from a cat”.
_WITH = mark("{one} with {other}")
_NOT_ONLY = mark("{wanted}, away from {unwanted}")
_AWAY = mark("away from {unwanted}")
_AND_FROM = mark("{one} and from {other}")


def read(of: str, networks: Sequence[str]) -> tuple[Term, ...]:
    """Turn words into what to dream of, for networks that dream together (at least one, by name).

    A thing's weight is shared equally among the networks, or goes to the one that it names (``lite0/dogs``);
    channels, neurons and directions belong to the first network, for their numbers mean nothing in another. What is
    named twice is one term with the sum of the weights. A sum may have negative parts only: it then dreams away from
    them. The forms are listed in ``docs/words.md``. Raises RecipeError with a sentence for a person.
    """
    summed: dict[tuple[str, What], float] = {}
    for weight, thing in _things(of, networks):
        for term in thing.terms:
            place = (term.network, term.what)
            summed[place] = summed.get(place, 0.0) + weight * term.weight
    terms = tuple(Term(network, weight, what) for (network, what), weight in summed.items() if abs(weight) > _NOTHING)
    if not terms:
        raise RecipeError("“{words}” takes away all that it adds, so nothing is left to dream of.", words=shown(of))
    return terms


def about(of: str, networks: Sequence[str]) -> Sentence:
    """Say in plain words what somebody chose: ``dog faces, fur and noses``. Raises RecipeError as ``read`` does."""
    things = _things(of, networks)
    wanted = _joined(_WITH, [thing.about for weight, thing in things if weight > 0])
    unwanted = _joined(_AND_FROM, [thing.about for weight, thing in things if weight < 0])
    if wanted and unwanted:
        return Sentence(_NOT_ONLY, {"wanted": wanted, "unwanted": unwanted})
    if unwanted:
        return Sentence(_AWAY, {"unwanted": unwanted})
    if wanted is None:
        raise ValueError("a sum has parts")
    return wanted


def _joined(words: str, abouts: Sequence[Sentence]) -> Sentence | None:
    """Put what things are about side by side, each once."""
    different = [one for place, one in enumerate(abouts) if one not in abouts[:place]]
    return reduce(lambda one, other: Sentence(words, {"one": one, "other": other}), different) if different else None


def _things(of: str, networks: Sequence[str]) -> list[tuple[float, Thing]]:
    names = known(networks)
    return [(part.weight, recognise(part.thing, names)) for part in split(of)]
