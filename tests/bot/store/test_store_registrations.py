"""Which commands are registered is known to all processes, and one at a time looks and registers."""

from __future__ import annotations

import asyncio
import logging

import pytest
from sqlalchemy import text

from bot.store.database import Database
from bot.store.registrations import Registrations

BOUND_S = 60.0


async def test_what_one_process_notes_the_others_know(database: Database, other_database: Database) -> None:
    ours, theirs = Registrations(database), Registrations(other_database)
    assert await ours.digest(77) is None
    await ours.note(77, "a" * 64)
    await theirs.note(77, "b" * 64)
    assert await ours.digest(77) == "b" * 64
    assert await ours.digest(78) is None


async def hold(registrations: Registrations, has_it: asyncio.Event, let_go: asyncio.Event) -> None:
    async with registrations.turn():
        has_it.set()
        await let_go.wait()


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_the_second_waits_for_the_turn_of_the_first(database: Database, other_database: Database) -> None:
    let_go, turns = asyncio.Event(), [asyncio.Event(), asyncio.Event()]
    let_go_of_second = asyncio.Event()
    let_go_of_second.set()
    async with asyncio.timeout(BOUND_S):
        first = asyncio.create_task(hold(Registrations(database), turns[0], let_go))
        await turns[0].wait()
        second = asyncio.create_task(hold(Registrations(other_database), turns[1], let_go_of_second))
        await until_somebody_waits(database)
        assert not turns[1].is_set()
        let_go.set()
        await asyncio.gather(first, second)


async def until_somebody_waits(database: Database) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while True:
        async with database.read() as session:
            if await session.scalar(waiting):
                return


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_whose_connection_is_lost_in_their_turn_holds_up_nobody(
    database: Database, other_database: Database
) -> None:
    has_it, let_go = asyncio.Event(), asyncio.Event()
    end_others = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    async with asyncio.timeout(BOUND_S):
        first = asyncio.create_task(hold(Registrations(database), has_it, let_go))
        await has_it.wait()
        async with other_database.read() as session:
            await session.execute(end_others)
        async with Registrations(other_database).turn():
            assert not first.done()
        let_go.set()
        await first  # what it has done meanwhile is no fault, though its turn was lost


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_turn_that_does_not_end_is_waited_for_no_longer_than_its_bound(
    database: Database, other_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    has_it, let_go = asyncio.Event(), asyncio.Event()
    impatient = Registrations(other_database, turn_s=0.05)
    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(BOUND_S):
            first = asyncio.create_task(hold(Registrations(database), has_it, let_go))
            await has_it.wait()
            async with impatient.turn():
                await impatient.note(77, "a" * 64)
            let_go.set()
            await first
    assert "out of turn" in caplog.text


async def test_on_sqlite_other_changes_go_on_meanwhile(database: Database) -> None:
    registrations = Registrations(database)
    async with asyncio.timeout(BOUND_S), registrations.turn():
        await registrations.note(77, "a" * 64)
        assert await registrations.digest(77) == "a" * 64
