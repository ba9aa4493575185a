"""What each version left behind: small folders of data, made by that version's own bot, kept in tests/versions.

A zip file each: the database and the pictures as the bot was killed with dreams waiting, and ``places.json``, the ids
of that loopback Discord by name. ``python tests/service/keep_version.py`` makes the one of the version at hand.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from databases import sqlite_url
from sqlalchemy import Connection, MetaData, Table, func, make_url, select, text

from bot.store.upgrade import revisions, schema_engine

FOLDER = Path(__file__).parent / "versions"
DATABASE, PICTURES, PLACES = "oneiros.sqlite", "pictures", "places.json"
VERSIONS = tuple(sorted((file.stem for file in FOLDER.glob("*.zip")), key=lambda one: tuple(map(int, one.split(".")))))
ON_POSTGRES = VERSIONS[2:]  # those before worked with SQLite alone
NEWEST = str(ScriptDirectory.from_config(revisions()).get_current_head())

Rows = dict[str, list[dict[str, Any]]]
Places = dict[str, dict[str, int]]


def unpacked(version: str, data: Path) -> Path:
    """Lay a version's database and pictures into the folder ``data``; returns the database's file."""
    with zipfile.ZipFile(FOLDER / f"{version}.zip") as archive:
        archive.extractall(data, [name for name in archive.namelist() if name != PLACES])
    return data / DATABASE


def _older() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for version in VERSIONS:
            if revision_of(sqlite_url(unpacked(version, Path(folder)))) != NEWEST:
                yield version


def places_of(version: str) -> Places:
    """Return the ids of a version's Discord: kind → name → id."""
    with zipfile.ZipFile(FOLDER / f"{version}.zip") as archive:
        return json.loads(archive.read(PLACES), object_hook=_numbers)  # type: ignore[no-any-return]


def _numbers(found: dict[str, Any]) -> dict[str, Any]:
    return {name: one if isinstance(one, dict) else int(one) for name, one in found.items()}


def places_now(state: dict[str, Any]) -> Places:
    """Return the ids of a loopback Discord that runs, out of what its control API says of it."""
    named = {kind: {_name(one): int(one["id"]) for one in state[kind]} for kind in ("guilds", "channels", "people")}
    return {"application": {"Oneiros": int(state["application_id"])}, **named}


def _name(one: dict[str, Any]) -> str:
    return str(one.get("name") or one["username"])


@contextlib.contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Open a database in one transaction, whatever its schema."""
    engine = schema_engine(make_url(url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def rows_in(url: str) -> Rows:
    """Return every row of every table, in the order of the tables' keys; moments in UTC."""
    with connected(url) as connection:
        return {table.name: _rows(connection, table) for table in _tables(connection)}


def _tables(connection: Connection) -> list[Table]:
    """Return the tables as they are, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if hasattr(value, "tzinfo") and value.tzinfo is None else value


def assert_kept(before: Rows, after: Rows) -> None:
    """Look whether every value of ``before`` is in ``after``, in the columns that both have."""
    for table, rows in before.items():
        there = [{name: one[name] for name in one if name in rows[0]} for one in after[table]] if rows else after[table]
        here = [{name: one[name] for name in one if name in after[table][0]} for one in rows] if after[table] else rows
        assert there == here, table


def revision_of(url: str) -> str:
    """Return the revision that a database is at."""
    with connected(url) as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def replayed(file: Path, url: str) -> None:
    """Write the rows of a SQLite database into an empty one at ``url``, at the same revision."""
    rows, revision = rows_in(sqlite_url(file)), revision_of(sqlite_url(file))
    with connected(url) as connection:
        command.upgrade(revisions(connection), revision)
        for table in _tables(connection):
            if rows[table.name]:
                connection.execute(table.insert(), rows[table.name])
            for column in table.primary_key:
                sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
                if sequence is not None and rows[table.name]:
                    connection.execute(select(func.setval(sequence, func.max(column))))


def renewed(file: Path, ago_s: int = 0) -> None:
    """Let a SQLite database be as if its bot had been killed ``ago_s`` seconds ago: leases and tokens were of then."""
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        last = "SELECT strftime('%s', 'now') - strftime('%s', max(created_at)) FROM job"
        (since_s,) = database.execute(last).fetchone()
        for table, column, kind in _columns(database):
            if kind == "DATETIME":
                then = f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '{since_s - ago_s} seconds')"
                database.execute(f"UPDATE {table} SET {column} = {then} WHERE {column} IS NOT NULL")  # noqa: S608 - our own names


def moved(file: Path, before: Places, now: Places) -> None:
    """Let what a SQLite database says of one loopback Discord be said of another, of what is called the same there."""
    ids = {one: now[kind][name] for kind in before for name, one in before[kind].items() if name in now[kind]}
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        for table, column, kind in _columns(database):
            change = f"{column} = replace({column}, ?1, ?2)" if kind == "JSON" else f"{column} = ?2 WHERE {column} = ?1"
            if kind in {"INTEGER", "BIGINT", "JSON"}:
                database.executemany(f"UPDATE {table} SET {change}", ids.items())  # noqa: S608 - our own names


def _columns(database: sqlite3.Connection) -> list[tuple[str, str, str]]:
    return database.execute(
        "SELECT one.name, of.name, of.type FROM sqlite_master AS one, pragma_table_info(one.name) AS of"
        " WHERE one.type = 'table' AND one.name NOT LIKE 'sqlite%'"
    ).fetchall()


OLDER = tuple(_older())  # the versions whose schema is not the newest: what an upgrade changes
