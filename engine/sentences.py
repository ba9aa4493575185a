"""Sentences for a person, their words apart from what goes into them: so they can be put into another language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    """English words with places in braces (``{size}``), and what goes there.

    A tuple among the values is a list of which one may be chosen: "lite0 or lite2". ``str()`` gives the English.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.values:
            return self.message
        return self.message.format_map({name: _english(value) for name, value in self.values.items()})

    def to_text(self) -> str:
        """Write the sentence as one line that ``from_text`` reads: the plain words where nothing goes into them."""
        if not self.values:
            return self.message
        return json.dumps([self.message, dict(self.values)], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Sentence:
        """Read what ``to_text`` wrote; any other text is a sentence that nothing goes into."""
        try:
            message, values = json.loads(text) if text.startswith('["') else (text, {})
            if isinstance(message, str) and isinstance(values, dict):
                return cls(message, {name: _value(value) for name, value in values.items()})
        except (ValueError, TypeError):
            pass
        return cls(text)


def mark(message: str) -> str:
    """Return ``message`` as it is: the call shows the translators' tool that it is a sentence for a person."""
    return message


def _english(value: Value) -> str | int:
    if isinstance(value, tuple):
        return " or ".join(value)
    return f"{value:g}" if isinstance(value, float) else value


def _value(of: object) -> Value:
    if isinstance(of, list):
        return tuple(str(one) for one in of)
    if isinstance(of, str | int | float):
        return of
    raise TypeError(f"{type(of).__name__} stands in no sentence")
