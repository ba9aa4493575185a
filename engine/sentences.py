"""Sentences for a person, their words apart from what goes into them: so they can be put into another language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | int | float | tuple[str, ...] | Sentence"

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sentence:
    """English words with places in braces (``{size}``), and what goes there.

    A tuple among the values is a list of which one may be chosen: "lite0 or lite2"; a Sentence is put into the same
    language as the whole. ``str()`` gives the English.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.message, {name: _english(value) for name, value in self.values.items()})

    def to_text(self) -> str:
        """Write the sentence as one line that ``from_text`` reads: the plain words where nothing goes into them."""
        return json.dumps(_plain(self), ensure_ascii=False) if self.values else self.message

    @classmethod
    def from_text(cls, text: str) -> Sentence:
        """Read what ``to_text`` wrote; any other text is a sentence that nothing goes into."""
        if text.startswith('{"message"'):
            try:
                return _sentence(json.loads(text))
            except (ValueError, TypeError, RecursionError):
                pass
        return cls(text)


def mark(message: str) -> str:
    """Return ``message`` as it is: the call shows the translators' tool that it is a sentence for a person."""
    return message


def places(message: str) -> list[str]:
    """Return the names that stand in braces."""
    return _PLACE.findall(message)


def fill(message: str, values: Mapping[str, object]) -> str:
    """Put values where their names stand in braces.

    Not ``str.format``: a sentence may come from the process that read a stranger's file, and ``{x:>999999999}`` is no
    place here.
    """
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), message) if values else message


def _english(value: Value) -> str | int:
    if isinstance(value, tuple):
        return " or ".join(filter(None, [", ".join(value[:-1]), *value[-1:]]))
    if isinstance(value, Sentence):
        return str(value)
    return f"{value:g}" if isinstance(value, float) else value


def _plain(sentence: Sentence) -> dict[str, object]:
    values = {name: _plain(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()}
    return {"message": sentence.message, "values": values}


def _sentence(of: object) -> Sentence:
    if isinstance(of, dict) and isinstance(of.get("message"), str) and isinstance(of.get("values"), dict):
        return Sentence(of["message"], {name: _value(value) for name, value in of["values"].items()})
    raise TypeError("no sentence")


def _value(of: object) -> Value:
    if isinstance(of, list):
        return tuple(str(one) for one in of)
    if isinstance(of, str | int | float):
        return of
    return _sentence(of)
