"""How a long run of the bench shows where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LOOKED_BACK_S = 3600.0  # time left is reckoned from so many seconds: one dream takes longer than rich's own 30


@contextmanager
def shown(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar with the time left, on the error output; call what this gives with a line when one more is done."""
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=LOOKED_BACK_S) as progress:
        task = progress.add_task(what, total=total)

        def tell(line: str) -> None:
            progress.console.print(line)
            progress.advance(task)

        yield tell
