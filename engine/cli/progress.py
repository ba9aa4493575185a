"""How a dream under way is shown: a bar in a terminal, lines in a log, events for machines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from engine.cli.command import emit

if TYPE_CHECKING:
    from engine.dreamer import Progress

T = TypeVar("T")
Show = Callable[["Progress"], object]

EVERY_S = 0.5  # between two events of progress
LOOKED_BACK_S = 120.0  # time left is reckoned from so many seconds: a step may take ten


@contextmanager
def shown(network: str, *, events: bool) -> Iterator[Show]:
    """Show where a dream stands: give what this gives each step. The network's name is shown while it loads."""
    if events:
        yield Events().show
    elif sys.stderr.isatty():
        with _bar(network) as show:
            yield show
    else:
        yield _line


class Paced(Generic[T]):
    """Calls something with where a film stands, but not too often."""

    def __init__(
        self, show: Callable[[T], object], every_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin; ``clock`` tells seconds."""
        self._show, self._every_s, self._clock = show, every_s, clock
        self._next = -float("inf")

    def show(self, at: T) -> None:
        """Call it, unless the last time was just now."""
        now = self._clock()
        if now >= self._next:
            self._next = now + self._every_s
            self._show(at)


class Events(Paced["Progress"]):
    """Events of progress on stdout, not too many of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin; ``clock`` tells seconds."""
        super().__init__(_event, EVERY_S, clock)


def _event(at: Progress) -> None:
    emit(
        event="progress",
        octave=at.octave,
        octaves=at.octaves,
        step=at.step,
        steps=at.steps,
        fraction=round(at.fraction, 4),
    )


@contextmanager
def _bar(network: str) -> Iterator[Show]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[steps]}"),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    console = Console(stderr=True, highlight=False, markup=False)
    with Bar(*columns, console=console, transient=True, speed_estimate_period=LOOKED_BACK_S) as bar:
        task = bar.add_task(f"Loading {network}", total=None, steps="")

        def show(at: Progress) -> None:
            if at.octave == at.step == 1:  # the time that loading took says nothing of the steps
                bar.reset(task, total=1.0)
            bar.update(
                task,
                description=f"Octave {at.octave} of {at.octaves}",
                steps=f"step {at.step} of {at.steps}",
                completed=at.fraction,
            )

        yield show


def _line(at: Progress) -> None:
    if at.step == at.steps:
        click.echo(f"Octave {at.octave} of {at.octaves} is dreamed: {at.fraction:.0%} of the work.", err=True)


Tell = Callable[[str, "float | None"], object]


@contextmanager
def told(events: bool) -> Iterator[Tell]:
    """Show how far a long work is: give what this gives what is being done, and the part of it (0–1) that is done.

    None: nobody knows yet. A new text begins anew.
    """
    if events:
        yield _event_teller()
    elif sys.stderr.isatty():
        console = Console(stderr=True, highlight=False, markup=False)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Bar(*columns, console=console, transient=True, speed_estimate_period=LOOKED_BACK_S) as bar:
            task = bar.add_task("", total=None)
            yield lambda what, part: bar.update(
                task, description=what, total=None if part is None else 1.0, completed=part or 0.0
            )
    else:
        yield _line_teller()


def _event_teller(clock: Callable[[], float] = time.monotonic) -> Tell:
    due = -float("inf")

    def tell(what: str, part: float | None) -> None:
        nonlocal due
        if part is not None and clock() >= due:
            due = clock() + EVERY_S
            emit(event="progress", what=what, fraction=round(part, 4))

    return tell


def _line_teller() -> Tell:
    last = ""

    def tell(what: str, part: float | None) -> None:
        nonlocal last
        if what != last and part is not None:
            last = what
            click.echo(f"{what}: {part:.0%} of the work is done.", err=True)

    return tell
