"""Edits of a job's message: not too often, the newest wins, none is cut off, none comes after the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from jobs_bench import BOUND_S, TOKEN, Chat, HandClock, settle

from bot.job import Job, State
from bot.jobs.messenger import Standing, Told
from bot.jobs.poster import LONGEST_PAUSE_S, Poster

NOW = datetime.now(UTC)
INTERVAL_S = 3.0


def a_standing(fraction: float, job_id: int = 1) -> Standing:
    job = Job(
        id=job_id,
        state=State.RUNNING,
        interaction_id=job_id,
        application_id=1,
        token=TOKEN,
        token_expires_at=NOW,
        person_id=1,
        guild_id=None,
        channel_id=1,
        message_id=1,
        filesize_limit=1,
        restricted=False,
        recipe="{}",
        cost=1.0,
        source_url=None,
        source_hash=None,
        result_hash=None,
        parent_id=None,
        failure=None,
        note=None,
        owner=None,
        attempt=1,
        strikes=0,
        seconds=None,
        fingerprint=None,
        created_at=NOW,
        finished_at=None,
        posting_at=None,
        told_at=None,
        shown=None,
    )
    return Standing(job, fraction=fraction)


def a_poster(chat: Chat, time: HandClock) -> Poster:
    async def together(_: int) -> list[Job]:
        raise AssertionError("each of these is alone in its message")

    return Poster(chat, INTERVAL_S, time.clock, together)


def fractions(chat: Chat, job_id: int = 1) -> list[float]:
    return [standing.fraction for standing in chat.shown_of(job_id)]


async def test_the_first_is_shown_at_once_and_then_the_newest_at_each_interval() -> None:
    chat, time = Chat(), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await settle()
    assert fractions(chat) == [0.1]
    poster.show(a_standing(0.2))
    poster.show(a_standing(0.3))
    await time.advance(INTERVAL_S - 0.1)
    assert fractions(chat) == [0.1]
    await time.advance(0.1)
    assert fractions(chat) == [0.1, 0.3]
    await time.advance(100)
    assert fractions(chat) == [0.1, 0.3]
    poster.show(a_standing(0.4))
    await settle()
    assert fractions(chat) == [0.1, 0.3, 0.4]
    await poster.stop(BOUND_S)


async def test_a_slow_edit_counts_from_its_end() -> None:
    chat, time = Chat(gate=asyncio.Event()), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await time.advance(60)
    poster.show(a_standing(0.2))
    assert chat.gate is not None
    chat.gate.set()
    await settle()
    assert fractions(chat) == [0.1]
    await time.advance(INTERVAL_S)
    assert fractions(chat) == [0.1, 0.2]
    await poster.stop(BOUND_S)


async def test_one_job_does_not_hold_up_another() -> None:
    chat, time = Chat(), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1, job_id=1))
    poster.show(a_standing(0.9, job_id=2))
    await settle()
    assert (fractions(chat, 1), fractions(chat, 2)) == ([0.1], [0.9])
    await poster.stop(BOUND_S)


async def test_finishing_waits_for_the_edit_in_flight_and_never_cuts_it_off() -> None:
    chat, time = Chat(gate=asyncio.Event()), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await settle()
    poster.show(a_standing(0.2))
    finishing = asyncio.create_task(poster.finish(a_standing(0.0).job))
    await settle()
    assert not finishing.done()
    assert chat.gate is not None
    chat.gate.set()
    await finishing
    assert chat.log == ["show begins", "show ends"]
    poster.show(a_standing(0.3))
    await time.advance(60)
    assert fractions(chat) == [0.1]


async def test_finishing_does_not_wait_for_the_interval() -> None:
    chat, time = Chat(), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await settle()
    poster.show(a_standing(0.2))
    async with asyncio.timeout(5):
        await poster.finish(a_standing(0.0).job)
    assert fractions(chat) == [0.1]


async def test_a_removed_message_is_not_edited_again() -> None:
    chat, time = Chat(show_answer=Told.GONE), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await settle()
    poster.show(a_standing(0.2))
    await time.advance(60)
    assert fractions(chat) == [0.1]
    async with asyncio.timeout(5):
        await poster.finish(a_standing(0.0).job)


async def test_an_edit_that_breaks_does_not_end_the_edits() -> None:
    class Broken(Chat):
        async def show(self, standings: Sequence[Standing]) -> Told:
            if standings[0].fraction < 0.2:
                raise RuntimeError("odd")
            return await super().show(standings)

    chat, time = Broken(), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await settle()
    poster.show(a_standing(0.2))
    await time.advance(2 * INTERVAL_S)
    assert fractions(chat) == [0.2]
    await poster.stop(BOUND_S)


async def test_what_a_passing_fault_kept_back_is_shown_later_even_if_nothing_new_comes() -> None:
    chat, time = Chat(show_answer=Told.LATER), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await settle()
    for pause_s in (2 * INTERVAL_S, 4 * INTERVAL_S):
        before = len(fractions(chat))
        await time.advance(pause_s - 0.1)
        assert len(fractions(chat)) == before, "ever more rarely"
        await time.advance(0.1)
        assert len(fractions(chat)) == before + 1
    chat.show_answer = Told.DONE
    await time.advance(8 * INTERVAL_S)
    assert fractions(chat) == [0.1] * 4
    await time.advance(LONGEST_PAUSE_S)
    assert fractions(chat) == [0.1] * 4
    await poster.stop(BOUND_S)


async def test_stopping_does_not_wait_for_ever_for_an_edit_that_hangs() -> None:
    chat, time = Chat(gate=asyncio.Event()), HandClock()
    poster = a_poster(chat, time)
    poster.show(a_standing(0.1))
    await settle()
    async with asyncio.timeout(BOUND_S):
        await poster.stop(0.01)
    assert not chat.in_flight


@pytest.mark.parametrize("answer", [Told.DONE, Told.GONE, Told.BARRED])
async def test_of_a_job_that_another_process_goes_on_with_nothing_is_left_here(answer: Told) -> None:
    chat, time = Chat(show_answer=answer), HandClock()
    poster = a_poster(chat, time)
    before = asyncio.all_tasks()
    poster.show(a_standing(0.1))
    await settle()
    assert fractions(chat) == [0.1]
    await time.advance(INTERVAL_S)
    assert asyncio.all_tasks() == before
    await poster.stop(BOUND_S)
