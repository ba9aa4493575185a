"""Sums of things, as people type them: ``0.7 eyes + 0.3 castle - dogs``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import RecipeError
from engine.vocabulary.spelling import shown, tidy

MAX_LENGTH = 200  # characters
MAX_PARTS = 8
MAX_WEIGHT = 100.0

# A minus stands free or before a word; within one it is a hyphen (Shih-Tzu).
_OPERATOR = re.compile(r"\+|(?:^|(?<=[\s+]))-|-(?=\s)")
_NUMBER = re.compile(r"[0-9.,]+ ?%?")
_WEIGHT = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)(?:\s*(%)\s*(?:of\s+)?\*?\s*|\s*\*\s*|\s+)")
_SIGNS = {"": 1.0, "+": 1.0, "-": -1.0, "+-": -1.0}  # the last: eyes + -0.3 dogs
# After these a sign belongs to a number: ``81=-0.3``.
_BEFORE_NUMBER = tuple("=:,@*")


@dataclass(frozen=True)
class Part:
    """One summand: how much of what, the latter still in words."""

    weight: float
    thing: str


def split(of: str) -> list[Part]:
    """Split a sum into its parts, at least one. Raises RecipeError."""
    if len(of) > MAX_LENGTH:
        raise RecipeError(
            "That is {length} characters long. At most {most} can be read: use fewer words.",
            length=len(of),
            most=MAX_LENGTH,
        )
    text = tidy(of)
    if not text:
        raise RecipeError("Nothing is named to dream of. Write for example: dogs.")
    parts = [_part(sign, words) for sign, words in _signed(text)]
    if len(parts) > MAX_PARTS:
        raise RecipeError(
            "That adds up {count} things. At most {most} can be dreamed of at once.", count=len(parts), most=MAX_PARTS
        )
    return parts


def unfinished(text: str) -> tuple[str, str]:
    """Cut tidy text before the last thing in it, which may be empty. What stays is ready for another thing."""
    found = operators(text)
    start = found[-1].end() if found else 0
    weight = _WEIGHT.match(text, start)
    start = weight.end() if weight else start
    before, last = text[:start], text[start:].lstrip()
    return before + ("" if not before or before.endswith((" ", "*")) else " "), last


def operators(text: str) -> list[re.Match[str]]:
    """Return the signs in tidy text that join or begin parts."""
    signs = _OPERATOR.finditer(text)
    return [sign for sign in signs if not text[: sign.start()].rstrip().endswith(_BEFORE_NUMBER)]


def _signed(text: str) -> list[tuple[float, str]]:
    """Return each part's sign and words."""
    found: list[tuple[float, str]] = []
    signs, start = "", 0
    for operator in operators(text):
        words = text[start : operator.start()].strip()
        if words:
            found.append((_sign(signs, text), words))
            signs = ""
        signs += operator[0]
        start = operator.end()
    words = text[start:].strip()
    if not words:
        raise RecipeError(
            "Nothing stands after the last sign in “{words}”. Write what to add or take away.", words=shown(text)
        )
    return [*found, (_sign(signs, text), words)]


def _sign(signs: str, text: str) -> float:
    if signs not in _SIGNS:
        raise RecipeError(
            "Two signs stand together in “{words}”. Write one + or - between two things.", words=shown(text)
        )
    return _SIGNS[signs]


def _part(sign: float, words: str) -> Part:
    if _NUMBER.fullmatch(words):
        raise RecipeError(
            "“{words}” is only a number. Write what it is of: {number} dogs, or layer 4.",
            words=shown(words),
            number=words[:9],
        )
    weight = _WEIGHT.match(words)
    if weight is None:
        return Part(sign, words)
    thing = words[weight.end() :]
    if not thing:
        raise RecipeError(
            "“{words}” is only a weight. Write also what it is of, for example: 0.7 dogs.", words=shown(words)
        )
    amount = float(weight[1].replace(",", ".")) / (100 if weight[2] else 1)
    if not 0 < amount <= MAX_WEIGHT:
        raise RecipeError(
            "“{words}” has a weight out of range. Weights go up to {most}, without 0.",
            words=shown(words),
            most=round(MAX_WEIGHT),
        )
    return Part(sign * amount, thing)
