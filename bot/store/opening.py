"""Opening the database: the lock, the schema, the connections, in this order; closed in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from bot.store import lock
from bot.store.database import Database, sqlite_file
from bot.store.upgrade import upgrade


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open the database at ``url``, its schema up to date. Raises StoreError with what to do."""
    file = sqlite_file(url)
    with lock.held(file) if file is not None else nullcontext():
        await upgrade(url)
        database = Database(url)
        try:
            yield database
        finally:
            await database.close()
