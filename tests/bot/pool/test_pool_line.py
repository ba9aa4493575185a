"""Who dreams what next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.pool.interface import Work
from bot.pool.line import MOST_PASSED_OVER, Line
from bot.pool.ticket import Ticket


@dataclass(eq=False)
class Taker:
    networks: list[str] = field(default_factory=list)


def asked(line: Line, network: str, job_id: int) -> Ticket:
    ticket = Ticket(Work(job_id, 1, "", b""), network, 1.0, 1)
    line.put_back(ticket)  # a way into the line without anybody who listens
    return ticket


async def both(line: Line, *takers: Taker) -> list[int]:
    """Let takers come in this order; returns the jobs that they get."""
    return [ticket.work.job_id for ticket in await asyncio.gather(*(line.next(taker) for taker in takers))]


async def test_a_dream_goes_to_who_holds_its_network_and_the_others_to_who_holds_least() -> None:
    line = Line()
    empty, lite, vgg = Taker(), Taker(["lite2", "lite0"]), Taker(["vgg16"])
    coming = asyncio.gather(*(line.next(taker) for taker in (lite, vgg, empty)))
    await asyncio.sleep(0)
    for job_id, network in enumerate(("vgg16", "resnet50", "lite0"), 1):
        asked(line, network, job_id)
    assert [ticket.work.job_id for ticket in await coming] == [3, 1, 2]


async def test_nobody_waits_for_a_busy_worker_while_another_is_free() -> None:
    line = Line()
    ticket = asked(line, "vgg16", 1)
    assert await line.next(Taker(["lite2"])) is ticket


async def test_a_dream_is_passed_over_a_few_times_and_never_more() -> None:
    line = Line()
    for job_id in range(10, 0, -1):  # put_back puts to the front
        asked(line, "lite2", job_id)
    asked(line, "vgg16", 99)
    order = [(await line.next(Taker(["lite2"]))).work.job_id for _ in range(6)]
    assert order == [*range(1, MOST_PASSED_OVER + 1), 99, MOST_PASSED_OVER + 1, MOST_PASSED_OVER + 2]


async def test_a_wait_that_is_cancelled_loses_no_dream() -> None:
    line = Line()
    waiting = asyncio.ensure_future(line.next(Taker()))
    await asyncio.sleep(0)
    ticket = asked(line, "lite2", 1)  # it is given, and not taken yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.wait_for(line.next(Taker()), 5) is ticket
