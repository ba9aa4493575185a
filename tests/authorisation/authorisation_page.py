"""The table of docs/authorisation.md, read."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "authorisation.md"


def lines_of(part: str) -> list[list[str]]:
    """Return the cells of the table between two markers of the page, without its heading."""
    table = PAGE.read_text().partition(f"<!-- {part} -->")[2].partition(f"<!-- /{part} -->")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def cells() -> dict[str, dict[str, str]]:
    """Return what each row says of each column, by the row's name."""
    heading, _, *rows = lines_of("table")
    return {row[0].strip("`"): dict(zip(heading[2:], row[2:], strict=True)) for row in rows}


def sentences() -> dict[str, re.Pattern[str]]:
    """Return what each mark says, with whatever stands in the place of ``…``."""
    _, _, *rows = lines_of("sentences")
    return {mark: re.compile(".+".join(map(re.escape, said.split("…")))) for mark, said in rows}
