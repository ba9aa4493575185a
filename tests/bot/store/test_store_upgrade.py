"""The schema: made at start, brought up to date without loss, never touched by a version that does not know it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import sqlite_url
from gallery_samples import with_a_gallery
from kept_versions import connected
from sqlalchemy import Connection, Table, create_engine, func, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from store_samples import DREAM, PHOTO, a_request, with_pictures

from bot.job import State
from bot.preset import Viewer
from bot.regime import Block
from bot.store.admin.acts import By
from bot.store.admin.regimes import Regimes
from bot.store.admin.reports import Reports
from bot.store.admin.takedowns import Known, Named, Takedowns
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.periods import Periods
from bot.store.presets import Default, Draft, PresetStore
from bot.store.privacy import PrivacyStore
from bot.store.processes import Processes, Told
from bot.store.registrations import Registrations
from bot.store.tables import Base, JobRow
from bot.store.upgrade import REVISIONS, revisions, upgrade

RELEASED = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
NEXT = '''
"""A later revision, that makes the table anew."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "next", "0012", None, None
def upgrade():
    with op.batch_alter_table("job", recreate="auto") as table:
        table.add_column(sa.Column("mood", sa.Text(), nullable=False, server_default="calm"))
    with op.batch_alter_table("job", recreate="always" if op.get_bind().dialect.name == "sqlite" else "never"):
        pass
    {more}
