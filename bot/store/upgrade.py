"""Bringing the schema up to date at start: Alembic's revisions, after a copy of an existing SQLite file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import DatabaseError

import migrations
from bot.store import copying
from bot.store.database import BUSY_S, sqlite_file
from bot.store.errors import StoreError

log = logging.getLogger(__name__)

REVISIONS = Path(migrations.__file__).parent
COPY = ".before-leaving-"  # stands between a SQLite file's name and the revision of a copy of it
_SCHEMA = 0x0E1304  # PostgreSQL's advisory locks are numbers; the queue's is in bot.store.database

# It speaks up whenever a database is opened; what an upgrade came to we say ourselves.
logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)


async def upgrade(url: str, folder: Path = REVISIONS) -> None:
    """Bring the schema of the database at ``url`` to the newest revision, all of it or nothing.

    On SQLite, call it with the lock of ``bot.store.lock`` held. Raises StoreError where the database is newer than
    this program, or is none of ours.
    """
    await asyncio.to_thread(_upgrade, make_url(url), folder)


async def check_schema(url: str, folder: Path = REVISIONS) -> str:
    """Return the revision of the database at ``url``; change nothing. Raises StoreError where it is not the newest."""
    return await asyncio.to_thread(_check_schema, make_url(url), folder)


def _check_schema(url: URL, folder: Path) -> str:
    script = ScriptDirectory.from_config(revisions(folder=folder))
    driver = "sqlite" if url.get_backend_name() == "sqlite" else url.drivername
    engine = create_engine(url.set(drivername=driver), hide_parameters=True)
    try:
        with engine.connect() as connection:
            current = current_revision(connection, script)
    finally:
        engine.dispose()
    if current is None or current != script.get_current_head():
        raise StoreError(
            f"The database is at revision {current or 'none'}, and this program needs {script.get_current_head()}: "
            "start the bot, or run oneiros db upgrade."
        )
    return current


def knows(revision: str, folder: Path = REVISIONS) -> bool:
    """Tell whether this program knows a revision: one that it does not is a newer one's."""
    return _known(ScriptDirectory.from_config(revisions(folder=folder)), revision)


def revisions(connection: Connection | None = None, folder: Path = REVISIONS) -> Config:
    """Return Alembic's configuration for the revisions in ``folder``, to be run on ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(url: URL, folder: Path) -> None:
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    script = ScriptDirectory.from_config(revisions(folder=folder))
    head = script.get_current_head()
    engine = schema_engine(url)
    try:
        with engine.begin() as connection:
            take_turn(connection)
            current = current_revision(connection, script)
            if current == head:
                return
            if file is not None and current is not None:
                back_up(file, current)
            with said_of_change(current or "none", head or "none"):
                command.upgrade(revisions(connection, folder), "head")
                check_references(connection)
    finally:
        engine.dispose()
    log.info("the database's schema is now %s (it was %s)", head, current or "empty")


def take_turn(connection: Connection) -> None:
    """Have one process at a time change the schema: of several that start at once, the others then find it done."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA})")


def schema_engine(url: URL) -> Engine:
    """Return an engine to change the schema with: on SQLite without foreign keys.

    Batch mode drops the old table, and with foreign keys on that deletes, by cascade, what refers to it.
    """
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True)
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def current_revision(connection: Connection, script: ScriptDirectory) -> str | None:
    """Return the revision that the database is at, None for an empty one. Raises StoreError."""
    heads = MigrationContext.configure(connection).get_current_heads()
    if len(heads) > 1:
        raise StoreError(
            f"The database says that it is at several revisions ({', '.join(sorted(heads))}): something else than "
            "Oneiros has changed it. Put a backup in its place."
        )
    if not heads:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        if {"blob", "job"} <= tables:
            raise StoreError(
                "The database has tables of Oneiros and does not say of which revision: it is a part of one. Put a "
                "whole backup in its place."
            )
        if tables:
            raise StoreError(
                "DATABASE_URL names a database with tables of something else: give Oneiros one of its own."
            )
        return None
    (current,) = heads
    if not _known(script, current):
        raise StoreError(
            f"The database is at revision {current}, which this version of Oneiros does not know: a newer one has "
            f"worked with it. Update Oneiros to a version with schema {current} or a later one, which CHANGELOG.md "
            f"names, or put back {_left_copy(connection.engine.url, script)}: docs/running.md, Upgrading."
        )
    return current


def _known(script: ScriptDirectory, revision: str) -> bool:
    return revision in {one.revision for one in script.walk_revisions()}


def _left_copy(url: URL, script: ScriptDirectory) -> str:
    """Say which copy this program could go on with: the last that an upgrade made before it left a revision we know."""
    file = sqlite_file(url)
    if file is None:
        return "the dump that you made before that update"
    for one in script.walk_revisions():  # the newest first
        copy = _copy_of(file, one.revision)
        if copy.exists():
            return f"the copy that was made before that update, {copy}"
    return "a backup from before that update"


@contextmanager
def said_of_change(here: str, there: str) -> Iterator[None]:
    """Say what to do where the schema cannot be changed. Raises StoreError; the transaction is then rolled back."""
    try:
        yield
    except DatabaseError as error:
        raise StoreError(
            f"The database could not be brought from revision {here} to {there}, and is as it was: "
            f"{str(error.orig).strip()}. Look whether its disk has room and whose it is, and start again; where "
            "something else has changed its tables, put a backup in its place."
        ) from error


def _copy_of(file: Path, revision: str) -> Path:
    return file.with_name(f"{file.name}{COPY}{revision}")


def back_up(file: Path, revision: str) -> Path:
    """Copy a SQLite database, also one that is in use, beside itself; returns the copy."""
    copy = _copy_of(file, revision)
    unfinished = copy.with_name(copy.name + ".part")
    unfinished.unlink(missing_ok=True)
    copying.copy(file, unfinished)
    unfinished.replace(copy)
    log.info("copied the database to %s before changing its schema", copy)
    return copy


def check_references(connection: Connection) -> None:
    """Look whether every row that another names is there. Raises StoreError."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreError(f"The new schema would leave {len(broken)} broken references: nothing was changed.")
