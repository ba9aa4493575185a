"""The line: the dreams that were asked for, and who dreams which of them next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from typing import Protocol

from bot.pool.interface import Event, Lost, Outcome, Refused, Work
from bot.pool.ticket import Ticket
from engine.errors import EngineError

MOST_PASSED_OVER = 3


class Taker(Protocol):
    """Who takes dreams from the line, one at a time."""

    @property
    def networks(self) -> Collection[str]:
        """The names of the networks that it holds loaded."""
        ...


class Line:
    """Hands each dream to whoever holds its network, if anybody who is free does; else to whoever is free.

    A dream is passed over for the sake of a loaded network at most ``MOST_PASSED_OVER`` times; then it is the next.
    """

    def __init__(self) -> None:
        self._tickets: set[Ticket] = set()  # all that have not ended
        self._waiting: list[Ticket] = []
        self._free: dict[Taker, asyncio.Future[Ticket]] = {}
        self._closed = False

    async def dream(self, work: Work) -> AsyncGenerator[Event, None]:
        """Ask for a dream; the events of ``bot.pool.interface.Pool.dream``."""
        try:
            ticket = Ticket.of(work)
        except EngineError as error:
            yield Refused(error.sentence.to_text())
            return
        async with aclosing(self.follow(ticket)) as events:
            async for event in events:
                yield event

    async def follow(self, ticket: Ticket) -> AsyncGenerator[Event, None]:
        """Put a ticket into the line; yields its events to the outcome, and cancels it where nobody listens on."""
        if self._closed:
            yield Lost("stopped", strike=False)
            return
        self._tickets.add(ticket)
        self._waiting.append(ticket)
        self._match()
        try:
            while True:
                event = await ticket.events.get()
                yield event
                if isinstance(event, Outcome):
                    return
        finally:
            ticket.cancel()
            self._tickets.discard(ticket)

    def cancel(self, job_id: int) -> None:
        """Cancel every dream of a job."""
        for ticket in tuple(self._tickets):
            if ticket.work.job_id == job_id:
                ticket.cancel()

    def close(self) -> None:
        """Take no more, and end those that nobody dreams any more."""
        self._closed = True
        for ticket in tuple(self._tickets):
            ticket.put(Lost("stopped", strike=False))

    async def next(self, taker: Taker) -> Ticket:
        """Wait for the taker's next dream. A wait that is cancelled loses none."""
        place: asyncio.Future[Ticket] = asyncio.get_running_loop().create_future()
        self._free[taker] = place
        self._match()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.put_back(place.result())
            raise
        finally:
            if self._free.get(taker) is place:
                del self._free[taker]

    def put_back(self, ticket: Ticket) -> None:
        """Take back a dream that nobody has begun: it is the next."""
        self._waiting.insert(0, ticket)
        self._match()

    def _match(self) -> None:
        self._waiting = [ticket for ticket in self._waiting if not ticket.ended]
        for ticket in [ticket for ticket in self._waiting if ticket.passed_over >= MOST_PASSED_OVER]:
            self._give(ticket, self._holders(ticket) or self._open())
        for ticket in tuple(self._waiting):
            self._give(ticket, self._holders(ticket))
        for ticket in tuple(self._waiting):
            self._give(ticket, self._open())

    def _open(self) -> list[Taker]:
        return [taker for taker, place in self._free.items() if not place.done()]

    def _holders(self, ticket: Ticket) -> list[Taker]:
        return [taker for taker in self._open() if ticket.network in taker.networks]

    def _give(self, ticket: Ticket, takers: list[Taker]) -> None:
        if not takers:
            return
        place = self._waiting.index(ticket)
        for earlier in self._waiting[:place]:
            earlier.passed_over += 1
        del self._waiting[place]
        # Among equals, the one that holds least: so the workers come to hold different networks.
        self._free[min(takers, key=lambda taker: len(taker.networks))].set_result(ticket)