'''
Schema = list[tuple[str, list[str]]]


def with_next_revision(folder: Path, more: str = "") -> Path:
    """Copy our revisions to ``folder`` and add one."""
    shutil.copytree(REVISIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "next.py").write_text(NEXT.format(more=more))
    return folder


def run(url: str, work: Any) -> Any:
    """Do ``work`` with a connection to the database, in one transaction."""
    with connected(url) as connection:
        return work(connection)


def schema(url: str) -> Schema:
    """Return our tables and indexes, each as lines in an order that does not depend on who wrote it."""
    return run(url, _in_sqlite if url.startswith("sqlite") else _in_postgres)  # type: ignore[no-any-return]


def _in_sqlite(connection: Connection) -> Schema:
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    lines = re.compile(r",\s+(?![^(]*\))|\n")  # a column that was added later stands on the line of another
    # SQLite quotes the name of a table that was made anew, and may end the line of an added column with the bracket.
    return [
        (name, sorted(line.strip(" ,\t") for line in lines.split(sql.replace(f'"{name}"', name).removesuffix(")"))))
        for name, sql in found
    ]


def _in_postgres(connection: Connection) -> Schema:
    asked = inspect(connection)
    tables = [name for name in sorted(asked.get_table_names()) if not name.startswith("alembic")]
    told = ("columns", "indexes", "unique_constraints", "check_constraints", "foreign_keys")
    return [
        (
            name,
            sorted(repr(sorted(one.items(), key=str)) for what in told for one in getattr(asked, f"get_{what}")(name)),
        )
        for name in tables
    ]


def copies(folder: Path) -> list[Path]:
    return list(folder.glob("*before*"))


def rows(url: str, table: Table) -> int:
    return int(run(url, lambda connection: connection.scalar(select(func.count()).select_from(table))))


async def with_rows(url: str) -> int:
    """Write a row into every table; returns the id of a job that another refers to."""
    database = Database(url)
    await with_pictures(database)
    (job,), _ = await JobStore(database).accept([a_request()], "mine")
    (child, _), _ = await JobStore(database).accept([an_ask := a_request(), an_ask], "mine")
    await Periods(database).begin("pictures", 3600.0)
    await Processes(database).report("mine", [Told(35.0)])
    guilds = GuildStore(database)
    await guilds.change(
        job.id, 1, (await guilds.get(job.id)).version, lambda settings: settings.changed(previews=False)
    )
    await Registrations(database).note(77, "c" * 64)
    presets = PresetStore(database)
    draft = Draft("Waves", f"waves {job.id}", "{}", guide_hash=PHOTO.hash)
    preset = await presets.add(Viewer(1, None), draft, server=False, at_most=9000)
    await presets.set_default(1, Default(preset.id))
    await _with_somebody_forgotten(database)
    await with_a_gallery(database)
    await _with_an_operator(database, job.id)
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == child.id).values(parent_id=job.id))
    await database.close()
    return job.id


async def _with_an_operator(database: Database, number: int) -> None:
    """Have whoever runs the bot settle and do something of everything; ``number``: another one each time."""
    by, regimes = By(login="root"), Regimes(database)
    await regimes.block_person(10_000 + number, Block("Spam."), by)
    await regimes.block_server(10_000 + number, Block("A raid."), by)
    known = Known(frozenset({f"{number:064x}"}), (bytes(32),))
    await Takedowns(database).take_down(Named(), known, "Not theirs.", by)
    await Reports(database).add(10_000 + number, guild_id=None, channel_id=3, message_id=number, reason="Odd.")


async def _with_somebody_forgotten(database: Database) -> None:
    """Have somebody forgotten today who had dreamed, and somebody else who is being forgotten."""
    (job,), _ = await JobStore(database).accept([a_request(person_id=9)], "mine")
    values = {"state": State.DREAMED, "cost": 5.0, "attempt": 1, "finished_at": job.created_at}
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == job.id).values(values))
    privacy = PrivacyStore(database)
    await privacy.forget(9)
    await privacy.begin(8)


OLD_JOB = """
    INSERT INTO job (id, state, interaction_id, application_id, token_expires_at, person_id, channel_id, filesize_limit,
        restricted, recipe, cost, source_hash, parent_id, attempt, strikes, created_at)
    VALUES ({id}, 'queued', {id}, 1, '2026-11-01', 1, 1, 1, {false}, '{{}}', 1.5, '{photo}', {parent}, 0, 0,
        '2026-11-01')
"""


def with_old_rows(url: str, revision: str) -> None:
    """Make a database as a released version left it, with rows."""

    def make(connection: Connection) -> None:
        command.upgrade(revisions(connection), revision)
        for blob in (PHOTO, DREAM):
            connection.execute(
                text("INSERT INTO blob VALUES (:hash, 'image/png', 1, 1, 1, '2026-11-01')"), {"hash": blob.hash}
            )
        false = "0" if connection.dialect.name == "sqlite" else "false"
        for id_, parent in ((1, "NULL"), (2, "1")):
            connection.execute(text(OLD_JOB.format(id=id_, parent=parent, photo=PHOTO.hash, false=false)))

    run(url, make)


@pytest.fixture
def url(empty_database: str) -> str:
    """The address of a database without tables."""
    return empty_database


async def test_the_revisions_make_the_tables_that_the_code_speaks_of(url: str, tmp_path: Path, backend: str) -> None:
    await upgrade(url)
    run(url, lambda connection: compared(connection, []))
    if backend == "sqlite":
        # Alembic does not compare checks and auto-increment: the text of the schema does.
        by_code = sqlite_url(tmp_path / "by_code.sqlite")
        Base.metadata.create_all(create_engine(by_code.replace("+aiosqlite", "")))
        assert schema(url) == schema(by_code)


def compared(connection: Connection, expected: list[Any]) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == expected


async def test_a_second_start_changes_nothing(url: str, tmp_path: Path) -> None:
    await upgrade(url)
    job_id = await with_rows(url)
    await upgrade(url)
    database = Database(url)
    assert await JobStore(database).get(job_id) is not None
    await database.close()
    assert copies(tmp_path) == []


@pytest.mark.parametrize("revision", ["base", *RELEASED[:-1]])
async def test_up_down_and_up_again_with_rows(url: str, revision: str) -> None:
    if revision != "base":
        run(url, lambda connection: command.upgrade(revisions(connection), revision))
    before = schema(url)
    await upgrade(url)
    await with_rows(url)
    assert all(rows(url, table) for table in Base.metadata.sorted_tables), "there is a row in every table"
    fresh = schema(url)
    run(url, lambda connection: command.downgrade(revisions(connection), revision))
    assert schema(url) == before
    await upgrade(url)
    assert schema(url) == fresh
    await with_rows(url)


@pytest.mark.parametrize("revision", RELEASED[:-1])
async def test_the_rows_of_every_released_version_are_kept(url: str, revision: str) -> None:
    with_old_rows(url, revision)
    await upgrade(url)
    database = Database(url)
    old, child = [await JobStore(database).get(job_id) for job_id in (1, 2)]
    assert old is not None
    assert child is not None
    assert (old.source_hash, old.cost, old.weight, old.posting_at, child.parent_id) == (PHOTO.hash, 1.5, 1.0, None, 1)
    assert (old.place, old.locale, old.private, old.spoiler, old.guide_hash) == (0, "en-US", False, False, None)
    await database.close()


async def test_the_id_of_a_job_that_is_gone_never_comes_back(url: str, backend: str) -> None:
    if backend != "sqlite":
        pytest.skip("only SQLite makes the table anew, and with it its count")
    with_old_rows(url, "0003")
    run(url, lambda connection: connection.exec_driver_sql("DELETE FROM job WHERE id = 2"))
    await upgrade(url)
    assert await with_rows(url) == 3


async def test_an_older_database_is_copied_then_brought_up_with_its_rows(
    url: str, tmp_path: Path, backend: str
) -> None:
    await upgrade(url)
    job_id = await with_rows(url)
    before = schema(url)
    await upgrade(url, with_next_revision(tmp_path / "later"))
    child = text("SELECT mood FROM job WHERE parent_id = :id")
    assert run(url, lambda connection: connection.scalar(child, {"id": job_id})) == "calm"
    if backend == "sqlite":
        (copy,) = copies(tmp_path)
        assert schema(sqlite_url(copy)) == before


async def test_a_newer_database_is_refused_with_what_to_do(url: str, tmp_path: Path) -> None:
    await upgrade(url, with_next_revision(tmp_path / "later"))
    with pytest.raises(StoreError, match="Update Oneiros"):
        await upgrade(url)


@pytest.mark.parametrize(
    "more", ["raise RuntimeError('in the middle')", "op.execute('DELETE FROM job WHERE parent_id IS NULL')"]
)
async def test_a_revision_that_fails_or_breaks_references_changes_nothing(url: str, tmp_path: Path, more: str) -> None:
    await upgrade(url)
    job_id = await with_rows(url)
    before = schema(url)
    # PostgreSQL refuses by itself what SQLite, its foreign keys off meanwhile, has to be asked about.
    with pytest.raises((RuntimeError, StoreError, IntegrityError)):
        await upgrade(url, with_next_revision(tmp_path / "later", more))
    assert schema(url) == before
    database = Database(url)
    assert await JobStore(database).get(job_id) is not None
    await database.close()


async def test_a_database_of_something_else_is_left_alone(url: str) -> None:
    run(url, lambda connection: connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER)"))
    with pytest.raises(StoreError, match="something else"):
        await upgrade(url)
    assert [name for name, _ in schema(url)] == ["accounts"]


def starting(url: str, folder: Path, revisions_in: Path = REVISIONS) -> subprocess.Popen[str]:
    """Start a process, in ``folder``, that brings the schema up to date."""
    code = (
        "import asyncio, pathlib; from bot.store.upgrade import upgrade; "
        f"asyncio.run(upgrade({url!r}, pathlib.Path({str(revisions_in)!r})))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REVISIONS.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_two_that_start_at_once_make_one_schema(url: str, tmp_path: Path) -> None:
    processes = [starting(url, tmp_path) for _ in range(2)]
    for process in processes:
        _, said = await asyncio.to_thread(process.communicate, timeout=60)
        assert process.returncode == 0, said
    run(url, lambda connection: compared(connection, []))


async def test_a_kill_in_the_middle_leaves_the_old_schema(url: str, tmp_path: Path) -> None:
    await upgrade(url)
    job_id = await with_rows(url)
    before = schema(url)
    stop = "print('half', flush=True); import time; time.sleep(600)"
    process = starting(url, tmp_path, with_next_revision(tmp_path / "later", stop))
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == "half\n"
    process.kill()
    await asyncio.to_thread(process.communicate)
    assert schema(url) == before
    await upgrade(url)
    database = Database(url)
    assert await JobStore(database).get(job_id) is not None
    await database.close()
