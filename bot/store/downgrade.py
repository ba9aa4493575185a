"""Taking the schema one revision back, for an older version of the program: what that one has no room for is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, inspect, make_url

from bot.store import lock
from bot.store.database import sqlite_file
from bot.store.errors import StoreError
from bot.store.opening import address, said
from bot.store.upgrade import (
    REVISIONS,
    back_up,
    check_references,
    current_revision,
    revisions,
    said_of_change,
    schema_engine,
    take_turn,
)


@dataclass(frozen=True)
class Step:
    """One revision back."""

    here: str
    there: str
    loses: str  # in words; empty: nothing
    copy: Path | None = None  # of a SQLite database, as it was before


async def downgrade(url: str, agreed: Callable[[Step], bool], folder: Path = REVISIONS) -> Step | None:
    """Take the database at ``url`` one revision back, all of it or nothing; a SQLite file is copied first.

    ``agreed`` is asked before anything is changed; where it says no, None is returned. Raises StoreError where a bot
    works with the database, and where it is newer than this program, none of ours, or at the first revision.
    """
    url = address(url)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise StoreError(f"There is no database at {file}: set DATA_DIR to its folder.")
    with said(file), lock.held(file) if file is not None else nullcontext():
        step = await asyncio.to_thread(_look, make_url(url), folder)
        return await asyncio.to_thread(_downgrade, make_url(url), step, folder) if agreed(step) else None


def _look(url: URL, folder: Path) -> Step:
    engine = schema_engine(url)
    try:
        with engine.connect() as connection:
            return _step(connection, ScriptDirectory.from_config(revisions(folder=folder)))
    finally:
        engine.dispose()


def _downgrade(url: URL, step: Step, folder: Path) -> Step:
    file = sqlite_file(url)
    engine = schema_engine(url)
    try:
        with engine.begin() as connection:
            take_turn(connection)
            if _step(connection, ScriptDirectory.from_config(revisions(folder=folder))) != step:
                raise StoreError(f"Somebody else has changed the database, which was at revision {step.here}.")
            _check_at_rest(connection)
            copy = back_up(file, step.here) if file is not None else None
            with said_of_change(step.here, step.there):
                command.downgrade(revisions(connection, folder), step.there)
                check_references(connection)
    finally:
        engine.dispose()
    return replace(step, copy=copy)


def _step(connection: Connection, script: ScriptDirectory) -> Step:
    current = current_revision(connection, script)
    found = script.get_revision(current) if current is not None else None
    if found is None or not isinstance(found.down_revision, str):
        raise StoreError(f"The database is at revision {current or 'none'}: there is none before it.")
    return Step(found.revision, found.down_revision, found.module.loses)


def _check_at_rest(connection: Connection) -> None:
    """Look whether a bot works with a database of PostgreSQL's; SQLite's has a lock. Raises StoreError."""
    if connection.dialect.name == "sqlite" or "process" not in inspect(connection).get_table_names():
        return
    alive = "SELECT count(*) FROM process WHERE alive_until > clock_timestamp()"
    if connection.exec_driver_sql(alive).scalar():
        raise StoreError(
            "A bot works with this database, or was killed less than a minute ago: stop all of them, and try again."
        )
