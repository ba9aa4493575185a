"""A database that does not do its work: whoever asks is told in a sentence, the operator in the log, and it passes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from databases import sqlite_url
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from store_samples import a_queued_job, with_pictures

from bot.errors import TAKES_NOTHING
from bot.store import opening
from bot.store.away import NO_ANSWER, AwayError
from bot.store.database import Database
from bot.store.jobs import JobStore


@pytest.fixture
async def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A SQLite database whose writers wait for a moment only."""
    monkeypatch.setattr("bot.store.database.BUSY_S", 0.3)
    async with opening.opened(sqlite_url(tmp_path / "oneiros.sqlite")) as database:
        yield database


async def test_where_another_process_holds_it_everybody_is_told_so_soon_and_it_goes_on_afterwards(
    impatient: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await with_pictures(impatient)
    jobs = JobStore(impatient)
    job = await a_queued_job(jobs)
    with contextlib.closing(sqlite3.connect(tmp_path / "oneiros.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ended = await asyncio.gather(*(jobs.claim("mine", ()) for _ in range(5)), return_exceptions=True)
        assert [str(one) for one in ended if isinstance(one, AwayError)] == 5 * [NO_ANSWER]
        assert await jobs.get(job.id) == job  # who only reads is not held up
    claimed = await jobs.claim("mine", ())
    assert claimed is not None
    assert claimed.id == job.id
    said = [record.getMessage() for record in caplog.records if record.name == "bot.store.away"]
    assert len(said) == 2
    assert "another process holds it locked" in said[0]
    assert "does its work again" in said[1]


async def test_who_waits_no_longer_leaves_no_complaint_behind(
    impatient: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "oneiros.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await JobStore(impatient).claim("mine", ())
        for _ in range(2):  # by then the one that goes on has come to its end, too
            with pytest.raises(AwayError):
                await JobStore(impatient).claim("mine", ())
    gc.collect()
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("PRAGMA max_page_count=1", TAKES_NOTHING),  # what SQLite then says is what it says of a full disk
        ("PRAGMA query_only=1", TAKES_NOTHING),
    ],
)
async def test_a_disk_that_takes_nothing_is_no_failure_of_ours(impatient: Database, trouble: str, words: str) -> None:
    async def write() -> None:
        async with impatient.write() as session:
            await session.execute(text(trouble))
            await session.execute(text("CREATE TABLE large AS SELECT zeroblob(1000000)"))

    with pytest.raises(AwayError) as error:
        await impatient.whole(write)
    assert str(error.value) == words
    assert error.value.advice.startswith("the database: ")


async def test_a_file_that_cannot_be_opened_may_be_there_later(tmp_path: Path) -> None:
    database, threads = Database(sqlite_url(tmp_path / "away" / "oneiros.sqlite")), threading.active_count()
    with pytest.raises(AwayError):
        await JobStore(database).get(1)
    await database.close()
    async with asyncio.timeout(10):
        while threading.active_count() > threads:
            await asyncio.sleep(0.01)  # the driver's thread ends by itself, and tells nobody


async def test_a_fault_of_our_own_is_not_waited_for(database: Database) -> None:
    async def write() -> None:
        async with database.write() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(Exception, match="nowhere") as error:
        await database.whole(write)
    assert not isinstance(error.value, AwayError)


async def test_a_server_that_is_gone_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.database.PAUSES_S", (0.0,))
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(AwayError, match="does not answer") as error:
        await JobStore(database).get(1)
    assert isinstance(error.value.__cause__, OperationalError)
    await database.close()


async def test_whether_it_can_be_written_is_found_out_by_writing(database: Database) -> None:
    for _ in range(3):
        await database.check()
    async with database.read() as session:
        found = (await session.execute(text("SELECT act, number FROM period WHERE act = 'check'"))).all()
    assert [tuple(row) for row in found] == [("check", 1)]
