"""A database that goes away in the middle: what was begun is done once, later, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import Server
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from store_samples import a_queued_job, a_request, with_pictures

from bot.store import opening
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.jobs import JobStore


@pytest.fixture
def database_url(postgres: Server, postgres_template: str) -> Iterator[str]:
    """Of PostgreSQL only: SQLite's connections are files."""
    with postgres.database(template=postgres_template) as url:
        yield url


CUT = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def cut(by: Database) -> int:
    """End every other connection to the database, as a restart of the server does; returns how many."""
    async with by.read() as session:
        return len((await session.execute(text(CUT))).all())


async def test_a_connection_cut_in_mid_transaction_changes_nothing(
    jobs: JobStore, database: Database, other_database: Database
) -> None:
    job = await a_queued_job(jobs)

    async def change() -> None:
        async with database.write() as session:
            await session.execute(text("UPDATE job SET state = 'failed'"))
            assert await cut(other_database) == 1
            await session.execute(text("UPDATE job SET note = 'later'"))

    with pytest.raises(OperationalError):
        await change()
    assert await jobs.get(job.id) == job


async def test_connections_that_were_cut_while_idle_are_made_anew(
    jobs: JobStore, database: Database, other_database: Database
) -> None:
    job = await a_queued_job(jobs)
    assert await cut(other_database) >= 1
    claimed = await jobs.claim("mine", ())
    assert claimed is not None
    assert (claimed.id, claimed.attempt) == (job.id, 1)


async def test_what_was_cut_off_is_done_again_by_itself(
    database: Database, other_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.PAUSES_S", (0.0, 0.0))
    jobs = JobStore(database)
    job = await a_queued_job(jobs)
    cuts = 0

    async def change() -> None:
        nonlocal cuts
        async with database.write() as session:
            await session.execute(text("UPDATE job SET note = 'half'"))
            if cuts < 2:
                cuts += await cut(other_database)
            await session.execute(text("UPDATE job SET note = 'whole'"))

    await database.whole(change)
    now = await jobs.get(job.id)
    assert now is not None
    assert (cuts, now.note) == (2, "whole")


async def test_a_request_whose_commit_was_not_heard_of_is_one_job(
    jobs: JobStore, database: Database, other_database: Database
) -> None:
    request = a_request()
    (first,), _ = await jobs.accept([request], "mine")
    await cut(other_database)
    (again,), is_new = await jobs.accept([request], "mine")
    assert (again.id, is_new) == (first.id, False)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", "Check that it runs"),
        ("mysql://root:secret@127.0.0.1/none", "SQLite and PostgreSQL"),
        ("no address at all", "postgresql://"),
    ],
)
async def test_a_database_that_cannot_be_opened_says_what_to_do(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as error:
        async with opening.opened(url):
            pass
    assert "secret" not in str(error.value)


async def test_the_short_address_of_a_postgresql_is_enough(database_url: str) -> None:
    async with opening.opened(database_url.replace("postgresql+psycopg", "postgres")) as database:
        assert not database.exclusive
        await with_pictures(database)
