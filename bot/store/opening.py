"""Opening the database: the lock, the schema, the connections, in this order; closed in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from bot.store import lock
from bot.store.copying import DAMAGED
from bot.store.database import Database, sqlite_file
from bot.store.errors import StoreError
from bot.store.upgrade import check_schema, upgrade

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open the database at ``url``, its schema up to date. Raises StoreError with what to do."""
    url = address(url)
    file = sqlite_file(url)
    with lock.held(file) if file is not None else nullcontext():
        with said(file):
            await upgrade(url)
        database = Database(url)
        try:
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def opened_beside(url: str) -> AsyncIterator[Database]:
    """Open the database at ``url`` to change it, whether a bot works with it or not. Raises StoreError with what to do.

    For what every process looks for by itself: a bot on SQLite is told of nothing that another process does. Where
    nobody works with it the schema is brought up to date; else it must be.
    """
    url = address(url)
    file = sqlite_file(url)
    with said(file):
        try:
            with lock.held(file) if file is not None else nullcontext():
                await upgrade(url)  # and no longer: a bot that is started now must not be turned away
        except lock.BusyError:
            await check_schema(url)
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def opened_to_read(url: str) -> AsyncIterator[Database]:
    """Open the database at ``url`` beside the process that works with it. Raises StoreError with what to do.

    Nothing can be changed through it, and so it takes no lock: SQLite's readers see one state each, whoever writes.
    """
    url = address(url)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise StoreError(f"There is no database at {file} yet: start the bot first, or set DATA_DIR to its folder.")
    with said(file):
        await check_schema(url)
    database = Database(url, read_only=True)
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def said(file: Path | None) -> Iterator[None]:
    """Say what to do where a database cannot be used; ``file``: that of a SQLite one. Raises StoreError."""
    try:
        yield
    except DatabaseError as error:
        if file is None or isinstance(error, OperationalError):
            raise StoreError(
                f"The database of DATABASE_URL cannot be used: {str(error.orig).strip()}. Check that it runs and lets "
                "us in."
            ) from error
        if getattr(error.orig, "sqlite_errorname", None) == "SQLITE_NOTADB":
            raise StoreError(
                f"{file} is no database of SQLite, or its beginning is destroyed: move it away and put a backup in its "
                "place (oneiros db restore), or set DATA_DIR to another folder."
            ) from error
        raise StoreError(DAMAGED) from error


def address(url: str) -> str:
    """Return ``url`` with the driver that we use. Raises StoreError where it leads to no database that we know."""
    try:
        given = make_url(url)
    except ArgumentError:  # its text would show the password
        raise StoreError("DATABASE_URL is no address: write postgresql://person:password@host/database.") from None
    driver = DRIVERS.get(given.get_backend_name())
    if driver is None:
        raise StoreError(f"DATABASE_URL names {given.get_backend_name()}: Oneiros works with SQLite and PostgreSQL.")
    if driver.endswith("psycopg") and find_spec("psycopg") is None:
        raise StoreError("For PostgreSQL its driver must be installed: pip install 'oneiros[postgres]'.")
    return given.set(drivername=driver).render_as_string(hide_password=False)
