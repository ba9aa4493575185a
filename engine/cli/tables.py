"""Tables for people: as wide as the terminal, or 100 columns in a file, where they have no colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

WIDTH = 100  # columns, where there is no terminal to ask


def console() -> Console:
    """Return what writes to stdout."""
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if known else WIDTH, highlight=False, markup=False, emoji=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[str] = ()) -> Table:
    """Return a table; the first column stays in one piece, ``numbers`` are the columns to set to the right."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        right = name in numbers
        made.add_column(name, justify="right" if right else "left", no_wrap=place == 0 or right, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made
