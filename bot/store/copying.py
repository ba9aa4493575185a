"""SQLite files as wholes: copied while somebody works with them, and looked through for damage."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store.errors import StoreError

DAMAGED = (
    "The database is damaged: stop the bot, move the database away and put a backup in its place (oneiros db restore)."
)


def copy(source: Path, target: Path) -> None:
    """Copy a database, as it is at one moment, to a file that is not there yet; writers go on meanwhile."""
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)


def check(file: Path) -> None:
    """Read a database through. Raises StoreError where it is damaged, or none."""
    try:
        with closing(sqlite3.connect(file)) as database:
            # Not SQLite's own mode=ro: without another process it could not open the log that the last one left.
            database.execute("PRAGMA query_only=ON")
            found = database.execute("PRAGMA integrity_check(1)").fetchall()
            broken = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.OperationalError as error:
        raise StoreError(f"The database cannot be read ({error}): check whose it is.") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(DAMAGED) from error
    if found != [("ok",)] or broken is not None:
        raise StoreError(DAMAGED)
