"""Of several processes, one does what is done once a period; and each knows what the others can do."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select, update

from bot.store.database import Database
from bot.store.moments import moment
from bot.store.periods import Periods
from bot.store.processes import Processes, Told
from bot.store.tables import PeriodRow, ProcessRow

LONG_S = 1e9  # longer than any test, and its end is years away


async def test_of_twenty_that_ask_at_once_one_does_it(database: Database, other_database: Database) -> None:
    periods = [Periods(database), Periods(other_database)]
    asked = await asyncio.gather(*(periods[n % 2].begin("pictures", LONG_S) for n in range(20)))
    assert sum(asked) == 1


async def test_another_act_is_another_matter(database: Database) -> None:
    periods = Periods(database)
    assert await periods.begin("pictures", LONG_S)
    assert await periods.begin("digest", LONG_S)
    assert not await periods.begin("pictures", LONG_S)


async def test_the_next_period_has_its_turn_and_the_last_one_leaves_no_row(database: Database) -> None:
    periods = Periods(database)
    assert await periods.begin("pictures", LONG_S)
    async with database.write() as session:  # as if that had been a period ago
        await session.execute(update(PeriodRow).values(number=PeriodRow.number - 1))
    assert await periods.begin("pictures", LONG_S)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(PeriodRow)) == 1


async def test_each_process_knows_the_workers_of_the_others_while_they_live(
    database: Database, other_database: Database
) -> None:
    ours, theirs = Processes(database), Processes(other_database)
    await ours.report("ours", [Told()])
    workers = [Told(35.0, {"classic": [30.0, 1.5]}, job_id=7, left_s=2.5), Told(140.0)]
    await theirs.report("theirs", [Told()])
    await theirs.report("theirs", workers)
    assert await ours.others("ours") == workers
    assert await theirs.others("theirs") == [Told()]
    await theirs.leave("theirs")
    assert await ours.others("ours") == []


async def test_a_dead_process_counts_no_longer_and_its_row_goes(database: Database) -> None:
    processes = Processes(database)
    await processes.report("dead", [Told(35.0)] * 8)
    async with database.write() as session:
        await session.execute(update(ProcessRow).values(alive_until=moment(-1)))
    assert await processes.others("ours") == []
    await processes.report("ours", [Told(35.0)])
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ProcessRow)) == 1
