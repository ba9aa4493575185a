"""Reads what somebody wants to dream of."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import RecipeError
from engine.vocabulary.spelling import quoted
from engine.vocabulary.sums import split
from engine.vocabulary.terms import Term, What
from engine.vocabulary.things import Thing, known, recognise

# Weights that are apart by less cancel each other: 0.1 + 0.2 - 0.3 is not quite 0 in binary.
_NOTHING = 1e-9


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
        raise RecipeError(f"{quoted(of)} takes away all that it adds, so nothing is left to dream of.")
    return terms


def about(of: str, networks: Sequence[str]) -> str:
    """Say in plain words what somebody chose: ``dog faces, fur and noses``. Raises RecipeError as ``read`` does."""
    things = _things(of, networks)
    wanted = list(dict.fromkeys(thing.about for weight, thing in things if weight > 0))
    unwanted = list(dict.fromkeys(thing.about for weight, thing in things if weight < 0))
    away = f"away from {' and from '.join(unwanted)}" if unwanted else ""
    return ", ".join(filter(None, [" with ".join(wanted), away]))


def _things(of: str, networks: Sequence[str]) -> list[tuple[float, Thing]]:
    names = known(networks)
    return [(part.weight, recognise(part.thing, names)) for part in split(of)]
