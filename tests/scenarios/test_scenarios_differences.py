"""Whatever the two tiers show differently stands in the docs, with who is right."""

from __future__ import annotations

from pathlib import Path

import differences
from differences import Difference

DOCS = Path(__file__).parents[2] / "docs" / "emulator.md"


def test_every_difference_has_its_row_that_says_who_is_right() -> None:
    section = DOCS.read_text(encoding="utf-8").partition("## Beside simcord")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("|")]
    told = {cells[0]: cells[3] for cells in rows[2:]}
    known = [one.what for one in vars(differences).values() if isinstance(one, Difference)]
    assert known
    assert {what for what in known if not told.get(what)} == set()
