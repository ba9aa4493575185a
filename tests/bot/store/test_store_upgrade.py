"""The schema: made at start, brought up to date without loss, never touched by a version that does not know it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, make_url
from store_samples import a_request, with_pictures

from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.jobs import JobStore
from bot.store.tables import Base
from bot.store.upgrade import REVISIONS, revisions, schema_engine, upgrade

NEXT = '''
"""A later revision, that makes the table anew."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "next", "0001", None, None
def upgrade():
    with op.batch_alter_table("job", recreate="always") as table:
        table.add_column(sa.Column("mood", sa.Text(), nullable=False, server_default="calm"))
    {more}
'''


def with_next_revision(folder: Path, more: str = "") -> Path:
    """Copy our revisions to ``folder`` and add one."""
    shutil.copytree(REVISIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "next.py").write_text(NEXT.format(more=more))
    return folder


def schema(file: Path) -> list[tuple[str, list[str]]]:
    """Return our tables and indexes, each as the lines of its SQL in an order that does not depend on who wrote it."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%' ORDER BY name"
        )
        return [(name, sorted(line.strip(" ,\t") for line in sql.splitlines())) for name, sql in found]


def copies(folder: Path) -> list[Path]:
    return list(folder.glob("*before*"))


async def with_a_job(url: str) -> int:
    database = Database(url)
    await with_pictures(database)
    job, _ = await JobStore(database).accept(a_request(), "mine")
    child, _ = await JobStore(database).accept(a_request(), "mine")
    async with database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE job SET parent_id = ? WHERE id = ?", (job.id, child.id))
    await database.close()
    return job.id


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "oneiros.sqlite"


async def test_the_revisions_make_the_tables_that_the_code_speaks_of(url: str, file: Path, tmp_path: Path) -> None:
    await upgrade(url)
    engine = schema_engine(make_url(url))
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    # Alembic does not compare checks and auto-increment: the text of the schema does.
    by_code = create_engine(f"sqlite:///{tmp_path / 'by_code.sqlite'}")
    Base.metadata.create_all(by_code)
    assert schema(file) == schema(tmp_path / "by_code.sqlite")


async def test_a_second_start_changes_nothing(url: str, file: Path, tmp_path: Path) -> None:
    await upgrade(url)
    job_id = await with_a_job(url)
    await upgrade(url)
    database = Database(url)
    assert await JobStore(database).get(job_id) is not None
    await database.close()
    assert copies(tmp_path) == []


async def test_up_down_and_up_again_with_rows(url: str, file: Path) -> None:
    await upgrade(url)
    await with_a_job(url)
    fresh = schema(file)
    engine = schema_engine(make_url(url))
    with engine.begin() as connection:
        command.downgrade(revisions(connection), "base")
    assert schema(file) == []
    await upgrade(url)
    assert schema(file) == fresh
    await with_a_job(url)


async def test_an_older_database_is_copied_then_brought_up_with_its_rows(url: str, file: Path, tmp_path: Path) -> None:
    await upgrade(url)
    job_id = await with_a_job(url)
    before = schema(file)
    await upgrade(url, with_next_revision(tmp_path / "later"))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT mood FROM job WHERE id = ?", (job_id,)).fetchall() == [("calm",)]
        assert connection.execute("SELECT count(*) FROM job WHERE parent_id = ?", (job_id,)).fetchone() == (1,)
    (copy,) = copies(tmp_path)
    assert schema(copy) == before


async def test_a_newer_database_is_refused_with_what_to_do(url: str, tmp_path: Path) -> None:
    await upgrade(url, with_next_revision(tmp_path / "later"))
    with pytest.raises(StoreError, match="Update Oneiros"):
        await upgrade(url)


@pytest.mark.parametrize(
    "more", ["raise RuntimeError('in the middle')", "op.execute('DELETE FROM job WHERE parent_id IS NULL')"]
)
async def test_a_revision_that_fails_or_breaks_references_changes_nothing(
    url: str, file: Path, tmp_path: Path, more: str
) -> None:
    await upgrade(url)
    job_id = await with_a_job(url)
    before = schema(file)
    with pytest.raises((RuntimeError, StoreError)):
        await upgrade(url, with_next_revision(tmp_path / "later", more))
    assert schema(file) == before
    database = Database(url)
    assert await JobStore(database).get(job_id) is not None
    await database.close()


async def test_a_database_of_something_else_is_left_alone(url: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(StoreError, match="something else"):
        await upgrade(url)
    assert [name for name, _ in schema(file)] == ["accounts"]


def test_it_works_from_any_folder(url: str, file: Path, tmp_path: Path) -> None:
    code = f"import asyncio; from bot.store.upgrade import upgrade; asyncio.run(upgrade({url!r}))"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REVISIONS.parent)},
        check=True,
        timeout=60,
    )
    assert {"blob", "job"} <= {name for name, _ in schema(file)}
