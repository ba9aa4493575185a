"""What was done in a soak, and what came of it: each act by its kind, and what has to be true of the database then."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

# ``vain``: the bot was away, and Discord said so by itself.
Outcome = Literal["answered", "refused", "vain", "unanswered"]
VOTE, ENTRY, PRESET, SIZE, REMOVED = "vote", "entry", "preset", "size", "removed"
Key = tuple[str, ...]  # which kind of thing, and what names it


@dataclass
class Ledger:
    """Acts by kind and outcome; and what the database must hold, by key: how many, or which."""

    acts: dict[str, Counter[Outcome]] = field(default_factory=dict)
    expected: dict[Key, int | str] = field(default_factory=dict)

    def note(self, kind: str, outcome: Outcome) -> None:
        """Write an act down."""
        self.acts.setdefault(kind, Counter())[outcome] += 1

    def expect(self, value: int | str, *key: str) -> None:
        """Write down what was seen to be so after an act, and has to stay so."""
        self.expected[key] = value

    def doubt(self, *key: str) -> None:
        """Forget what was so: the bot was ended in the midst of an act that changes it."""
        self.expected.pop(key, None)

    def lost(self, found: Mapping[Key, int | str]) -> list[str]:
        """Return what is not as it was seen to be, but for what is there too often."""
        return [
            f"{' '.join(key)}: {found.get(key, 0)} instead of {value}"
            for key, value in self.expected.items()
            if found.get(key, 0) != value and not _is_more(found.get(key, 0), value)
        ]

    def doubled(self, found: Mapping[Key, int | str]) -> list[str]:
        """Return what is there more often than it was made."""
        return [
            f"{' '.join(key)}: {found[key]} instead of {value}"
            for key, value in self.expected.items()
            if _is_more(found.get(key, 0), value)
        ]


def _is_more(found: int | str, expected: int | str) -> bool:
    return isinstance(found, int) and isinstance(expected, int) and found > expected


def found_in(file: Path) -> dict[Key, int | str]:
    """Return what the bot's database holds, by the keys of a ledger."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        counted: dict[Key, int | str] = {}
        for person, entry in database.execute("SELECT person_id, entry_id FROM gallery_vote"):
            _count(counted, VOTE, str(person), str(entry))
        for title, state in database.execute("SELECT title, state FROM gallery_entry WHERE title IS NOT NULL"):
            _count(counted, ENTRY, title)
            if state == "removed":
                _count(counted, REMOVED, title)
        for person, name in database.execute("SELECT person_id, name FROM preset WHERE person_id IS NOT NULL"):
            _count(counted, PRESET, str(person), name)
        for (size,) in database.execute("SELECT settings ->> '$.max_size' FROM guild"):
            counted[SIZE,] = str(size)
        return counted


def miscounted(file: Path) -> list[str]:
    """Return the entries whose number of votes is not that of the people who voted for them."""
    wrong = (
        "SELECT id, votes, (SELECT count(*) FROM gallery_vote WHERE entry_id = gallery_entry.id) AS people "
        "FROM gallery_entry WHERE votes <> people"
    )
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [f"entry {id_}: {votes} votes of {people} people" for id_, votes, people in database.execute(wrong)]


def _count(counted: dict[Key, int | str], *key: str) -> None:
    counted[key] = int(counted.get(key, 0)) + 1
