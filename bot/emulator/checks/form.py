"""Collects what is wrong with a body, in Discord's names and words for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.emulator.components import Path
from bot.emulator.errors import Finding
from bot.emulator.model import Json


class Form:
    """The findings about one body, and the fields in it that Discord does not know (and would pass over)."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.unknown: list[Path] = []

    def add(self, path: Path, code: str, message: str) -> None:
        """Note what is wrong at ``path``."""
        self.findings.append(Finding(path, code, message))

    def required(self, path: Path) -> None:
        """Note that the field at ``path`` is missing."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def known(self, at: Json, fields: Collection[str], path: Path) -> None:
        """Note the fields of ``at`` that Discord does not know."""
        self.unknown.extend((*path, key) for key in at if key not in fields)

    def text(self, at: Json, key: str, path: Path, *, most: int, least: int = 0, required: bool = False) -> str | None:
        """Check a text field's type and length and return it, or None where there is none to look at further."""
        value, where = at.get(key), (*path, key)
        if value is None:
            if required:
                self.required(where)
            return None
        if not isinstance(value, str):
            self.add(where, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return None
        if required and not value and least:
            self.required(where)
        elif not least <= len(value) <= most:
            if least:
                self.add(where, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
            else:
                self.add(where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
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
        if not least <= len(value) <= most:
            self.add(where, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        return value
