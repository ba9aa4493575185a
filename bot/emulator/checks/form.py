"""Collects what is wrong with a body, in Discord's names and words for it.

The words were read in public threads and code that quote Discord's answers (docs/emulator.md, **T**).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.emulator.components import ATTACHMENT, Path
from bot.emulator.errors import Finding
from bot.emulator.model import Json

MAX_SNOWFLAKE = 2**63 - 1
MAX_ADDRESS = 2048
WEB = ("http", "https")
_LONGEST_QUOTE = 100  # of a value in a finding's words: it may be a whole message


class Form:
    """The findings about one body, and what in it Discord does not know and passes over."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.passed_over: list[Finding] = []

    def add(self, path: Path, code: str, message: str) -> None:
        """Note what is wrong at ``path``."""
        self.findings.append(Finding(path, code, message))

    def required(self, path: Path) -> None:
        """Note that the field at ``path`` is missing."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def choices(self, path: Path, choices: Sequence[int | str]) -> None:
        """Note that the value at ``path`` is none of ``choices``."""
        self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {listed(choices)}.")

    def pass_over(self, path: Path, words: str) -> None:
        """Note what Discord takes without a word, and does not heed."""
        self.passed_over.append(Finding(path, "UNKNOWN_FIELD", words))

    def known(self, at: Json, fields: Collection[str], path: Path) -> None:
        """Note the fields of ``at`` that Discord does not know."""
        for key in at:
            if key not in fields:
                self.pass_over((*path, key), "Discord does not know this field")

    def is_object(self, value: Any, path: Path) -> bool:
        """Tell whether ``value`` is an object, and note it where it is none."""
        if isinstance(value, dict):
            return True
        self.add(path, "MODEL_TYPE_CONVERT", "Expected an object/dictionary.")
        return False

    def text(self, at: Json, key: str, path: Path, *, most: int, least: int = 0, required: bool = False) -> str | None:
        """Check a text field's type and length and return it, or None where there is none to look at further."""
        value, where = at.get(key), (*path, key)
        if value is None:
            if required:
                self.required(where)
            return None
        if not isinstance(value, str):
            self.add(where, "STRING_TYPE_CONVERT", f'Could not interpret "{quoted(value)}" as string.')
            return None
        if required and not value and least:
            self.required(where)
        else:
            self._length(where, len(value), least, most)
        return value

    def items(self, at: Json, key: str, path: Path, *, most: int, least: int = 0) -> list[Any]:
        """Check a list field's type and length and return its items; of a missing one, none."""
        value, where = at.get(key), (*path, key)
        if value is None:
            if least:
                self.required(where)
            return []
        if not isinstance(value, list):
            self.add(where, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return []
        self._length(where, len(value), least, most)
        return value

    def objects(self, at: Json, key: str, path: Path, *, most: int, least: int = 0) -> list[tuple[Path, Json]]:
        """Check a list of objects and return those that are, each with its path."""
        found = self.items(at, key, path, most=most, least=least)
        places = [((*path, key, index), one) for index, one in enumerate(found)]
        return [(where, one) for where, one in places if self.is_object(one, where)]

    def mapping(self, at: Json, key: str, path: Path, *, required: bool = False) -> Json | None:
        """Check that a field holds an object and return it."""
        value, where = at.get(key), (*path, key)
        if value is None:
            if required:
                self.required(where)
            return None
        return value if self.is_object(value, where) else None

    def number(
        self, at: Json, key: str, path: Path, *, least: int = 0, most: int = 2**31 - 1, required: bool = False
    ) -> int | None:
        """Check a whole number's type and bounds and return it, or None where there is none to look at further."""
        value, where = at.get(key), (*path, key)
        if value is None:
            if required:
                self.required(where)
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            self.add(where, "NUMBER_TYPE_COERCE", f'Value "{quoted(value)}" is not int.')
            return None
        if value < least:
            self.add(where, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
            return None
        if value > most:
            self.add(where, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
            return None
        return int(value)

    def truth(self, at: Json, key: str, path: Path) -> None:
        """Check that a field is true or false, if it is there."""
        value = at.get(key)
        if value is not None and not isinstance(value, bool):
            self.add((*path, key), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")

    def snowflake(self, at: Json, key: str, path: Path, *, required: bool = False) -> int | None:
        """Check an id, which may be a number or its text, and return it."""
        value, where = at.get(key), (*path, key)
        if value is None:
            if required:
                self.required(where)
            return None
        return int(value) if self.is_snowflake(value, where) else None

    def is_snowflake(self, value: Any, path: Path) -> bool:
        """Tell whether ``value`` is an id, as a number or its text, and note it where it is none."""
        finding = not_snowflake(value, path)
        if finding is not None:
            self.findings.append(finding)
        return finding is None

    def address(
        self,
        at: Json,
        key: str,
        path: Path,
        *,
        schemes: Sequence[str] = WEB,
        most: int = MAX_ADDRESS,
        own_files: bool = False,
    ) -> None:
        """Check a web address, if there is one; ``own_files``: it may be one of the message's own, too."""
        value = self.text(at, key, path, most=most)
        if not value or (own_files and value.startswith(ATTACHMENT)):
            return
        where = (*path, key)
        scheme, separator, _ = value.partition("://")
        if scheme.lower() not in schemes or not separator:
            shown = quoted(scheme.lower())
            self.add(
                where,
                "URL_TYPE_INVALID_SCHEME",
                f'Scheme "{shown}" is not supported. Scheme must be one of {listed(schemes)}.',
            )
        elif scheme.lower() in WEB and not _is_well_formed(value):
            self.add(where, "URL_TYPE_INVALID_URL", "Not a well formed URL.")

    def _length(self, where: Path, length: int, least: int, most: int) -> None:
        if least <= length <= most:
            return
        if least:
            self.add(where, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.add(where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def not_snowflake(value: Any, path: Path) -> Finding | None:
    """Return what is wrong with an id, or None."""
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,20}", str(value)):
        return Finding(path, "NUMBER_TYPE_COERCE", f'Value "{quoted(value)}" is not snowflake.')
    if int(value) > MAX_SNOWFLAKE:
        words = f"snowflake value should be less than or equal to {MAX_SNOWFLAKE}."
        return Finding(path, "NUMBER_TYPE_MAX", words)
    return None


def listed(choices: Sequence[int | str]) -> str:
    """Return choices in Discord's words, which are Python's: ``(1,)``, ``('http', 'https')``."""
    return repr(tuple(choice if isinstance(choice, str) else int(choice) for choice in choices))


def quoted(value: Any) -> str:
    """Return a value for a finding's words, cut to a length that a person reads."""
    text = value if isinstance(value, str) else _plain(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _plain(value: Any) -> str:
    # Python refuses to print a number of more than 4300 digits.
    return "…" if isinstance(value, int) and value.bit_length() > 1024 else str(value)


def _is_well_formed(address: str) -> bool:
    """Tell whether Discord takes the host (read in a public list of what it refuses: spaces, no dot, long labels)."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    labels = host.split(".")
    return not re.search(r"\s", address) and all(0 < len(label) <= 63 for label in labels) and len(labels) > 1
