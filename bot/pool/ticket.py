"""A dream that was asked for, from its place in the line to its outcome."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Self

from bot.film import FilmAsk
from bot.pool.interface import Cancelled, Event, Outcome, Work
from engine.recipe import Recipe


class Ticket:
    """One dream on its way. ``cost`` is its price in GFLOP, ``steps`` how many steps its last octave has."""

    def __init__(self, work: Work, network: str, cost: float, steps: int) -> None:
        self.work = work
        self.network = network
        self.cost = cost
        self.steps = steps
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.cancelled = False
        self.ended = False
        self.passed_over = 0  # times that a later one went first, for its network was loaded
        self.tries = 0  # times that a worker was asked for it
        self._stop: Callable[[], None] | None = None

    @classmethod
    def of(cls, work: Work) -> Self:
        """Price a dream. Raises RecipeError with a sentence for the person."""
        recipe = Recipe.from_json(work.recipe)
        if work.film is not None:
            ask = FilmAsk.from_json(work.film.ask)
            # No step is dearer than all of the frames' that go on, in the mean, but for the few of the opening dream.
            return cls(work, recipe.network, work.film.cost, max(1, ask.frames))
        # A PNG of our own encoder begins with its size: 8 bytes of signature, 8 of the first chunk's head, two words.
        width, height = struct.unpack_from(">II", work.picture, 16)
        return cls(work, recipe.network, recipe.cost(width, height), recipe.steps)

    def put(self, event: Event) -> None:
        """Pass an event on; after the outcome there are none."""
        if not self.ended:
            self.ended = isinstance(event, Outcome)
            self.events.put_nowait(event)

    def on_cancel(self, stop: Callable[[], None] | None) -> None:
        """Name what ends this dream while a worker has it; None while no worker has."""
        self._stop = stop

    def cancel(self) -> None:
        """Ask for the end, once: of a worker that dreams it, or at once where it still waits."""
        if self.ended or self.cancelled:
            return
        self.cancelled = True
        if self._stop is None:
            self.put(Cancelled())
        else:
            self._stop()
