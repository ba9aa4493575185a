"""How people spell: phones' dashes and quotes, case, hyphens, plurals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")

QUOTED = 40  # characters of somebody's text that an error repeats

_ALIKE = {
    "-": "‐‑‒–—―−⁃﹣－",
    ",": "،、，﹐‚",
    "'": "’‘‛`´ʼ",
    "*": "×✕✖∗⋅·",
    ":": "：﹕∶",
    "+": "＋﹢➕",
}
_PLAIN = str.maketrans({other: plain for plain, others in _ALIKE.items() for other in others})


def tidy(text: str) -> str:
    """Return text with one kind of dash, comma, quote and space, and nothing that cannot be seen."""
    # First the table: NFKC would take some of these apart (´ into a space and an accent).
    text = unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN)
    kept = (" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c)[0] != "C").split())


def shown(text: str) -> str:
    """Return somebody's text as a sentence repeats it: tidy, and what is long is cut."""
    return cut(tidy(text))


def cut(text: str) -> str:
    """Return text that is no longer than an error should repeat."""
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"


def key(name: str) -> str:
    """Return what is the same for all spellings of a name: its letters and digits (``jack-o'-lantern``)."""
    return re.sub(r"[\W_]", "", name.casefold())


def singulars(spelled: str) -> tuple[str, ...]:
    """Return what a key could be the plural of. English alone: the names are English."""
    if len(spelled) < 4 or not spelled.endswith("s") or spelled.endswith("ss"):
        return ()
    found = [spelled[:-1]]
    if spelled.endswith("es"):
        found.append(spelled[:-2])
    if spelled.endswith("ies"):
        found.append(spelled[:-3] + "y")
    if spelled.endswith("ves"):
        found.append(spelled[:-3] + "f")
    return tuple(found)


class Names(Generic[T]):
    """Names, each of one thing or more, found again however they are spelled."""

    def __init__(self, named: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, list[T]] = {}
        for name, thing in named:
            things = self._exact.setdefault(key(name), [])
            if thing not in things:
                things.append(thing)

    def find(self, name: str, *, forgiving: bool = False) -> list[T]:
        """Return what has this name, whatever its case, hyphens and spaces; forgiving: or its singular or plural."""
        spelled = key(name)
        if spelled in self._exact or not forgiving:
            return self._exact.get(spelled, [])
        tried = (*singulars(spelled), self._plurals.get(spelled, ""))
        return next((self._exact[other] for other in tried if other in self._exact), [])

    @cached_property
    def _plurals(self) -> dict[str, str]:
        return {one: many for many in self._exact for one in singulars(many)}
